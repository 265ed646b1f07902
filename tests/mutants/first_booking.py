"""Mutants of the way to a first booking, and of places asked for before a job is confirmed."""

from tests.mutants.mutant import Mutant

FIRST = "tests/courses/test_first_booking.py"
LATE = "tests/courses/test_late_reasons.py"
LEADS_ON = "tests/courses/test_prerequisites_lead_on.py"
JOBS = "tests/courses/test_unconfirmed_jobs.py"


def replaced(name, file, old, new, test):
    return Mutant(name, file, ((old, new),), test)


MUTANTS = [
    replaced(
        "first booking: who lacks a job is refused",
        "courses/booking/views/own.py",
        "        return _ask_where_they_work(request)",
        "        pass",
        f"{FIRST}::test_who_only_lacks_a_job_is_asked_for_it_and_never_refused",
    ),
    replaced(
        "first booking: the job leads to another site",
        "agencies/views/people.py",
        '    return address if is_ours else ""',
        "    return address",
        f"{FIRST}::test_the_job_never_leads_to_another_site",
    ),
    replaced(
        "first booking: the form of the job forgets the date",
        "templates/agencies/welcome.html",
        '<input type="hidden" name="next" value="{{ next }}">',
        "",
        f"{FIRST}::test_the_job_leads_back_to_the_form_of_the_date",
    ),
    replaced(
        "first booking: a hidden date is named",
        "courses/templatetags/booking_steps.py",
        "Run.objects.in_catalogue().upcoming()",
        "Run.objects",
        f"{FIRST}::test_nothing_is_said_of_a_date_that_the_catalogue_does_not_show",
    ),
    replaced(
        "first booking: the way in says no date",
        "courses/templatetags/booking_steps.py",
        '    if found.view_name != "courses:book":',
        "    if True:",
        f"{FIRST}::test_the_way_in_says_for_which_course_and_date",
    ),
    replaced(
        "unconfirmed job: no request is refused for another",
        "courses/booking/booking.py",
        "    if post.is_waiting:\n        refuse_second_before_confirmed(post.person)\n",
        "    if post.is_waiting:\n        pass\n",
        f"{JOBS}::test_two_requests_at_once_are_one",
    ),
    replaced(
        "unconfirmed job: no constraint",
        "courses/migrations/0024_places_before_a_job_is_confirmed.py",
        "fields=(",
        'fields=("run", ',
        f"{JOBS}::test_the_constraint_is_the_last_word",
    ),
    replaced(
        "unconfirmed job: asked from as if it were confirmed",
        "courses/booking/booking.py",
        "        waits_for_job = not post.is_confirmed\n",
        "        waits_for_job = False\n",
        f"{JOBS}::test_a_place_is_kept_for_who_asks_before_their_job_is_confirmed",
    ),
    replaced(
        "unconfirmed job: confirming it decides no request",
        "agencies/joining.py",
        "    job_followers.tell_confirmed(post, by)\n",
        "",
        f"{JOBS}::test_the_lead_decides_both",
    ),
    replaced(
        "unconfirmed job: the manager is not asked next",
        "courses/booking/booking.py",
        '        if run.asks_approval:\n            history.record("booking.job_confirmed"',
        '        if False:\n            history.record("booking.job_confirmed"',
        f"{JOBS}::test_the_manager_is_asked_next_where_the_course_does",
    ),
    replaced(
        "unconfirmed job: refused, and the person gets two emails",
        "courses/booking/booking.py",
        "        if not is_told:\n            notices.refused(booking)",
        "        notices.refused(booking)",
        f"{JOBS}::test_a_refused_job_ends_the_request_with_one_email",
    ),
    replaced(
        "unconfirmed job: withdrawn, and the request stays",
        "agencies/joining.py",
        "        job_followers.tell_ended(post, by)\n",
        "        pass\n",
        f"{JOBS}::test_who_withdraws_the_job_withdraws_the_request",
    ),
    replaced(
        "unconfirmed job: decided unseen, and the request stays",
        "courses/booking/expiry.py",
        '        ("settle", unconfirmed_jobs.decided_meanwhile(), unconfirmed_jobs.settle),\n',
        "",
        f"{JOBS}::test_a_job_that_was_decided_by_a_door_that_told_nobody_decides_too",
    ),
    replaced(
        "unconfirmed job: the office is never asked",
        "courses/booking/expiry.py",
        '        ("put to the office", unconfirmed_jobs.due_for_office(), '
        "unconfirmed_jobs.put_to_office),\n",
        "",
        f"{JOBS}::test_after_three_working_days_the_office_is_asked_and_the_place_is_kept",
    ),
    replaced(
        "unconfirmed job: the place is kept for ever",
        "courses/booking/expiry.py",
        " | silent | unconfirmed)",
        " | silent)",
        f"{JOBS}::test_three_working_days_before_the_date_it_ends_with_one_email",
    ),
    replaced(
        "unconfirmed job: the time does not follow the date",
        "courses/scheduling/scheduling.py",
        "            unconfirmed_jobs.keep_until(run)\n",
        "",
        f"{JOBS}::test_it_follows_the_date_when_that_moves",
    ),
    replaced(
        "unconfirmed job: a manager approves what waits for it",
        "courses/rules/eligibility.py",
        "    if booking.is_waiting_for_job:\n        raise",
        "    if False:\n        raise",
        f"{JOBS}::test_nobody_approves_or_refuses_what_waits_for_a_job",
    ),
    replaced(
        "unconfirmed job: pages say that it waits for approval",
        "courses/models/bookings.py",
        "        return WAITS_FOR_JOB if self.is_waiting_for_job else str(",
        "        return str(",
        f"{JOBS}::test_every_page_says_that_it_waits_for_the_job",
    ),
    replaced(
        "unconfirmed job: another job leaves it waiting",
        "courses/booking/changing_job.py",
        "        if made.is_waiting_for_job:\n            made",
        "        if False:\n            made",
        f"{JOBS}::test_another_job_can_take_its_place",
    ),
    replaced(
        "unconfirmed job: many are confirmed, and one that is refused stops the rest",
        "agencies/joining.py",
        "        except JoiningRefused as refusal:\n            outcomes.append",
        "        except ValueError as refusal:\n            outcomes.append",
        f"{JOBS}::test_one_that_is_refused_holds_up_no_other",
    ),
    replaced(
        "approval: the end of a date is not said",
        "courses/booking/approval.py",
        '        "when": notices.of_date(run)["when"],',
        '        "when": moment(run.starts_at) if run.starts_at else "",',
        "tests/courses/test_approving.py::test_the_mail_that_asks_says_when_it_ends_and_how_long_it_is",
    ),
    replaced(
        "approval: any course counts as done before",
        "courses/booking/approval.py",
        "person=booking.person_id, course=booking.run.course_id)",
        "person=booking.person_id)",
        "tests/courses/test_approving.py::test_whoever_decides_reads_when_it_was_done_before",
    ),
    replaced(
        "prerequisite: a full date is said before one with places",
        "courses/rules/prerequisites.py",
        "if known is None or (known.is_full and not run.is_full):",
        "if known is None:",
        f"{LEADS_ON}::test_every_page_that_names_a_prerequisite_leads_to_it",
    ),
    replaced(
        "prerequisite: refused at the last press without a way on",
        "courses/booking/views/own.py",
        "            if refused.courses:",
        "            if False:",
        f"{LEADS_ON}::test_every_page_that_names_a_prerequisite_leads_to_it[of_the_last_press]",
    ),
    replaced(
        "prerequisite: the lead is told its name alone",
        "templates/courses/agency/booked.html",
        "{% if outcome.courses %}",
        "{% if False %}",
        f"{LEADS_ON}::test_every_page_that_names_a_prerequisite_leads_to_it",
    ),
    replaced(
        "prerequisite: the page of the booking does not name it",
        "courses/booking/status.py",
        "    return eligibility.prerequisites_missing(booking.run.course, booking.person)",
        "    return []",
        f"{LEADS_ON}::test_every_page_that_names_a_prerequisite_leads_to_it[of_the_booking]",
    ),
    replaced(
        "prerequisite: where it leads is looked up for each person",
        "courses/completion/completing.py",
        "        with cached_context():\n",
        "        if True:\n",
        f"{LEADS_ON}::test_withdrawing_many_looks_up_where_it_leads_once",
    ),
    replaced(
        "cancelling: nobody says afterwards that it was free",
        "courses/rules/cancellation.py",
        '    return f"{who} will not be charged."',
        '    return ""',
        f"{LATE}::test_whoever_cancels_reads_afterwards_what_it_costs",
    ),
    replaced(
        "cancelling: the office does not read before that it is free",
        "courses/back_office/bookings/actions.py",
        '        charge = f" {cancellation.free_now(made)}"',
        '        charge = ""',
        f"{LATE}::test_whoever_cancels_reads_before_that_it_is_free",
    ),
    replaced(
        "cancelling: no way to other dates",
        "courses/booking/views/own.py",
        "    if page is None or not page.live:",
        "    if True:",
        f"{LATE}::test_the_person_is_led_to_other_dates_afterwards",
    ),
    replaced(
        "unconfirmed job: nobody asks again after an outage",
        "courses/booking/outage.py",
        "        unconfirmed_jobs.ask_anew(request)",
        "        pass",
        "tests/courses/test_mail_outage.py::"
        "test_a_place_that_waits_for_a_job_outlives_the_outage_and_is_asked_about_again",
    ),
    replaced(
        "unconfirmed job: it ends while no email can be sent",
        "courses/booking/expiry.py",
        "    unconfirmed &= outage.may_expire(*outage.OF_JOBS)\n",
        "",
        "tests/courses/test_mail_outage.py::"
        "test_a_place_that_waits_for_a_job_outlives_the_outage_and_is_asked_about_again",
    ),
    replaced(
        "unconfirmed job: the next lead does not read that a place waits",
        "agencies/joining.py",
        '    waits = " ".join(asked)\n',
        '    waits = ""\n',
        "tests/leavers/test_waits.py::test_a_closed_account_hands_on_at_once_what_waits_for_it"
        "[jobs_to_confirm-place_before_the_job_with_another_lead]",
    ),
    replaced(
        "unconfirmed job: refusing it does not say that the request ends",
        "agencies/views/lead.py",
        "    [post] = job_followers.with_what_waits([post])\n",
        "",
        f"{JOBS}::test_the_lead_reads_before_refusing_that_the_request_ends_too",
    ),
    replaced(
        "job of a booking: the office can press where nothing can be chosen",
        "courses/back_office/bookings/actions.py",
        "        return any(not each.refused for each in self.choices)",
        "        return True",
        "tests/courses/test_changing_job.py::"
        "test_the_office_has_nothing_to_press_where_there_is_no_other_job",
    ),
    replaced(
        "first booking: the code is asked for in the framework's words",
        "templates/account/base_confirm_code.html",
        "Send a new code",
        "Request new code",
        f"{FIRST}::test_the_page_of_the_code_is_in_our_words",
    ),
    replaced(
        "cancelling: the page of the booking forgets what it cost",
        "templates/courses/_booking_ended.html",
        '{% if cost %}<p class="govuk-body">{{ cost }}</p>{% endif %}',
        "",
        f"{LATE}::test_the_page_of_a_cancelled_booking_still_says_why_and_what_it_costs",
    ),
]
