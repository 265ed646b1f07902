"""Mutants of who is told of managers to confirm, of drafts for a new role, and after a merger."""

from tests.mutants.mutant import Mutant

TESTS = "tests/leavers/test_waits.py"
NIGHT = "test_what_a_going_that_nobody_saw_left_behind_is_handed_on_by_night"
NEW = "test_a_new_chair_is_told_once_of_each_draft_that_waits"


def replaced(name, file, old, new, test):
    return Mutant(f"handed on: {name}", file, ((old, new),), f"{TESTS}::{test}")


MUTANTS = [
    replaced(
        "a merger waits for the night",
        "agencies/partners.py",
        "            leavers.pass_on()\n",
        "            pass\n",
        "test_an_agency_that_is_merged_hands_on_at_once_what_waits_for_nobody_there",
    ),
    replaced(
        "nobody is told of a manager",
        "agencies/joining.py",
        "    if not told.exists():\n        ask_about_manager(post, besides=by)\n",
        "",
        "test_who_may_confirm_a_manager_is_told_once_a_day_and_who_decided_is_not",
    ),
    replaced(
        "each change of the manager is told",
        "agencies/joining.py",
        "    if not told.exists():\n        ask_about_manager",
        "    if True:\n        ask_about_manager",
        "test_who_may_confirm_a_manager_is_told_once_a_day_and_who_decided_is_not",
    ),
    replaced(
        "a manager to confirm goes with the lead",
        "agencies/leaving/waits.py",
        "JobsToConfirm(), ManagersToConfirm(), ",
        "JobsToConfirm(), ",
        f"{NIGHT}[managers_to_confirm-manager_with_another_lead]",
    ),
    replaced(
        "a new chair is not told",
        "protocols/leavers.py",
        "DraftsOfBoardSteps(), DraftsOfNewMembers(), ",
        "DraftsOfBoardSteps(), ",
        f"{NEW}[given_the_role]",
    ),
    replaced(
        "a chair with a new account is not told",
        "agencies/accounts.py",
        'if was != now and (before or now["groups"]):',
        "if was != now and before:",
        f"{NEW}[made_with_the_role]",
    ),
    replaced(
        "who was chair already is told again",
        "protocols/approval/newcomers.py",
        "not _can(was, its) and _can(now, its)",
        "_can(now, its)",
        "test_who_had_the_role_already_is_not_told_again",
    ),
]
