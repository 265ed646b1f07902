"""Write and read what a backup consists of, with the digest of each file and the rows by table."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from lms.refused import Refused
from lms.storage import durable_files

NAME = "manifest.json"
FORMAT = 1
A_PIECE = 1024 * 1024
# Problems named in one sentence; the rest are counted.
MOST_NAMED = 3


class BackupRefused(Refused):
    """Reason why a backup is not made, not whole or not restored, as one sentence."""


@dataclass
class Manifest:
    """Contents of a backup: `files` maps a path within it to its size and its SHA-256."""

    made_at: str
    site: str
    vendor: str
    database: str
    versions: str
    migrations: list[str]
    rows: dict[str, int]
    files: dict[str, tuple[int, str]]
    # Files that a row names and no storage has.
    missing: list[str] = field(default_factory=list)
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        durable_files.write(folder / NAME, json.dumps(asdict(self), indent=1).encode())

    def stored_files(self) -> list[tuple[str, str, str]]:
        """List (path within the backup, alias of the storage, name there)."""
        parts = [(path, path.split("/", 2)) for path in self.files]
        return [(path, split[1], split[2]) for path, split in parts if split[0] == "files"]


def load(folder: Path) -> Manifest:
    """Read the manifest of a backup; raise BackupRefused if there is none that is ours."""
    try:
        said = json.loads((folder / NAME).read_bytes())
        found = Manifest(**said | {"files": {p: (s, d) for p, (s, d) in said["files"].items()}})
        _refuse_unsound(found)
    except FileNotFoundError:
        raise BackupRefused(f"{folder} is no finished backup: it has no {NAME}.") from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BackupRefused(f"{folder / NAME} cannot be read ({type(error).__name__}).") from None
    if found.format != FORMAT:
        raise BackupRefused(f"{folder} was made by a newer version of this site.")
    return found


def _refuse_unsound(found: Manifest) -> None:
    """Raise ValueError or TypeError where what restoring needs later is not what we write."""
    if datetime.fromisoformat(found.made_at).tzinfo is None:
        raise ValueError(found.made_at)
    if found.database not in found.files:
        raise ValueError(found.database)
    if not all(isinstance(many, int) for many in found.rows.values()):
        raise TypeError(found.rows)
    if not all(isinstance(name, str) for name in found.migrations):
        raise TypeError(found.migrations)


def check(folder: Path) -> Manifest:
    """Return the manifest; raise BackupRefused unless each file is there and is what it was."""
    kept = load(folder)
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    wrong = [f"{path} is missing" for path in sorted(kept.files.keys() - there)]
    wrong += [f"{path} does not belong to it" for path in sorted(there - kept.files.keys())]
    wrong = [each for each in wrong if not each.startswith(f"{NAME} ")]
    for path in sorted(kept.files.keys() & there):
        with (folder / path).open("rb") as opened:
            if digest(opened) != kept.files[path]:
                wrong.append(f"{path} is not what was kept")
    if wrong:
        more = len(wrong) - MOST_NAMED
        named = "; ".join(wrong[:MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")
        raise BackupRefused(f"The backup in {folder} is damaged: {named}.")
    return kept


def digest(opened) -> tuple[int, str]:
    """Return the size and the SHA-256 of what is left to read."""
    size, sha256 = 0, hashlib.sha256()
    while piece := opened.read(A_PIECE):
        size += len(piece)
        sha256.update(piece)
    return size, sha256.hexdigest()
