"""Mutants of what reads uploaded files: attendance reports and tables."""

from tests.mutants.mutant import Mutant

REPORTS = "courses/attendance/imports/reports.py"
READ = "tests/courses/test_meeting_reports.py::"


def files(name, file, old, new, test):
    return Mutant(f"files: {name}", file, ((old, new),), test)


MUTANTS = [
    files(
        "a bare duration is taken for minutes",
        REPORTS,
        "    if unit is None:\n",
        "    unit = times.MINUTE\n    if unit is None:\n",
        f"{READ}test_a_bare_duration_whose_unit_is_not_proven_is_refused",
    ),
    files(
        "a time longer than the meeting is taken",
        REPORTS,
        "        if minutes > longest:\n",
        "        if False:\n",
        f"{READ}test_an_impossible_duration_is_refused",
    ),
]
