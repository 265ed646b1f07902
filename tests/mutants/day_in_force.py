"""Mutants of the day from which an approved version is in force."""

from tests.mutants.mutant import Mutant

TESTS = "tests/protocols/test_day_in_force.py"
PLANNING = "protocols/editions/planning.py"


def replaced(name, file, old, new, test):
    return Mutant(f"day in force: {name}", file, ((old, new),), f"{TESTS}::{test}")


MUTANTS = [
    replaced(
        "a middle step reads the day too",
        "protocols/approval/outcome.py",
        "    if approval.lacking(",
        "    if False and approval.lacking(",
        "test_whoever_approves_last_sees_the_day_and_nobody_before",
    ),
    replaced(
        "the day is part of what is approved",
        "protocols/drafts/content.py",
        "for each in (without_the_day(facts), facts)",
        "for each in (facts, facts)",
        "test_the_day_is_moved_without_approving_anew_but_the_text_is_not",
    ),
    replaced(
        "approvals from before are given up",
        "protocols/approval/approval.py",
        "digest__in=content.digests(facts)",
        "digest=content.digest(facts)",
        "test_approvals_from_when_they_were_of_the_day_too_still_count",
    ),
    replaced(
        "a late approval is in force from the planned day",
        "protocols/drafts/content.py",
        "    return max(page.in_force_from or today, today)",
        "    return page.in_force_from or today",
        "test_what_is_approved_after_its_planned_day_is_in_force_from_that_day",
    ),
    replaced(
        "a late job moves the day",
        "protocols/editions/editions.py",
        "    if scheduled:\n        return timezone.localdate(scheduled)\n",
        "",
        "test_the_version_says_when_it_was_approved_and_from_when_it_is_in_force",
    ),
    replaced(
        "a second version drops the first that waits",
        PLANNING,
        "            if other.pk > revision.pk or other.approved_go_live_at < on:\n",
        "            if False:\n",
        "test_two_that_wait_for_their_days_come_in_their_order",
    ),
    replaced(
        "versions are moved past each other",
        PLANNING,
        "    _refuse_out_of_order(page, revision, on)\n",
        "",
        "test_two_that_wait_for_their_days_come_in_their_order",
    ),
    replaced(
        "a day that has passed is taken",
        "protocols/models/pages.py",
        "        if on and on < timezone.localdate() and",
        "        if False and",
        "test_the_editor_gives_the_day_in_the_page_and_none_that_has_passed",
    ),
    replaced(
        "Wagtail calls it off, unrecorded",
        "protocols/models/pages.py",
        "    def can_unschedule(self):",
        "    def may_unschedule(self):",
        "test_wagtails_own_page_calls_nothing_off",
    ),
    replaced(
        "the reason of one that waits is taken",
        PLANNING,
        "        _refuse_reason_of_one_before(page, revision, draft)\n",
        "",
        "test_one_that_gives_the_reason_of_one_before_it_is_refused_when_it_is_approved",
    ),
    replaced(
        "what is due is not looked at again",
        "protocols/editions/scheduling.py",
        "            if (now_due := _due().filter(pk=revision.pk).first()) is None:\n",
        "            if (now_due := revision) is None:\n",
        "test_what_the_job_has_read_as_due_is_looked_at_again",
    ),
]
