"""Mutants of merging two accounts, and of undoing it."""

from tests.mutants.mutant import Mutant

TESTS, OFFICE = "tests/agencies/test_merging.py", "tests/agencies/test_merging_office.py"
MOVING, MERGING = "agencies/merging/moving.py", "agencies/merging/merging.py"
SETTLING, COURSES = "agencies/merging/settling.py", "courses/merging.py"
ALL = f"{TESTS}::test_all_that_one_has_moves_and_undoing_puts_all_of_it_back"
BETTER = f"{TESTS}::test_of_two_bookings_of_a_date_the_better_one_stays"


def replaced(name, file, old, new, test):
    return Mutant(f"merging: {name}", file, ((old, new),), test)


MUTANTS = [
    replaced(
        "a many-to-many is left behind",
        MOVING,
        "        if column.many_to_many:\n            through",
        "        if column.many_to_many:\n            continue\n            through",
        ALL,
    ),
    replaced(
        "what both have is moved into a second one",
        MOVING,
        "doubles = self._doubles(model, key) if joins else {}",
        "doubles = {}",
        ALL,
    ),
    replaced(
        "a number that nothing moves is not noticed",
        MOVING,
        "if is_number and not (settler and name in settler.numbers):",
        "if False:",
        f"{TESTS}::test_a_planted_field_that_nothing_moves_fails[number]",
    ),
    replaced(
        "a key of which there is one is not noticed",
        MOVING,
        "any(uniques(model, key)) and not settler_of(rule.name)",
        "False",
        f"{TESTS}::test_a_planted_field_that_nothing_moves_fails[one]",
    ),
    replaced(
        "trying it out changes it",
        MERGING,
        "        act()\n        raise _OnlyTried",
        "        act()",
        f"{TESTS}::test_foreseeing_changes_nothing",
    ),
    replaced(
        "anybody merges",
        MERGING,
        "    refuse_who_may_not(by)\n    if kept.pk == other.pk:",
        "    if kept.pk == other.pk:",
        f"{TESTS}::test_only_the_office_merges_and_undoes",
    ),
    replaced(
        "the office closes its own account",
        MERGING,
        "    if other.pk == by.pk:",
        "    if False:",
        f"{TESTS}::test_who_presses_does_not_close_their_own_account",
    ),
    replaced(
        "a system administrator is merged",
        MERGING,
        "if other.is_superuser or (kept.is_superuser and not by.is_superuser):",
        "if False:",
        f"{TESTS}::test_a_system_administrator_is_not_merged_by_the_office",
    ),
    replaced(
        "a session of the closed account lives again",
        MERGING,
        "    Person.objects.filter(pk=other.pk).update(password=make_password(None))\n",
        "",
        f"{TESTS}::test_who_was_signed_in_to_the_closed_account_is_signed_out_for_good",
    ),
    replaced(
        "an address is taken from the account that uses it",
        MERGING,
        "    if other.email == address_of_closed(other):",
        "    if False:",
        f"{TESTS}::test_an_address_that_became_the_kept_accounts_own_is_not_taken_away",
    ),
    replaced(
        "a merge is undone below a later one",
        MERGING,
        "    if later := merged_into(kept):",
        "    if later := None:",
        f"{TESTS}::test_the_later_merge_is_undone_first",
    ),
    replaced(
        "what changed since is overwritten",
        "agencies/merging/undoing.py",
        "pk__in=[row.row for row in rows], **now)",
        "pk__in=[row.row for row in rows])",
        f"{TESTS}::test_what_changed_since_stays_and_is_said_before",
    ),
    replaced(
        "a closed account is opened though it was merged",
        "agencies/accounts.py",
        "    if into := person.pk and",
        "    if into := False and",
        f"{TESTS}::test_a_closed_account_cannot_be_changed_while_it_is_merged",
    ),
    replaced(
        "an agency is led by whom nobody made its lead",
        SETTLING,
        "            moving.change(Post, [job.pk], is_lead=False)\n",
        "",
        f"{TESTS}::test_no_role_and_no_agency_to_lead_moves",
    ),
    replaced(
        "somebody is their own line manager",
        SETTLING,
        "        self._manage_nobody_of_their_own(moving)\n",
        "",
        f"{TESTS}::test_nobody_becomes_their_own_line_manager",
    ),
    replaced(
        "an address that one account has proved is proved no more",
        SETTLING,
        "if each.verified and not same.verified:",
        "if False:",
        f"{TESTS}::test_an_address_of_both_is_kept_once_and_verified_if_one_is",
    ),
    replaced(
        "the worse of two bookings stays",
        COURSES,
        "stays, ends = sorted(",
        "ends, stays = sorted(",
        BETTER,
    ),
    replaced(
        "a place that was given back goes to nobody",
        COURSES,
        "            moving.freed.append(run.pk)",
        "            pass",
        f"{TESTS}::test_a_place_that_is_given_back_goes_to_who_waits_and_then_stays_there",
    ),
    replaced(
        "undoing books more than there are places",
        COURSES,
        "(needs_place and run.is_full)",
        "False",
        f"{TESTS}::test_a_place_that_is_given_back_goes_to_who_waits_and_then_stays_there",
    ),
    replaced(
        "two who came are one",
        COURSES,
        "        if len(came) == 2:",
        "        if False:",
        f"{TESTS}::test_one_who_came_stays_and_two_who_came_are_refused",
    ),
    replaced(
        "an account comes to approve its own booking",
        COURSES,
        "        _refuse_own_approval(moving)\n",
        "",
        f"{TESTS}::test_no_account_comes_to_decide_its_own_request",
    ),
    replaced(
        "a draft brings back who has no account any more",
        "protocols/merging.py",
        "moving.change(Revision, [draft.pk], content=content)",
        "pass",
        f"{TESTS}::test_a_draft_that_is_published_later_names_the_account_that_stays",
    ),
    replaced(
        "somebody is added though their name is there",
        "agencies/back_office/people.py",
        '        elif not cleaned.get("is_another"):',
        "        elif False:",
        f"{OFFICE}::test_who_has_that_name_is_shown_before_somebody_is_added",
    ),
]
