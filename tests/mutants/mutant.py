"""Definition of a mutant: one fix undone, and the test that must fail."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """Text replaced in one file, and the test that must then fail."""

    name: str
    file: str
    changes: tuple[tuple[str, str], ...]
    test: str
