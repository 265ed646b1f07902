"""Pack the fixture of a release into a few files, and unpack it for the test."""

import io
import lzma
import tarfile
from pathlib import Path

MADE_AT = "90adb9c"
FOLDER = Path(__file__).parent / "fixtures" / MADE_AT
MOST_BYTES = 2 * 1024 * 1024


def database_of(vendor):
    """Return the archive's path: of the SQLite file, or of a plain PostgreSQL dump."""
    return FOLDER / f"{vendor}-database.xz"


def files_of(vendor):
    return FOLDER / f"{vendor}-files.tar.xz"


def pack(vendor, database, data_folder):
    FOLDER.mkdir(parents=True, exist_ok=True)
    database_of(vendor).write_bytes(_compressed(database))
    files_of(vendor).write_bytes(_compressed(_as_tar(data_folder)))


def _compressed(content):
    return lzma.compress(content, preset=9 | lzma.PRESET_EXTREME)


def _as_tar(folder):
    """Build a reproducible tar, without owners and times."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as tar:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            member = tarfile.TarInfo(str(path.relative_to(folder)))
            member.size = path.stat().st_size
            with path.open("rb") as content:
                tar.addfile(member, content)
    return written.getvalue()


def database(vendor):
    return lzma.decompress(database_of(vendor).read_bytes())


def unpack_files(vendor, folder):
    with tarfile.open(files_of(vendor)) as tar:
        # Debian 12's Python knows no filter yet; what is in there was packed by this module.
        safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        tar.extractall(folder, **safely)
