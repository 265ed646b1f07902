"""Mutants of who is told that a charge has fallen away."""

from tests.mutants.mutant import Mutant

TESTS = "tests/courses/test_charges_told.py"
LATE = "test_who_was_told_of_a_late_charge_is_told_once_that_it_fell_away"
CAME = "test_who_came_after_all_is_told_and_of_a_correction_back_too"


def replaced(name, file, old, new, test):
    return Mutant(f"charges told: {name}", file, ((old, new),), f"{TESTS}::{test}")


MUTANTS = [
    replaced(
        "the organiser's cancelling is not told",
        "courses/scheduling/scheduling.py",
        "        charged.compare(run)\n",
        "",
        f"{LATE}[cancelled_by_the_organiser]",
    ),
    replaced(
        "a waiver is not told",
        "courses/booking/waiving.py",
        "    charged.compare_one(waived)\n",
        "",
        f"{LATE}[waived_by_the_office]",
    ),
    replaced(
        "who came after all is not told",
        "courses/attendance/register.py",
        "        charged.compare(run)\n",
        "",
        CAME,
    ),
    replaced(
        "a correction is not told",
        "courses/attendance/register.py",
        "\n    charged.compare(run)\n",
        "\n",
        CAME,
    ),
    replaced(
        "who was never told is written to",
        "courses/notices/charged.py",
        "            if mail.template not in TOLD_OF or _says(mail.text, charge):\n",
        "            if True:\n",
        "test_a_mail_that_named_no_charge_told_of_none",
    ),
    replaced(
        "it is told each time",
        "courses/notices/charged.py",
        "(told.template != FELL_AWAY) != is_owed",
        "not is_owed",
        f"{LATE}[cancelled_by_the_organiser]",
    ),
]
