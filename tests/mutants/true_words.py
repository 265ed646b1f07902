"""Mutants of sentences: each says again what is not so in one state of what it is about."""

from tests.mutants.told import replaced

WORDS = "tests/test_true_words.py"
NO_PLACE = f"{WORDS}::test_what_ended_nothing_before_its_date_began_says_why_there_was_no_place"
ON_ITS_DAY = f"{WORDS}::test_a_certificate_names_what_the_agency_was_on_its_day"
TODAY = f"{WORDS}::test_a_merged_agency_is_named_with_what_it_is_part_of_today"
WANTED = f"{WORDS}::test_an_agency_is_asked_to_confirm_only_what_is_still_wanted"
NONE = f"{WORDS}::test_no_page_leads_to_a_version_in_force_where_there_is_none"
CLASH = f"{WORDS}::test_a_clash_names_the_session_that_is_at_the_same_time"

MUTANTS = [
    replaced(
        "true words: a clash is of the first session",
        "courses/rules/clashes.py",
        "for session in clash.sessions)",
        "for session in clash.other.run.sessions.all()[:1])",
        CLASH,
    ),
    replaced(
        "true words: before booking, a clash is of the first session",
        "courses/rules/eligibility.py",
        'Prefetch("run__sessions", Session.objects.filter(during), to_attr="at_once")',
        'Prefetch("run__sessions", Session.objects.all(), to_attr="at_once")',
        CLASH,
    ),
    replaced(
        "true words: a certificate names the agency that was merged",
        "courses/completion/certified.py",
        "named_on(timezone.localdate(run.ends_at), agencies)\n",
        "named_on(dt.date(2000, 1, 1), agencies)\n",
        f"{ON_ITS_DAY}[-4-Cedar]",
    ),
    replaced(
        "true words: a certificate names an agency of later",
        "agencies/mergers.py",
        ".exclude(merged_on__gt=day)",
        "",
        f"{ON_ITS_DAY}[-2-Ash]",
    ),
    replaced(
        "true words: staff are asked by an agency that was merged",
        "protocols/cascade/notices.py",
        "    if merged:\n        today",
        "    if False:\n        today",
        TODAY,
    ),
    replaced(
        "true words: no place became free, whatever was waited for",
        "courses/booking/status.py",
        "    return MISSED_JOB if booking.is_waiting_for_job else MISSED.get(state, NO_PLACE)",
        "    return NO_PLACE",
        NO_PLACE,
    ),
    replaced(
        "true words: who has no place waits while the course runs",
        "record/learning.py",
        " or _is_missed(b))",
        ")",
        NO_PLACE,
    ),
    replaced(
        "true words: an agency is asked though the board has stopped",
        "protocols/models/disseminations.py",
        '        return self.state in ("nobody", "overdue", "sent")',
        "        return True",
        WANTED,
    ),
    replaced(
        "true words: who reads a withdrawn version is told to read the one in force",
        "protocols/readers/acknowledgements.py",
        "        now = edition.page.edition_in_force\n",
        "        now = edition\n",
        NONE,
    ),
    replaced(
        "true words: the holder is asked for a certificate that was revoked",
        "certificates/models.py",
        "        return bool(last and last.is_live)",
        "        return bool(last)",
        f"{WORDS}::test_the_holder_is_asked_for_a_new_certificate_only_if_it_is_valid",
    ),
    replaced(
        "true words: a deleted certificate is not made yet",
        "record/training_record/content.py",
        '        return "No longer held" if self.is_erased else "Not made yet"',
        '        return "Not made yet"',
        f"{WORDS}::test_a_certificate_that_was_deleted_is_not_to_be_made_yet",
    ),
    replaced(
        "true words: a design that nothing uses is used",
        "certificates/back_office/designs.py",
        "    if not many:\n",
        "    if False:\n",
        f"{WORDS}::test_a_saved_design_says_which_courses_use_it",
    ),
    replaced(
        "true words: a review is overdue on its day",
        "templates/protocols/back_office/due.html",
        "{% if edition.review_on < today %}",
        "{% if edition.review_on <= today %}",
        "tests/protocols/test_reviewing.py::test_the_report_lists_what_is_near_past_or_unknown",
    ),
]
MUTANTS += [
    replaced(
        "true words: of jobs to confirm those with a place come anywhere",
        "agencies/back_office/jobs.py",
        "        posts.sort(key=lambda post: not post.waits)\n",
        "",
        "tests/courses/test_unconfirmed_jobs.py::"
        "test_the_office_sees_jobs_to_confirm_in_pages_those_with_a_place_first",
    ),
    replaced(
        "true words: a day in force is moved without naming the protocol",
        "protocols/back_office/drafts.py",
        '            f"{self.page.title}. {self.coming.in_words}. Nobody',
        '            f"{self.coming.in_words}. Nobody',
        "tests/protocols/test_day_in_force.py::"
        "test_the_page_names_the_protocol_and_says_who_gets_an_email[move_day_in_force]",
    ),
]
MERGED = "tests/test_mergers.py::test_after_three_mergers"
MUTANTS += [
    replaced(
        "mergers: a colleague booked before one is of another agency",
        "courses/booking/group_booking.py",
        "        is_ours = lineages.are_one(there.agency_id, who.agency_id)\n",
        "        is_ours = there.agency_id == who.agency_id\n",
        f"{MERGED}[whether_a_colleague_who_moved_within_it_is_booked_already]",
    ),
    replaced(
        "mergers: the page of a date counts each part of an agency",
        "courses/back_office/runs/people.py",
        "    names = [booking.agency_today for",
        "    names = [booking.agency.name for",
        f"{MERGED}[which_agencies_have_all_their_places_on_the_page_of_a_date]",
    ),
]
