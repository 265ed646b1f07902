"""What is one mend taken out, and which test must notice?"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """In one file some text stands in the place of another, and this test must fail."""

    name: str
    file: str
    changes: tuple[tuple[str, str], ...]
    test: str
