"""Bar chart of the agencies and professions of those on a run, and its text alternative."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from lms.web import charts

# More parts than this are merged as 'others': no more shades can be told apart.
MOST = 6


def bar(names: Iterable[str]) -> charts.Chart:
    """Draw a bar from one name per person."""
    return charts.of_parts(counted(names))


def counted(names: Iterable[str]) -> list[tuple[str, int]]:
    """Count the names: largest first, the smallest merged as 'others'."""
    each = sorted(Counter(names).items(), key=lambda one: (-one[1], one[0]))
    shown = each if len(each) <= MOST else each[: MOST - 1]
    rest = sum(number for _, number in each[len(shown) :])
    return [*shown, (f"{len(each) - len(shown)} others", rest)] if rest else shown
