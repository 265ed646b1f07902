"""Mutants of who has what waited for somebody who has left, and of words that were untrue."""

from tests.mutants.mutant import Mutant

WAITS = "tests/leavers/test_waits.py"
CLOSED = f"{WAITS}::test_a_closed_account_hands_on_at_once_what_waits_for_it"
ROLE = f"{WAITS}::test_who_loses_the_role_hands_on_at_once"
NIGHT = f"{WAITS}::test_what_a_going_that_nobody_saw_left_behind_is_handed_on_by_night"
AGREED = "tests/protocols/test_agreements.py"
WORDS = "tests/test_true_words.py"
CASCADE = "tests/protocols/test_cascade_office.py"


def replaced(name, file, old, new, test):
    return Mutant(name, file, ((old, new),), test)


def unwatched(wait, name, test):
    """Build a mutant in which one kind of wait is handed on by nobody."""
    return replaced(
        f"{name}: nobody hands it on", "courses/leavers.py", f"    {wait}(),\n", "", test
    )


MUTANTS = [
    replaced(
        "a closed account hands nothing on",
        "agencies/accounts.py",
        "        leavers.pass_on()\n",
        "        pass\n",
        f"{CLOSED}[bookings_of_closed_accounts-place]",
    ),
    replaced(
        "who leads no longer hands nothing on",
        "agencies/joining.py",
        "        leavers.pass_on()\n    return post\n\n\n@transaction.atomic\ndef vouch(",
        "    return post\n\n\n@transaction.atomic\ndef vouch(",
        f"{ROLE}[lead_alone]",
    ),
    replaced(
        "who leaves hands nothing on",
        "agencies/joining.py",
        "    leavers.pass_on()\n    return post\n\n\n@transaction.atomic\ndef move(",
        "    return post\n\n\n@transaction.atomic\ndef move(",
        f"{ROLE}[manager_with_lead]",
    ),
    unwatched("RequestsToLeads", "a request with a lead", f"{NIGHT}[requests_to_leads-lead_alone]"),
    unwatched("BookingsOfClosedAccounts", "a place", f"{NIGHT}[bookings_of_closed_accounts-place]"),
    unwatched("DeliveriesAsked", "a delivery asked", f"{NIGHT}[deliveries_asked-delivery]"),
    unwatched("DatesToDeliver", "a date to deliver", f"{NIGHT}[dates_to_deliver-date_to_deliver]"),
    replaced(
        "an owner that was not asked is lacking once it has a lead",
        "protocols/approval/approval.py",
        "    if not steps:\n        were_asked",
        "    if False:\n        were_asked",
        f"{AGREED}::test_a_scheduled_version_is_in_force_though_an_owner_got_its_first_lead_meanwhile",
    ),
    replaced(
        "owners whom nobody asks are passed over in silence",
        "protocols/approval/agreements.py",
        "    return [each.agency for each in owners if each.agency_id not in asked | agreed]",
        "    return []",
        f"{AGREED}::test_owners_without_an_account_are_named_before_submitting_and_on_versions",
    ),
    replaced(
        "the version does not say where somebody agreed",
        "protocols/approval/approval.py",
        "    return stored | (",
        "    return stored or (",
        f"{AGREED}::test_the_committees_decision_is_recorded_for_a_chair_who_never_signs_in",
    ),
    replaced(
        "a step that nobody can answer is said to nobody",
        "protocols/models/approvals.py",
        "    if not stuck.who_acts(",
        "    if False and not stuck.who_acts(",
        f"{AGREED}::test_a_step_that_nobody_can_answer_is_said_at_once_and_on_versions",
    ),
    replaced(
        "an agency with nobody to ask counts as sent",
        "protocols/models/disseminations.py",
        "        if self.has_nobody:",
        "        if False:",
        f"{CASCADE}::test_an_agency_with_nobody_to_ask_is_never_sent_and_never_overdue",
    ),
    replaced(
        "a confirmed place is kept until a moment",
        "courses/back_office/bookings/bookings.py",
        "if is_asked and made.holds_place else",
        "if made.held_until else",
        f"{WORDS}::test_only_a_request_has_a_place_that_is_kept_until_a_moment[confirmed]",
    ),
    replaced(
        "a refresh day has passed on the day itself",
        "certificates/models.py",
        "self.refresh_on < timezone.localdate()",
        "self.refresh_on <= timezone.localdate()",
        f"{WORDS}::test_a_refresh_day_has_not_passed_on_the_day_itself[0-valid]",
    ),
    replaced(
        "a date weeks away is below its minimum",
        "courses/scheduling/minimum_numbers.py",
        "    return starts < (",
        "    return starts > (",
        "tests/courses/test_back_office.py"
        "::test_dates_are_found_by_course_state_and_whether_they_are_to_come",
    ),
    replaced(
        "somebody is in the queue of a date that is over",
        "courses/models/bookings.py",
        "models.When(IN_QUEUE & to_come,",
        "models.When(IN_QUEUE,",
        f"{WORDS}::test_nobody_is_in_the_queue_of_a_date_that_is_over",
    ),
    replaced(
        "a venue is used 0 times",
        "agencies/back_office/recorded.py",
        'return super().get_common_view_kwargs(**{"usage_url_name": None, **kwargs})',
        "return super().get_common_view_kwargs(**kwargs)",
        f"{WORDS}::test_a_venue_in_use_is_not_used_0_times",
    ),
    replaced(
        "a change of job passes over the new agency's cap",
        "courses/booking/changing_job.py",
        "    if made.holds_place and PlaceQuotas(run)",
        "    if False and PlaceQuotas(run)",
        "tests/courses/test_changing_job.py"
        "::test_an_agency_that_has_all_of_its_places_gets_no_other_by_a_change",
    ),
]
