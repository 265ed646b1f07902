"""Mutants of the register of what was told: each door that forgets somebody is noticed."""

from tests.mutants.jobs import unguarded
from tests.mutants.mutant import Mutant

TOLD = "tests/courses/test_told.py"
DOORS = f"{TOLD}::test_everybody_concerned_is_told_whichever_door_changed_it"


def replaced(name, file, old, new, test):
    return Mutant(name, file, ((old, new),), test)


def forgotten(part):
    """Build a mutant that does not count one part of a date as told."""
    door = {"where": "readdressed", "travel": "how_to_get_there"}.get(part, part)
    return replaced(
        f"told: {part} does not count",
        "courses/notices/told.py",
        f'    "{part}": "',
        f'    "not_{part}": "',
        f"{DOORS}[{door}]",
    )


MUTANTS = [
    unguarded(
        "courses.scheduling.telling.tell_again", "told_otherwise", "jobs.for_each(tell_again"
    ),
    unguarded("courses.scheduling.telling.compare", "to_be_compared", "jobs.for_all(compare"),
    forgotten("where"),
    forgotten("travel"),
    forgotten("joining_instructions"),
    replaced(
        "told: a change of the instructions alone tells nobody",
        "courses/scheduling/scheduling.py",
        "        booking.fill_free_places(run, by=by)\n        telling.tell(run)\n    return run",
        "        booking.fill_free_places(run, by=by)\n    return run",
        f"{DOORS}[joining_instructions]",
    ),
    replaced(
        "told: a venue's address tells nobody",
        "courses/scheduling/shared_facts.py",
        "            telling.look_again(dates_to_come(thing))\n",
        "            pass\n",
        "tests/courses/test_told.py::test_a_venue_is_told_of_within_a_minute",
    ),
    replaced(
        "told: a trainer who is put on has no mail",
        "courses/scheduling/telling.py",
        "            who.put_on.append(person)\n",
        "            pass\n",
        f"{DOORS}[trainer_exchanged_by_form]",
    ),
    replaced(
        "told: a trainer of a cancelled date has no mail",
        "courses/scheduling/scheduling.py",
        "        telling.tell(run, reason=reason)\n",
        "",
        f"{DOORS}[cancelled]",
    ),
    replaced(
        "told: a calendar entry keeps its number though it says something else",
        "courses/notices/told.py",
        'had["sequence"] + bool(is_other)',
        'had["sequence"]',
        f"{DOORS}[readdressed]",
    ),
    replaced(
        "told: a clash is not mentioned",
        "courses/rules/clashes.py",
        "        if others:\n",
        "        if False:\n",
        f"{TOLD}::test_a_date_moved_onto_another_place_says_so",
    ),
    replaced(
        "told: more than a correction goes without email",
        "courses/scheduling/telling.py",
        "    if wrong := [name for name in names if name not in told.CORRECTABLE]:",
        "    if wrong := [name for name in () if name not in told.CORRECTABLE]:",
        f"{TOLD}::test_a_change_of_times_place_link_or_trainer_is_no_small_correction",
    ),
    replaced(
        "told: anybody may hold emails back",
        "courses/scheduling/telling.py",
        "    if not access.is_training_administrator(by):\n",
        "    if False:\n",
        f"{TOLD}::test_only_a_training_administrator_holds_emails_back_and_says_why",
    ),
]
MUTANTS += [
    unguarded("certificates.telling.tell_ends", "certificates_that_ended", "jobs.for_all(tell_end"),
    replaced(
        "told: a corrected certificate's holder is not told",
        "certificates/issuing.py",
        "            telling.tell_end(replaced)\n",
        "",
        "tests/certificates/test_told.py::test_the_holder_is_told_once_whichever_door_ended_it",
    ),
    replaced(
        "told: a revoked certificate's holder is told by night alone",
        "certificates/issuing.py",
        "        telling.tell_end(revoked)\n    return revoked\n",
        "    return revoked\n",
        "tests/certificates/test_told.py::test_the_holder_is_told_once_whichever_door_ended_it",
    ),
    replaced(
        "told: a withdrawn completion tells nobody of the bookings that need it",
        "courses/completion/completing.py",
        "            _tell_of_prerequisites(completions)\n",
        "            pass\n",
        "tests/certificates/test_told.py::"
        "test_who_is_booked_and_lacks_the_course_before_is_told_and_so_is_the_office",
    ),
]
ASKED = f"{TOLD}::test_whoever_was_asked_to_decide_is_told_what_changed_once"
MUTANTS += [
    replaced(
        "told: who confirms a job is not told that the date has moved",
        "courses/scheduling/asking.py",
        "    found = unconfirmed_jobs.tell_changed(of_jobs) + approval.tell_changed(to_approve)\n",
        "    found = approval.tell_changed(to_approve)\n",
        f"{ASKED}[moved]",
    ),
    replaced(
        "told: a manager who was asked is not told that the date has moved",
        "courses/scheduling/asking.py",
        "    found = unconfirmed_jobs.tell_changed(of_jobs) + approval.tell_changed(to_approve)\n",
        "    found = unconfirmed_jobs.tell_changed(of_jobs)\n",
        f"{ASKED}[moved]",
    ),
    replaced(
        "told: a trainer who was asked is not told that the date is cancelled",
        "courses/scheduling/asking.py",
        "            who.not_needed.append(request)\n",
        "            pass\n",
        f"{ASKED}[cancelled]",
    ),
    replaced(
        "told: by night nobody looks at who was asked",
        "courses/scheduling/telling.py",
        "    if asking.compared(run, facts, known, bookings, requests):\n",
        "    if False:\n",
        f"{TOLD}::test_who_was_asked_reads_a_cost_that_has_changed",
    ),
    replaced(
        "told: the day by which to answer does not count",
        "courses/notices/told.py",
        '    "until": "the day by which',
        '    "not_until": "the day by which',
        f"{TOLD}::test_the_lead_reads_until_when_the_place_is_kept_after_the_date_has_moved",
    ),
    replaced(
        "told: the leads are looked up request by request",
        "courses/booking/unconfirmed_jobs.py",
        "            leads=leads[request.pk],\n",
        "",
        "tests/courses/test_queries_under_lock.py::"
        "test_a_verb_asks_as_often_for_three_people_as_for_thirty[move_what_many_were_asked_about]",
    ),
    replaced(
        "told: the name of a course does not count",
        "courses/notices/told.py",
        '    "title": "the name',
        '    "not_title": "the name',
        f"{DOORS}[course_renamed]",
    ),
    replaced(
        "told: who was told before names counted is written to",
        "courses/notices/told.py",
        'SINCE_LATER = {"title"}',
        "SINCE_LATER: set[str] = set()",
        f"{TOLD}::test_who_was_told_before_the_register_knew_names_is_not_written_to",
    ),
]
MUTANTS += [
    replaced(
        "told: who was told of an absence is not told that it was wrong",
        "courses/attendance/register.py",
        "    _tell_no_longer_absent(run, lines, reason)\n",
        "",
        "tests/courses/test_register_corrections.py::"
        "test_who_was_told_that_they_did_not_come_is_told_when_the_register_says_otherwise",
    ),
    replaced(
        "told: whose job the lead ends is not told",
        "agencies/joining.py",
        "        _tell_of_last_day(post, by)\n",
        "        pass\n",
        "tests/agencies/test_joining.py::test_whose_last_day_somebody_else_gives_is_told_once",
    ),
    replaced(
        "told: a new policy charges more than people were told",
        "courses/rules/policy.py",
        "            run.costs_at_most = told\n",
        "            pass\n",
        "tests/courses/test_deadlines.py::"
        "test_who_did_not_come_is_charged_what_they_were_told_after_the_date_too",
    ),
    replaced(
        "told: a new policy charges for days that were free",
        "courses/rules/policy.py",
        "            run.free_through = deadlines.last_free_day(until)\n",
        "            pass\n",
        "tests/courses/test_deadlines.py::"
        "test_a_new_policy_charges_nobody_for_a_day_that_was_free_when_they_were_told",
    ),
]
ENDS = (
    "tests/protocols/test_alerts.py::"
    "test_who_had_an_alert_or_the_email_of_their_agency_is_told_of_the_end_and_its_undoing"
)
MUTANTS += [
    replaced(
        "told: a subscriber is not told that a protocol is withdrawn",
        "protocols/editions/editions.py",
        '    alerts.tell_alerted(edition, f"readers_{what}")\n',
        "",
        ENDS,
    ),
    replaced(
        "told: staff are not told that what their agency emailed is withdrawn",
        "protocols/editions/editions.py",
        '    notices.notify_staff(sent, f"readers_{what}")\n',
        "",
        ENDS,
    ),
]
MUTANTS += [
    replaced(
        "told: a chaser has the subject of the last one",
        "protocols/reminder_days.py",
        '    return f"{words} left" if days > 0 else f"{words} overdue"',
        '    return "soon"',
        "tests/protocols/test_chasing_drafts.py::test_an_agency_is_reminded_as_of_a_cascade",
    ),
    replaced(
        "told: whoever confirms a job does not read what became of the request",
        "agencies/joining.py",
        '    return " ".join(getattr(post, "became", ()))',
        '    return ""',
        "tests/courses/test_unconfirmed_jobs.py::"
        "test_whoever_confirms_reads_what_became_of_the_request",
    ),
]
MUTANTS += [
    replaced(
        "told: one who is marked meanwhile keeps all corrections back",
        "courses/attendance/views/register.py",
        "        with suppress(RegisterChanged):\n",
        "        with suppress(KeyError):\n",
        "tests/courses/test_register_corrections.py::"
        "test_who_is_marked_by_another_at_that_moment_keeps_no_other_correction_back",
    ),
]
MUTANTS += [
    replaced(
        "told: a step that comes in after the approval is said on the day alone",
        "protocols/editions/planning.py",
        "        if not self.lacking:\n",
        "        if True:\n",
        "tests/protocols/test_day_in_force.py::"
        "test_a_step_that_comes_in_after_the_approval_is_said_before_the_day",
    ),
]
CHECK = "tests/courses/test_email_check.py"
MUTANTS += [
    replaced(
        "told: a save sends email without asking first",
        "courses/back_office/email_check.py",
        "        return self._check(mails) if mails else super().form_valid(form)",
        "        return super().form_valid(form)",
        f"{CHECK}::test_a_save_that_sends_email_shows_first_who_gets_it_and_writes_nothing",
    ),
    replaced(
        "told: what is only tried is saved",
        "lms/mail/foreseeing.py",
        "        raise _Undone\n",
        "",
        f"{CHECK}::test_a_save_that_sends_email_shows_first_who_gets_it_and_writes_nothing",
    ),
    replaced(
        "told: a date whose emails are held does not say so",
        "courses/back_office/runs/runs.py",
        "    if run.held_at:\n",
        "    if False:\n",
        f"{CHECK}::test_emails_are_held_for_a_reason_and_the_date_says_not_told_until_they_go",
    ),
]
MUTANTS += [
    replaced(
        "told: the telephone page does not say that a code was deferred",
        "record/telephone/telephone.py",
        "    if mail.tries and mail.last_try_at:\n",
        "    if False:\n",
        "tests/record/test_deliveries.py::"
        "test_the_office_sees_what_became_of_a_code_while_the_caller_waits",
    ),
    replaced(
        "told: a clash is not said in My learning and on the booking",
        "courses/rules/clashes.py",
        "        if others:\n",
        "        if False:\n",
        "tests/record/test_deliveries.py::test_a_clash_is_said_in_my_learning_and_on_both_bookings",
    ),
]
MUTANTS += [
    replaced(
        "told: a date is cancelled before anybody has read the emails",
        "courses/back_office/runs/actions.py",
        "class CancelRunView(EmailCheckMixin, RunAskView):",
        "class CancelRunView(RunAskView):",
        f"{CHECK}::test_before_a_date_is_cancelled_each_email_can_be_read_with_the_reason",
    ),
    replaced(
        "told: a correction of a venue is emailed all the same",
        "courses/scheduling/shared_facts.py",
        "            telling.accept(run, by=by)\n",
        "            pass\n",
        f"{CHECK}::test_a_small_correction_of_a_venue_emails_nobody_then_or_later",
    ),
    replaced(
        "told: a correction of a venue swallows what waits to be told",
        "courses/scheduling/shared_facts.py",
        "                telling.tell_now(dates_to_come(thing).exclude(compare_from=None))\n",
        "                pass\n",
        f"{CHECK}::test_a_correction_of_a_venue_swallows_nothing_that_waits_to_be_told",
    ),
    replaced(
        "told: what is asked again has the subject of the first mail",
        "lms/mail/outbox.py",
        "        if again and not subject.startswith(REMINDER):\n",
        "        if False:\n",
        "tests/lms/test_reminders.py::"
        "test_what_is_sent_again_says_that_it_is_a_reminder[evaluation_asked-False]",
    ),
    replaced(
        "told: by night nobody is told of a withdrawn prerequisite",
        "courses/completion/prerequisites.py",
        '    return live.filter(Exists(missing)).order_by("pk")',
        "    return live.none()",
        "tests/certificates/test_told.py::"
        "test_a_withdrawal_by_another_door_is_found_by_night_and_told_once",
    ),
    Mutant(
        "told: by night everybody is told again of a withdrawn prerequisite",
        "courses/completion/prerequisites.py",
        (
            ("        ~Exists(told_since),\n", ""),
            (
                "            untold = untold.filter(withdrawn_at__gt=last.created_at)\n",
                "            pass\n",
            ),
        ),
        "tests/certificates/test_told.py::test_whoever_was_told_at_once_is_not_told_again_by_night",
    ),
]
