"""Mutants of courses that others give online: each lets pass what one of its tests refuses."""

from tests.mutants.told import replaced

TESTS = "tests/courses/test_given_elsewhere.py"
SENDING = "courses/completion/external_training.py"

MUTANTS = [
    replaced(
        "given elsewhere: it can have a date",
        "courses/scheduling/planning.py",
        "if not course.has_dates:",
        "if False:",
        f"{TESTS}::test_it_can_have_no_date",
    ),
    replaced(
        "given elsewhere: a date is added to what the course was when it was read",
        "courses/scheduling/scheduling.py",
        'course = Course.objects.select_for_update(of=["self"], no_key=True).get(pk=course.pk)',
        "pass",
        f"{TESTS}::test_a_date_of_a_course_that_has_become_one_meanwhile_is_refused",
    ),
    replaced(
        "given elsewhere: a course with dates becomes one",
        "courses/scheduling/shared_facts.py",
        "kinds.refuse_change(before, thing.kind)",
        "pass",
        f"{TESTS}::test_a_course_stays_of_its_kind_once_that_would_make_no_sense",
    ),
    replaced(
        "given elsewhere: any link will do",
        "courses/models/catalogue.py",
        'if said.scheme != "https":',
        "if False:",
        f"{TESTS}::test_what_is_missing_or_wrong_is_said_beside_its_field",
    ),
    replaced(
        "given elsewhere: a lead sends for anybody",
        SENDING,
        "filter(person=person, agency__in=access.agencies_led_by(by))",
        "filter(person=person)",
        f"{TESTS}::test_a_lead_sends_for_their_own_staff_alone",
    ),
    replaced(
        "given elsewhere: who led once sees what they sent for ever",
        "courses/models/evidence.py",
        "Q(sent_by=viewer, agency__in=access.agencies_led_by(viewer))",
        "Q(sent_by=viewer)",
        f"{TESTS}::test_who_leads_no_more_sees_no_more_of_what_they_sent",
    ),
    replaced(
        "given elsewhere: who sent it for a colleague accepts it",
        SENDING,
        "by.pk == evidence.sent_by_id",
        "False",
        f"{TESTS}::test_who_sent_it_for_a_colleague_does_not_decide",
    ),
    replaced(
        "given elsewhere: last year's file is this year's certificate",
        SENDING,
        "if found := before.filter(state=State.ACCEPTED).first():",
        "if found := before.none().first():",
        f"{TESTS}::test_the_same_twice_is_said_and_not_doubled",
    ),
    replaced(
        "given elsewhere: what a record says changes with the course",
        "courses/completion/completing.py",
        "elif achievement.course.is_elsewhere:",
        "elif False:",
        f"{TESTS}::test_what_is_accepted_is_fixed_as_it_was",
    ),
    replaced(
        "given elsewhere: all training elsewhere is counted as online",
        "assurance/reports/attendance.py",
        "Completion.objects.valid().filter(course__in=Course.objects.without_dates())",
        "Completion.objects.valid().exclude(evidence=None)",
        f"{TESTS}::test_attendance_counts_it_in_columns_of_its_own",
    ),
    replaced(
        "given elsewhere: a check is of whatever link there is now",
        "courses/catalogue/provider_links.py",
        "kept.provider_link != link",
        "False",
        f"{TESTS}::test_a_check_of_a_link_that_is_another_by_now_is_refused",
    ),
    replaced(
        "given elsewhere: its card says that there are no dates",
        "templates/courses/_catalogue_results.html",
        "{% if course.is_elsewhere %}\n            <p",
        "{% if False %}\n            <p",
        f"{TESTS}::test_no_page_says_of_it_what_is_true_of_dates_alone",
    ),
    replaced(
        "given elsewhere: a lead sees what staff completed for other agencies",
        "courses/completion/staff_training.py",
        "Completion.objects.visible_to(viewer).valid()",
        "Completion.objects.valid()",
        f"{TESTS}::test_what_somebody_completed_for_another_agency_is_theirs_to_share",
    ),
]
