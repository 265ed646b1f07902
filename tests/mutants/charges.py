"""Mutants of clashes, late charges and what else a booking costs or says."""

from tests.mutants.mutant import Mutant

CLASHES = "tests/courses/test_clashes_and_charges.py"


def replaced(name, file, old, new, test):
    return Mutant(name, file, ((old, new),), test)


PRINT = "tests/agencies/test_names_in_print.py"
NEVER = "tests/protocols/test_never_unpublished.py"
LATE = "tests/courses/test_late_reasons.py"
SECOND = "tests/courses/test_second_dates.py"
GROUP = "tests/courses/test_agency_pages.py"
MUTANTS = [
    replaced(
        "courses.booking.views.agency: a group is booked in the order of the alphabet",
        "courses/booking/views/agency.py",
        "    return sorted(people, key=turn_of)",
        "    return people",
        f"{GROUP}::"
        "test_before_a_group_is_booked_the_lead_sees_who_gets_a_place_and_chooses_the_order",
    ),
    replaced(
        "courses.booking.request_place: a second date is not refused",
        "courses/booking/booking.py",
        "        refuse_second_date(run, person)\n",
        "",
        f"{SECOND}::test_it_is_refused_where_the_course_says_so_by_page_and_verb",
    ),
    replaced(
        "agencies.free_text.printed: what cannot be printed is taken",
        "agencies/free_text/printed.py",
        "            raise ValidationError(changed)\n",
        "            return\n",
        "tests/certificates/test_signs_at_entry.py"
        "::test_signs_that_cannot_be_printed_are_refused_where_they_are_entered[title]",
    ),
    replaced(
        "agencies.partners: an agency's name that cannot be printed is taken",
        "agencies/partners.py",
        '        wrong["name"] = why\n',
        "        pass\n",
        "tests/certificates/test_signs_at_entry.py::test_an_agency_is_refused_by_the_verb_too",
    ),
    replaced(
        "courses.booking.accept_offer: a second date is not refused",
        "courses/booking/booking.py",
        "        refuse_unless_offered(booking)\n        refuse_second_date(",
        "        refuse_unless_offered(booking)\n        bool and (lambda *a, **k: None)(",
        f"{SECOND}::test_no_door_gives_a_second_place[accept]",
    ),
    replaced(
        "courses.booking.approve: a second date is not refused",
        "courses/booking/booking.py",
        "        if booking.holds_place:\n            refuse_second_date(",
        "        if booking.holds_place:\n            bool and (lambda *a, **k: None)(",
        f"{SECOND}::test_no_door_gives_a_second_place[approve]",
    ),
    replaced(
        "courses.booking.fill_free_places: a second date is given at once",
        "courses/booking/booking.py",
        "    asked_first = with_another_place(run, chosen) if at_once else set()\n",
        "    asked_first = set()\n",
        f"{SECOND}::test_a_free_place_is_offered_rather_than_given_to_who_has_one_on_another_date",
    ),
    replaced(
        "courses.rules.eligibility: a colleague takes over a second date",
        "courses/rules/eligibility.py",
        "        refuse_second_date(run, colleague)\n",
        "",
        f"{SECOND}::test_a_colleague_who_has_a_place_on_another_date_cannot_take_over",
    ),
    replaced(
        "courses.booking.views.own: a second date is not warned of",
        "courses/booking/views/own.py",
        '        "other_dates": eligibility.other_dates(run, request.user),\n',
        "",
        f"{SECOND}::test_it_is_warned_of_on_each_page_before_it_is_booked",
    ),
    replaced(
        "courses.booking.forms: a late cancellation for others asks for no reason",
        "courses/booking/forms/booking.py",
        '            self.fields["reason"].required = True\n',
        "            pass\n",
        f"{LATE}::test_a_reason_is_needed_when_it_costs_and_a_word_is_enough",
    ),
    replaced(
        "courses.booking.forms: one's own late cancellation asks for no reason",
        "courses/booking/forms/booking.py",
        "        if not cancellation.asks_why(booking):\n            del",
        "        if True:\n            del",
        f"{LATE}::test_a_reason_is_needed_when_it_costs_and_a_word_is_enough",
    ),
    replaced(
        "protocols.models.pages: Unpublish is offered",
        "protocols/models/pages.py",
        "        return not self.is_kept and super().can_unpublish()",
        "        return super().can_unpublish()",
        f"{NEVER}::test_no_menu_offers_it",
    ),
    replaced(
        "protocols.models.pages: saving takes a protocol off",
        "protocols/editions/editions.py",
        "    if page.live or not page.pk or not",
        "    if True or not",
        f"{NEVER}::test_no_door_takes_a_protocol_off",
    ),
    replaced(
        "protocols.models.pages: versions of a page that is not published are not found",
        "protocols/models/pages.py",
        "        if not self.live and path_components",
        "        if False and path_components",
        "tests/protocols/test_protocol_pages.py::"
        "test_what_was_never_in_force_is_not_shown_and_a_version_always",
    ),
    replaced(
        "protocols.editions.put_back: agencies are not told",
        "protocols/editions/editions.py",
        '    _tell_everybody(edition, "put_back")\n',
        "",
        f"{NEVER}::test_a_withdrawal_is_undone_and_both_times_the_agencies_are_told",
    ),
    replaced(
        "courses.completion.certified: a certificate says what is true today",
        "courses/completion/certified.py",
        "    facts = completion.certified or _today(completion)",
        "    completion.booking.run.certified = {}\n    facts = _today(completion)",
        "tests/courses/test_certified.py::"
        "test_a_certificate_made_late_says_what_was_true_at_signing_off",
    ),
    replaced(
        "courses.completion.certified: a correction certifies the course of today",
        "courses/completion/certified.py",
        "    return run.certified or of_run(run)\n\n\ndef of_comp",
        "    return of_run(run)\n\n\ndef of_comp",
        "tests/courses/test_certified.py::test_so_does_one_that_follows_a_correction",
    ),
    replaced(
        "courses.scheduling.planning: what has begun and has marks can be moved",
        "courses/scheduling/planning.py",
        "        if session.pk in marked:",
        "        if False:",
        "tests/courses/test_scheduling.py::"
        "test_a_session_that_has_begun_and_has_marks_keeps_its_times",
    ),
    replaced(
        "agencies.free_text.names: the printer is not asked",
        "certificates/apps.py",
        "            names.PRINTERS.append(why_name_unprintable)",
        "            pass",
        f"{PRINT}::test_a_name_that_cannot_be_printed_is_refused_where_it_is_entered",
    ),
    replaced(
        "courses.rules.deadlines: an offer ends at the hour at which it was made",
        "courses/rules/deadlines.py",
        "    if run.starts_at is None:\n        return max(ends, least)",
        "    ends = now + dt.timedelta(hours=48)\n"
        "    if run.starts_at is None:\n        return max(ends, least)",
        "tests/courses/test_deadlines.py::"
        "test_an_offer_lasts_until_5pm_of_the_second_working_day_or_less",
    ),
    replaced(
        "courses.scheduling.minimum_numbers: a date far away is below its minimum",
        "courses/scheduling/minimum_numbers.py",
        '    return starts < (getattr(run, "looking_ahead", None) or end_of_looking_ahead())',
        "    return True",
        "tests/courses/test_run_office.py::test_dates_are_to_be_decided_15_working_days_before",
    ),
    replaced(
        "courses.rules.eligibility.clashes: dates are compared, not sessions",
        "courses/rules/eligibility.py",
        "        during |= Q(starts_at__lt=session.ends_at, ends_at__gt=session.starts_at)",
        "        during |= Q(run__starts_at__lt=run.ends_at, run__ends_at__gt=run.starts_at)",
        f"{CLASHES}::test_a_clash_is_of_sessions_and_not_of_what_lies_between_them",
    ),
    replaced(
        "courses.scheduling.cancel: late charges stay",
        "courses/scheduling/scheduling.py",
        "        charging.forgive_late(run, by=by)\n",
        "",
        f"{CLASHES}::test_nobody_pays_for_giving_up_a_date_that_the_organiser_then_cancels",
    ),
    replaced(
        "courses.rules.charging: a late charge stays though the person came",
        "courses/rules/charging.py",
        "            charges.withdraw(each, Kind.LATE, CAME_AFTER_ALL)",
        "            pass",
        f"{CLASHES}::"
        "test_who_gave_up_late_and_came_after_all_pays_nothing_and_a_correction_is_followed",
    ),
]
