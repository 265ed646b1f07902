"""Read the zip of a package: refuse what is unsafe or too large before anything is unpacked."""

from __future__ import annotations

import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO

from lms.refused import Refused

MB = 1024**2
MOST_BYTES = 600 * MB
MOST_UNPACKED = 2048 * MB
MOST_FILES = 20_000
# Text packs well, and 200 times is more than any text does: larger files beyond it are a trap.
MOST_RATIO = 200
RATIO_FROM = 10 * MB
PIECE = 256 * 1024
MANIFEST = "imsmanifest.xml"
# Left by the tools that packed it, and no part of it.
LITTER = {"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"}
ASK_FOR_SCORM = "Ask for SCORM 1.2 or SCORM 2004 when you export it"
# Raised by zipfile for what is damaged, or packed in a way that it does not know.
DAMAGED = (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError)
# Files by which packages are known that are not brought in: see `_why_not_scorm`.
OTHERS = {
    "cmi5.xml": f"This is a cmi5 package, which this site can’t play. {ASK_FOR_SCORM}.",
    "tincan.xml": "This is an xAPI (Tin Can) package, which this site can’t play. "
    f"{ASK_FOR_SCORM}.",
    "h5p.json": "This is an H5P file, which this site can’t play. Export it as SCORM 1.2 from Lumi "
    "or from the site where it was made.",
}
AICC = (".au", ".crs", ".cst", ".des")


class PackageRefused(Refused):
    """A package that can’t be brought in; the message says why, and what to do."""


@dataclass
class Archive:
    """Zip whose directory was found sound; `names` maps clean paths to its entries.

    `notes` says in sentences what was put right.
    """

    zip: zipfile.ZipFile
    names: dict[str, zipfile.ZipInfo]
    notes: list[str] = field(default_factory=list)
    read_bytes: int = 0

    def content_of(self, name: str) -> bytes:
        return b"".join(self.pieces(name))

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield the file in pieces, counted while it is read, whatever the directory says.

        Raises PackageRefused for a damaged file and above the limits.
        """
        info, size = self.names[name], 0
        try:
            with self.zip.open(info) as file:
                while piece := file.read(PIECE):
                    size += len(piece)
                    self.read_bytes += len(piece)
                    if self.read_bytes > MOST_UNPACKED:
                        raise PackageRefused(TOO_LARGE_UNPACKED)
                    if size > RATIO_FROM and size > MOST_RATIO * max(info.compress_size, 1):
                        raise PackageRefused(_trap(name))
                    yield piece
        except (zlib.error, lzma.LZMAError, *DAMAGED) as error:
            raise PackageRefused(
                f"The file ‘{name}’ in the zip is damaged. Export the package again."
            ) from error


TOO_LARGE_UNPACKED = (
    f"Unpacked, the package is larger than {MOST_UNPACKED // MB // 1024} GB. "
    "Make its videos smaller, or split it."
)


def open_archive(file: IO[bytes], size: int) -> Archive:
    """Open a zip and check its directory: sizes, names and kinds of its entries.

    Raises PackageRefused. Nothing is unpacked; `pieces` checks again what is read.
    """
    if size > MOST_BYTES:
        raise PackageRefused(
            f"The package is larger than {MOST_BYTES // MB} MB. Make its videos smaller, or split "
            "it."
        )
    try:
        opened = zipfile.ZipFile(file)
        entries = opened.infolist()
    except DAMAGED as error:
        raise PackageRefused(
            "This is not a zip file, or it is damaged. Choose the zip that the authoring tool made."
        ) from error
    archive = Archive(opened, {})
    _refuse_sizes(entries)
    seen: dict[str, str] = {}
    for entry in entries:
        name = _clean(entry.orig_filename)
        if entry.is_dir() or name.endswith("/") or _is_litter(name):
            continue
        _refuse_kind(entry, name)
        if (other := seen.setdefault(name.casefold(), name)) != name or name in archive.names:
            raise PackageRefused(
                f"‘{other}’ and ‘{name}’ have the same name, but for capitals. Rename one of them."
            )
        if name != entry.orig_filename and not any("\\" in note for note in archive.notes):
            archive.notes.append("Paths with \\ were turned into paths with /.")
        archive.names[name] = entry
    _lift_common_folder(archive)
    if MANIFEST not in archive.names:
        raise PackageRefused(_why_not_scorm(archive))
    return archive


def _refuse_sizes(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_FILES:
        raise PackageRefused(f"The package has more than {MOST_FILES:,} files. Split it.")
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise PackageRefused(TOO_LARGE_UNPACKED)
    for entry in entries:
        packed = max(entry.compress_size, 1)
        if entry.file_size > RATIO_FROM and entry.file_size > MOST_RATIO * packed:
            raise PackageRefused(_trap(entry.filename))


def _trap(name: str) -> str:
    return (
        f"The file ‘{name}’ unpacks to more than {MOST_RATIO} times its size, as files made to "
        "fill a disk do. Export the package again."
    )


def _clean(name: str) -> str:
    """Return the path with /, or refuse one that leads out of the package."""
    path = name.replace("\\", "/")
    parts = PurePosixPath(path).parts
    leads_out = path.startswith("/") or ".." in parts or "\0" in path
    if leads_out or (len(path) > 1 and path[1] == ":"):
        shown = name.replace("\0", "␀")[:120]
        raise PackageRefused(
            f"The path ‘{shown}’ in the zip leads out of the package, so it isn’t safe to open."
        )
    return path if path.endswith("/") else str(PurePosixPath(path))


def _is_litter(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return not parts or parts[0] in LITTER or parts[-1] in LITTER


def _refuse_kind(entry: zipfile.ZipInfo, name: str) -> None:
    if entry.flag_bits & 0x1:
        raise PackageRefused("The zip has a password. Export the package without one.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise PackageRefused(
            f"‘{name}’ is a link to another file and not a file. Zip the files themselves."
        )


def _lift_common_folder(archive: Archive) -> None:
    """Leave out the one folder that everything is in, when the manifest is at its top."""
    tops = {name.partition("/")[0] for name in archive.names}
    if len(tops) != 1:
        return
    top = f"{tops.pop()}/"
    if f"{top}{MANIFEST}" in archive.names:
        archive.names = {name.removeprefix(top): each for name, each in archive.names.items()}
        archive.notes.append(f"Everything is in the folder ‘{top[:-1]}’, which was left out.")


def _why_not_scorm(archive: Archive) -> str:
    last = {PurePosixPath(name).name.lower(): name for name in archive.names}
    for known, sentence in OTHERS.items():
        if known in last:
            return sentence
    if any(name.endswith(AICC) for name in last):
        return f"This is an AICC package, which this site can’t play. {ASK_FOR_SCORM}."
    if MANIFEST in last:
        found = last[MANIFEST]
        if PurePosixPath(found).name != MANIFEST:
            return f"Its manifest is called ‘{found}’: rename it {MANIFEST}, in small letters."
        return (
            f"Its manifest is in the folder ‘{PurePosixPath(found).parent}’. Zip what is in that "
            "folder, and not the folders around it."
        )
    if any(name.endswith(".zip") for name in last):
        return "There is another zip in this zip. Unpack it, and choose the zip inside."
    return (
        f"This zip has no {MANIFEST}, so it isn’t a SCORM package. {ASK_FOR_SCORM}, or choose the "
        "zip that the authoring tool made."
    )
