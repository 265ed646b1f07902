"""Test courses that a provider gives online: how they are made, shown, checked and completed."""

import datetime as dt
import io
import re
import threading

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.models import Board
from assurance.reports import attendance
from courses.catalogue import provider_links
from courses.completion import external_training, staff_training
from courses.completion.external_training import TrainingElsewhereRefused
from courses.models import Completion, Course, Evidence, Run
from courses.rules import eligibility, kinds
from courses.scheduling import scheduling, shared_facts
from courses.scheduling.planning import PlannedSession
from history.models import Event
from lms.models import Mail
from record.training_record import content
from search import indexer
from tests.factories import (
    AgencyFactory,
    CompletionFactory,
    CourseElsewhereFactory,
    CourseFactory,
    CoursePageFactory,
    EvidenceFactory,
    LevelFactory,
    PersonFactory,
    PostFactory,
    ProtocolPageFactory,
    RoleGroupFactory,
    RunFactory,
    VenueFactory,
    in_days,
)
from tests.servers import at_once
from tests.sheets import read_csv
from tests.test_wrong_files import picture

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n%%EOF\n"
LINK = "https://learning.example.org/neglect"
NEW, MINE = "/cms/course/new/", "/my/training-elsewhere/"
TRAINING, SEND = "/agency/training/", "/agency/training/certificate/"
ON_DATES = (
    "format", "asks_approval", "second_date", "charges_fee", "pre_course_questions",
    "asks_evaluation", "later_months", "certificate_design", "runs_a_year_intended",
)  # fmt: skip


@pytest.fixture
def course(db):
    """Create a course in the catalogue, refreshed each year, of 2 hours."""
    course = CourseElsewhereFactory(
        code="NEG", title="Neglect online", renewal_months=12, provider="Harbour Learning"
    )
    CoursePageFactory(course=course)
    return course


@pytest.fixture
def person(client):
    post = PostFactory(
        person__name="Ann Sender", agency__name="City Midwifery", role_group__name="School nurses"
    )
    client.force_login(post.person)
    return post.person


@pytest.fixture
def lead(client):
    """Sign in the lead of the Solent Trust."""
    post = PostFactory(is_lead=True, agency__name="Solent Trust", person__name="Lee Lead")
    client.force_login(post.person)
    return post


def words(answer):
    return " ".join(BeautifulSoup(answer.content, "html.parser").get_text(" ").split())


def entered(**more):
    """Build what the office enters about a course given elsewhere."""
    return {
        "kind": "elsewhere", "title": "Neglect online", "code": "NEG",
        "summary": "In short.", "audience": "Everybody.", "outcomes": "Notice it.",
        "level": LevelFactory().pk, "hours": "2", "provider": "Harbour Learning",
        "provider_link": LINK, "certificate_shows": "your name and the day",
        "is_offered": "on",
    } | more  # fmt: skip


def uploaded(**more):
    return {
        "completed_on": in_days(-3).date().isoformat(),
        "file": SimpleUploadedFile("certificate.pdf", PDF),
        "declared": "on",
    } | more


def upload(person, course, **more):
    given = {
        "completed_on": in_days(-3).date(), "file": io.BytesIO(PDF), "declared": True,
        "by": person,
    } | more  # fmt: skip
    return external_training.upload(person, course, **given)


def refusal(call, *args, **more):
    with pytest.raises(TrainingElsewhereRefused) as refused:
        call(*args, **more)
    return str(refused.value), refused.value.about


def accepted(person, course, **more):
    return external_training.accept(upload(person, course, **more), by="OFFICE")


def queries_of(call):
    with CaptureQueriesContext(connection) as queries:
        call()
    return len(queries)


# How the office makes one


def test_the_form_has_the_fields_of_its_kind_alone(client, office):
    taught = BeautifulSoup(client.get(NEW).content, "html.parser")
    elsewhere = BeautifulSoup(client.get(f"{NEW}?kind=elsewhere").content, "html.parser")
    for name in ON_DATES:
        assert taught.find(attrs={"name": name}) and not elsewhere.find(attrs={"name": name}), name
    for name in Course.ONLY_ELSEWHERE:
        assert elsewhere.find(attrs={"name": name}) and not taught.find(attrs={"name": name}), name
    assert elsewhere.select_one("[name=kind] [selected]")["value"] == "elsewhere"
    assert f"{NEW}?kind=elsewhere" in client.get("/cms/course/").text


def test_the_office_adds_one_and_has_checked_its_link(client, office):
    answer = client.post(NEW, entered())
    course = Course.objects.get()
    assert answer.status_code == 302
    assert course.format_label == "Online, given by Harbour Learning"
    assert (course.provider_link, course.provider_host) == (LINK, "learning.example.org")
    assert (course.link_checked_on, course.link_checked_by) == (timezone.localdate(), office)
    assert (course.format, course.runs_a_year_intended, course.later_months) == ("", 0, 0)
    assert Event.objects.about(course).get().action == "course.added"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"provider": " "}, "Enter who gives it, such as NSPCC Learning"),
        ({"provider_link": ""}, "Enter the link to the course on the provider’s website"),
        ({"provider_link": "http://learning.example.org/"}, "Enter a link that begins with https:"),
        ({"provider_link": "ftp://learning.example.org/"}, "Enter a link that begins with https:"),
        ({"provider_link": "neglect course"}, "Enter a whole link, such as https://"),
        ({"provider_link": "javascript:alert(1)"}, "Enter a whole link, such as https://"),
        ({"provider_link": "https://a:b@example.org/"}, "without a user name or password"),
        ({"certificate_shows": ""}, "Enter what the certificate must show"),
    ],
)
def test_what_is_missing_or_wrong_is_said_beside_its_field(client, office, wrong, sentence):
    answer = client.post(NEW, entered(**wrong))
    [name] = wrong
    assert sentence in " ".join(answer.context["form"].errors[name])
    assert not Course.objects.exists()


def test_a_link_typed_without_its_beginning_is_taken_as_secure(client, office):
    client.post(NEW, entered(provider_link="learning.example.org/neglect"))
    assert Course.objects.get().provider_link == LINK


def test_who_chooses_the_kind_gets_its_fields_with_the_first_press(client, office):
    course = CourseFactory(kind="taught")
    page = f"/cms/course/edit/{course.pk}/"
    few = {name: value for name, value in entered().items() if name not in Course.ONLY_ELSEWHERE}
    answer = client.post(page, few)
    form = answer.context["form"]
    assert "Enter who gives it" in " ".join(form.errors["provider"])
    assert "format" not in form.fields and "provider_link" in form.fields
    shown = BeautifulSoup(answer.content, "html.parser").find(attrs={"name": "shown"})["value"]
    assert client.post(page, entered(shown=shown)).status_code == 302
    course.refresh_from_db()
    assert (course.is_elsewhere, course.provider) == (True, "Harbour Learning")


def test_the_database_refuses_one_that_says_not_where(db):
    course = CourseFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Course.objects.filter(pk=course.pk).update(kind="elsewhere")


@pytest.mark.parametrize(
    ("of", "made", "kind", "why"),
    [
        (CourseFactory, lambda it: RunFactory(course=it), "elsewhere", "has 1 course date,"),
        (CourseFactory, lambda it: accepted_of(it), "elsewhere", "has 1 completion,"),
        (CourseElsewhereFactory, lambda it: EvidenceFactory(course=it), "taught",
         "has 1 certificate that people sent,"),
        (CourseElsewhereFactory, lambda it: EvidenceFactory(course=it), "briefing",
         "has 1 certificate that people sent,"),
    ],
)  # fmt: skip
def test_a_course_stays_of_its_kind_once_that_would_make_no_sense(
    client, office, of, made, kind, why
):
    course = of(title="Neglect")
    made(course)
    was = course.kind
    answer = client.post(f"/cms/course/edit/{course.pk}/", entered(kind=kind, format="classroom"))
    [sentence] = answer.context["form"].errors["kind"]
    assert sentence.startswith(f"Neglect {why} so it stays ‘{Course.Kind(was).label}’.")
    course.kind = kind
    if kind == "elsewhere":
        course.provider, course.provider_link, course.certificate_shows = "P", LINK, "a name"
    with pytest.raises(kinds.KindRefused, match="so it stays"):
        shared_facts.save(course, by=office)
    course.refresh_from_db()
    assert course.kind == was


def accepted_of(course):
    evidence = EvidenceFactory(course=course, person=PostFactory().person)
    return external_training.accept(evidence, by="OFFICE")


@pytest.mark.parametrize("made", [
    lambda it: RunFactory(course=it, cancelled_at=timezone.now()),
    lambda it: EvidenceFactory(course=it),
])  # fmt: skip
def test_a_course_without_dates_and_completions_becomes_one(office, made):
    course = CourseFactory()
    made(course)
    course.kind, course.provider, course.provider_link = "elsewhere", "Harbour", LINK
    course.certificate_shows = "a name"
    assert shared_facts.save(course, by=office).is_elsewhere


def test_it_can_have_no_date(client, office, course):
    sessions = [PlannedSession(in_days(30), in_days(30, "12:00"))]
    with pytest.raises(scheduling.SchedulingRefused) as refused:
        scheduling.add(course, by=office, sessions=sessions)
    assert str(refused.value) == (
        "Neglect online is given online by Harbour Learning, so it has no dates. Choose another "
        "course."
    )
    assert refused.value.about == "course"
    choices = client.get("/cms/run/new/").context["form"].fields["course"].queryset
    assert course not in choices
    assert not Run.objects.exists()


def test_a_date_of_a_course_that_has_become_one_meanwhile_is_refused(course):
    read_before = Course.objects.get(pk=course.pk)
    read_before.kind, read_before.format = "taught", "classroom"
    with pytest.raises(scheduling.SchedulingRefused, match="so it has no dates"):
        scheduling.add(
            read_before, by="OFFICE", sessions=[PlannedSession(in_days(9), in_days(9, "12:00"))]
        )


def becoming_elsewhere(course):
    course.kind, course.format, course.provider = "elsewhere", "", "Harbour Learning"
    course.provider_link, course.certificate_shows = LINK, "a name"
    return course


@pytest.mark.race
def test_a_date_and_the_other_kind_at_once_come_to_one_of_them(own_database, rounds):
    for _ in range(rounds):
        course, venue = CourseFactory(), VenueFactory()

        def press(number, course=course, venue=venue):
            seen = Course.objects.get(pk=course.pk)
            if number % 2:
                return shared_facts.save(becoming_elsewhere(seen), by="OFFICE")
            sessions = [PlannedSession(in_days(9), in_days(9, "12:00"))]
            return scheduling.add(seen, by="OFFICE", sessions=sessions, venue=venue)

        outcomes = at_once(2, press)
        [odd] = [each for each in outcomes if isinstance(each, Exception)]
        assert isinstance(odd, (scheduling.SchedulingRefused, kinds.KindRefused))
        course.refresh_from_db()
        assert course.is_elsewhere != Run.objects.filter(course=course).exists()


@pytest.mark.race
def test_who_only_looks_first_gives_a_date_to_a_course_without(own_database):
    """Show that without the lock it has a date and is given elsewhere (the control)."""
    course, gate = CourseFactory(), threading.Barrier(2)

    def press(number):
        seen = Course.objects.get(pk=course.pk)
        assert kinds.why_kind_stays(seen, "elsewhere") == ""
        gate.wait(60)
        with transaction.atomic():
            if number % 2:
                becoming_elsewhere(seen).save()
            else:
                RunFactory(course=seen)

    assert at_once(2, press) == [None, None]
    course.refresh_from_db()
    assert course.is_elsewhere and Run.objects.filter(course=course).exists()


# What its pages say


def of_a_date(text):
    """Find what is true of courses with dates alone."""
    return re.findall(
        r"(?i)no dates?|next date|dates? at present|date that can be booked|places? (?:left|free)|"
        r"\bbook\b|waiting list|venue|joining instructions|register\b(?! with)|to be confirmed",
        text,
    )


def about_it(page, title="Neglect online"):
    """Return what a page says in the smallest parts that name the course, or all of it."""
    soup = BeautifulSoup(page.content, "html.parser")
    # A card has the list of its facts within it; a title in it stands alone.
    found = [each for each in soup.select(".card, li, tr, p, dd") if title in each.get_text()]
    parts = [each for each in found if not any(each in inner.parents for inner in found)]
    parts = [each.find_parent(class_="card") or each.find_parent("li") or each for each in parts]
    return " ".join(" ".join(part.get_text(" ").split()) for part in parts or [soup.main])


PAGES = {
    "its own": ("/courses/neg/", None),
    "the home page": ("/", None),
    "a refusal to book": ("book", "person"),
    "the catalogue": ("/courses/", None),
    "the catalogue, filtered": ("/courses/?format=elsewhere", None),
    "the catalogue, places free": ("/courses/?places=on", None),
    "the search": ("/search/?q=neglect", None),
    "of a provider's name": ("/search/?q=harbour", None),
    "one that asks for it": ("/courses/deep/", None),
    "my certificates": (MINE, "person"),
    "the upload": ("/my/training-elsewhere/NEG/new/", "person"),
    "my learning": ("/my/", "sent"),
    "my record": ("/my/record/", "completed"),
    "the lead's training": (TRAINING, "lead"),
    "the lead's staff": (f"{TRAINING}?course=NEG", "lead"),
    "the office's list": ("/cms/course/", "office"),
    "this week": ("/cms/", "office sent"),
    "the report": ("/cms/reports/attendance/", "office completed"),
    "behind its protocol": ("/cms/reports/behind-its-protocol/{}/", "office"),
    "the link": ("/cms/course/link/{}/", "office"),
    "its form": ("/cms/course/edit/{}/", "office"),
}


@pytest.mark.parametrize("name", PAGES)
def test_no_page_says_of_it_what_is_true_of_dates_alone(client, course, settings, name, request):
    path, who = PAGES[name]
    deep = CourseFactory(code="DEEP", title="Deep", prerequisites=[course])
    CoursePageFactory(course=deep)
    indexer.sync()
    who = who or ""
    if "office" in who:
        request.getfixturevalue("office")
    elif who == "lead":
        request.getfixturevalue("lead")
    elif who:
        request.getfixturevalue("person")
    if "sent" in who or "completed" in who:
        someone = request.getfixturevalue("person")
        if "office" in who:
            client.force_login(request.getfixturevalue("office"))
        (accepted if "completed" in who else upload)(someone, course)
    if name == "behind its protocol":
        protocol = ProtocolPageFactory()
        course.protocols_taught.add(protocol)
        path = path.format(protocol.pk)
    if path == "book":
        path = f"/my/bookings/new/{RunFactory(course=deep).pk}/"
    answer = client.get(path.format(course.pk))
    assert answer.status_code == 200
    said = about_it(answer, "City Midwifery" if name == "the report" else "Neglect online")
    if name == "its own":
        said = " ".join(BeautifulSoup(answer.content, "html.parser").main.get_text(" ").split())
    if name not in ("the report",):
        assert "Neglect online" in said
    assert of_a_date(said) == []


def test_its_page_says_where_it_leads_and_what_to_do_afterwards(client, course):
    course.provider_account = "Register with your work email address"
    course.save()
    page = BeautifulSoup(client.get("/courses/neg/").content, "html.parser")
    said = " ".join(page.main.get_text(" ").split())
    assert (
        "Online, given by Harbour Learning . About 2 hours. You leave this site, and need an "
        "account there. Register with your work email address." in said
    )
    assert "It is free, for you and for your agency." in said
    start = page.select_one("a.govuk-button--start")
    assert start["href"] == course.provider_link
    assert start["rel"] == ["external", "noreferrer"] and not start.has_attr("target")
    assert start.get_text().strip() == "Start on Harbour Learning"
    assert "This takes you to learning.example.org." in said
    assert "within 5 working days and emails you" in said
    assert page.find("a", string="Upload your certificate")["href"] == f"{MINE}NEG/new/"


def test_its_cost_is_said_where_the_provider_charges(client, course):
    Course.objects.update(provider_cost="£20 for each person")
    said = words(client.get("/courses/neg/"))
    assert "What it costs: £20 for each person." in said and "It is free" not in said


def test_one_that_is_offered_no_longer_still_takes_certificates(client, course, person):
    Course.objects.filter(pk=course.pk).update(is_offered=False)
    page = client.get("/courses/neg/")
    assert "Start on Harbour Learning" not in page.text
    assert "Upload your certificate" in page.text
    assert client.post(f"{MINE}NEG/new/", uploaded()).status_code == 302


def test_filters_know_it(client, course):
    CoursePageFactory(course__title="Supervision")

    def found(query):
        page = BeautifulSoup(client.get(f"/courses/?{query}").content, "html.parser")
        return [each.get_text() for each in page.select(".course-card h3")]

    assert found("format=elsewhere") == ["Neglect online"]
    assert found("format=classroom") == ["Supervision"]
    assert found("places=on") == ["Neglect online"]
    assert found("when=next-3-months") == []
    page = client.get("/courses/")
    assert '<option value="elsewhere">Online, elsewhere</option>' in page.text


def test_a_course_that_asks_for_it_first_leads_to_it(client, course, person):
    deep = CoursePageFactory(course=CourseFactory(code="DEEP", prerequisites=[course])).course
    page = words(client.get("/courses/deep/"))
    assert "It is online, given by Harbour Learning: you can start now." in page
    assert "Complete it there, then upload your certificate ." in page
    run = RunFactory(course=deep)
    with pytest.raises(eligibility.BookingRefused) as refused:
        eligibility.refuse_unless_eligible(deep, person, person.posts.get())
    assert str(refused.value) == (
        "Before this course you need to complete Neglect online. It is online: take it from its "
        "page in the catalogue, and upload your certificate there."
    )
    assert "No dates" not in client.get(f"/my/bookings/new/{run.pk}/").text
    accepted(person, course)
    assert eligibility.prerequisites_missing(deep, person) == []


# Uploading


@pytest.mark.parametrize(
    ("content", "kind"), [(PDF, "application/pdf"), (picture("JPEG"), "image/jpeg")]
)
def test_one_press_sends_it_and_says_what_is_next(client, course, person, content, kind):
    file = SimpleUploadedFile("IMG_1.HEIC.jpg", content)
    with time_machine.travel("2027-03-03 10:00+00:00", tick=False):
        client.force_login(person)
        data = uploaded(file=file, completed_on="2027-03-01")
        answer = client.post(f"{MINE}NEG/new/", data, follow=True)
    said = words(answer)
    assert "We have your certificate." in said
    assert "email you by Wednesday 10 March 2027" in said
    evidence = Evidence.objects.get()
    assert (evidence.title, evidence.provider) == ("Neglect online", "Harbour Learning")
    assert (evidence.state, evidence.file_type) == ("sent", kind)
    assert (evidence.sent_by, evidence.completed_on) == (None, dt.date(2027, 3, 1))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"completed_on": ""}, "Enter the day that is on the certificate"),
        ({"completed_on": "soon"}, "Enter the day that is on the certificate, like 27 3 2027"),
        ({"completed_on": in_days(1).date().isoformat()}, "This day is still to come."),
        ({"completed_on": in_days(-400).date().isoformat()}, "This day is more than 12 months ago"),
        ({"file": ""}, "Choose the PDF or the photo of the certificate"),
        ({"file": SimpleUploadedFile("a.pdf", b"MZ")}, "This file is not a PDF, a JPEG or a PNG"),
        ({"declared": ""}, "Tick the box to say that the certificate is yours"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_sent(client, course, person, wrong, sentence):
    answer = client.post(f"{MINE}NEG/new/", uploaded(**wrong))
    [name] = wrong
    assert answer.context["form"].errors[name][0].startswith(sentence)
    assert answer.status_code == 200 and "<title>Error:" in answer.text
    assert not Evidence.objects.exists()


def test_the_same_twice_is_said_and_not_doubled(client, course, person):
    client.post(f"{MINE}NEG/new/", uploaded())
    again = client.post(f"{MINE}NEG/new/", uploaded())
    assert "You have sent us something for this course already" in words(again)
    external_training.accept(Evidence.objects.get(), by="OFFICE")
    same_day = client.post(f"{MINE}NEG/new/", uploaded())
    assert "Neglect online is completed already" in words(same_day)
    same_file = client.post(
        f"{MINE}NEG/new/", uploaded(completed_on=timezone.localdate().isoformat())
    )
    assert same_file.context["form"].errors["file"][0].startswith("This is the same file as")
    assert (Evidence.objects.count(), Completion.objects.count()) == (1, 1)


def test_a_refresher_is_a_second_and_the_first_stays(course, person):
    with time_machine.travel(in_days(-360), tick=False):
        first = accepted(person, course)
    second = accepted(person, course, file=io.BytesIO(PDF + b"\n"))
    assert Evidence.objects.filter(state="accepted").count() == 2
    assert list(Completion.objects.valid()) == [second, first]
    record = content.training_record_of(person, viewer=person)
    assert [entry.refresh_on for entry in record.to_refresh] == [
        second.completed_on.replace(year=second.completed_on.year + 1)
    ]


def test_without_the_declaration_nothing_is_taken(course, person):
    assert refusal(upload, person, course, declared=False)[1] == "declared"
    assert not Evidence.objects.exists()


def test_only_a_course_given_elsewhere_takes_a_certificate_of_its_own(client, course, person):
    taught = CoursePageFactory(course=CourseFactory(code="SUP")).course
    assert client.get(f"{MINE}SUP/new/").status_code == 404
    assert refusal(upload, person, taught)[0].startswith("This course is taught by us")
    CoursePageFactory(course=CourseElsewhereFactory(code="DRAFT"), live=False)
    assert client.get(f"{MINE}DRAFT/new/").status_code == 404


def test_who_works_nowhere_says_so_first(client, course):
    client.force_login(PersonFactory())
    assert "A job at an agency of the partnership" in client.get("/courses/neg/").text
    answer = client.post(f"{MINE}NEG/new/", uploaded())
    assert "Tell us where you work before you send this" in words(answer)


# What it counts as


def test_what_is_accepted_is_fixed_as_it_was(course, person):
    completion = accepted(person, course, completed_on=in_days(-3).date())
    evidence = completion.evidence
    assert (evidence.agency.name, evidence.role_group.name) == ("City Midwifery", "School nurses")
    Course.objects.update(title="Neglect", hours=5, provider="Another", renewal_months=None)
    [entry] = content.training_record_of(person, viewer=person).entries
    assert (entry.course, entry.hours) == ("Neglect online", "2 hours")
    assert entry.elsewhere == "Online, given by Harbour Learning"
    assert entry.refresh_on == completion.completed_on.replace(
        year=completion.completed_on.year + 1
    )
    data = content.entry_as_data(entry)
    assert data["training_elsewhere"] == {
        "title": "Neglect online",
        "provider": "Harbour Learning",
        "hours": "2.0",
        "format": "Online, given by Harbour Learning",
    }


def test_the_person_is_told_with_the_day_of_the_refresh(course, person):
    completion = accepted(person, course)
    mail = Mail.objects.get(template="training_accepted")
    refresh = completion.completed_on.replace(year=completion.completed_on.year + 1)
    assert f"A refresh is recommended by {refresh:%-d %B %Y}." in mail.text


def test_who_is_refused_reads_how_else_to_complete_it(course, person):
    external_training.refuse(upload(person, course), by="OFFICE", reason="No name on it")
    text = Mail.objects.get(template="training_not_accepted").text
    assert "You can also take the course again on Harbour Learning: http" in text
    assert "book" not in text


def test_my_learning_and_the_record_say_what_it_was(client, course, person):
    upload(person, course)
    waiting = words(client.get("/my/"))
    assert "Certificates that you sent us" in waiting and "email you by" in waiting
    external_training.accept(Evidence.objects.get(), by="OFFICE")
    done = words(client.get("/my/"))
    assert "Online, given by Harbour Learning." in done and "Refresh recommended by" in done
    assert "Certificates that you sent us" not in done
    assert "Online, given by Harbour Learning, 2 hours" in words(client.get("/my/record/"))
    assert client.get("/my/record/record.pdf").status_code in (200, 404)


def test_attendance_counts_it_in_columns_of_its_own(course, person):
    police = AgencyFactory(name="Police")
    for _ in range(2):
        accepted(PostFactory(agency=police).person, course)
    completion = accepted(person, course)
    EvidenceFactory(course=course, person=PostFactory().person)
    taught = EvidenceFactory(person=PostFactory().person, completed_on=in_days(-3).date())
    external_training.accept(taught, by="OFFICE")
    question = attendance.Question(in_days(-30).date(), timezone.localdate())
    found = attendance.attendance(question)
    by_agency = {row.name: (row.booked, row.online, row.online_hours) for row in found.agencies}
    assert by_agency["City Midwifery"] == (0, 1, 2)
    assert sum(online for _, online, _ in by_agency.values()) == 3
    assert {row.name: row.online for row in found.professions}["School nurses"] == 1
    assert (found.everybody.online, found.everybody.online_hours) == (3, 6)
    assert (found.everybody.booked, found.everybody.attendance_rate) == (0, None)
    assert "City Midwifery" not in [row.name for row in found.sent_nobody]
    earlier = attendance.Question(in_days(-30).date(), in_days(-4).date())
    assert attendance.attendance(earlier).everybody.online == 0
    external_training.take_back(completion.evidence, by="OFFICE", reason="Of another Ann")
    assert attendance.attendance(question).everybody.online == 2


def test_the_report_shows_the_columns_and_no_rate_of_nobody(client, office, course):
    accepted(PostFactory(agency__name="City Midwifery").person, course)
    page = BeautifulSoup(client.get("/cms/reports/attendance/").content, "html.parser")
    [row] = page.select("#by-agency ~ .office-scroll tbody tr")
    cells = [cell.get_text(strip=True) for cell in row.select("th, td")]
    assert cells == ["City Midwifery", "0", "0", "0", "0", "0", "-", "1", "2"]
    file = read_csv(client.get("/cms/reports/attendance/?export=csv"))
    assert file.headings[-2:] == [
        "Completed online, given elsewhere",
        "Hours online, given elsewhere",
    ]


# The lead


def test_a_lead_sees_who_is_trained_due_and_overdue(client, course, lead):
    days = {"Done": -30, "Soon": -330, "Late": -364}
    for name, ago in days.items():
        staff = PostFactory(agency=lead.agency, person__name=f"Sam {name}").person
        with time_machine.travel(in_days(ago), tick=False):
            accepted(staff, course, completed_on=timezone.localdate())
    PostFactory(agency=lead.agency, person__name="Sam None")
    stranger = PostFactory(person__name="Sam Stranger").person
    accepted(stranger, course)
    with time_machine.travel(in_days(10), tick=False):
        client.force_login(lead.person)
        page = BeautifulSoup(client.get(f"{TRAINING}?course=NEG").content, "html.parser")
        rows = {
            row.th.get_text(strip=True): row.select_one("[data-of=State]").get_text(strip=True)
            for row in page.select("tbody tr")
        }
        [summary] = staff_training.summaries(lead.agency.posts.all(), [course], viewer=lead.person)
        file = read_csv(client.get(f"{TRAINING}staff.csv?course=NEG")).by_heading()
    assert rows == {
        "Lee Lead": "Not completed", "Sam Done": "Up to date", "Sam Late": "Refresh overdue",
        "Sam None": "Not completed", "Sam Soon": "Refresh due soon",
    }  # fmt: skip
    assert (summary.done, summary.due, summary.overdue, summary.not_done) == (1, 1, 1, 2)
    assert {row["Name"]: row["State"] for row in file} == rows
    assert {row["How"] for row in file if row["Completed on"]} == {
        "Online, given by Harbour Learning"
    }


def test_what_somebody_completed_for_another_agency_is_theirs_to_share(client, course, lead):
    mover = PostFactory(person__name="Sam Mover", agency__name="Elsewhere Trust").person
    accepted(mover, course)
    mover.posts.update(ends_on=in_days(-1).date())
    PostFactory(person=mover, agency=lead.agency)
    assert "Not completed" in about_it(client.get(f"{TRAINING}?course=NEG"), "Sam Mover")


def test_a_lead_sends_the_certificate_of_a_member_of_staff(client, course, lead):
    post = PostFactory(agency=lead.agency, person__name="Sam Staff")
    data = uploaded(post=post.pk, course=course.pk)
    answer = client.post(SEND, data, follow=True)
    evidence = Evidence.objects.get()
    assert (evidence.person, evidence.sent_by) == (post.person, lead.person)
    assert evidence.agency == lead.agency
    said = words(answer)
    assert "We have the certificate of Sam Staff, and have told them." in said
    assert "A certificate waits for the training office" in said
    mail = Mail.objects.get()
    assert (mail.to, mail.subject) == (
        post.person.email, "Lee Lead sent us your certificate: Neglect online",
    )  # fmt: skip
    assert Event.objects.about(evidence).get().by_person == lead.person.pk
    external_training.accept(evidence, by="OFFICE")
    assert "Sam Staff, Neglect online" in words(client.get(TRAINING))
    assert "that Lee Lead sent" in Mail.objects.get(template="training_accepted").text
    assert Completion.objects.get().agency == lead.agency


def test_a_lead_sends_for_their_own_staff_alone(client, course, lead):
    stranger = PostFactory()
    page = client.post(SEND, uploaded(post=stranger.pk, course=course.pk))
    assert "Choose somebody who works at your agency today" in words(page)
    page = client.post(SEND, uploaded(post=lead.pk, course=course.pk))
    assert "Choose somebody who works at your agency today" in words(page)
    for post in (stranger, None):
        sentence, _ = refusal(upload, stranger.person, course, by=lead.person, post=post)
        assert sentence.startswith("You can send a certificate for people who work at your agency")
    assert not Evidence.objects.exists()


def test_a_lead_is_told_what_is_there_already_without_its_day(course, lead):
    post = PostFactory(agency=lead.agency, person__name="Sam Staff")
    upload(post.person, course)
    sentence, _ = refusal(upload, post.person, course, by=lead.person, post=post)
    assert sentence.startswith("The training office has a certificate of Sam Staff")
    external_training.accept(Evidence.objects.get(), by="OFFICE")
    sentence, _ = refusal(upload, post.person, course, by=lead.person, post=post)
    assert sentence == "Sam Staff has completed Neglect online already, so nothing more is needed."


def test_who_leads_no_more_sees_no_more_of_what_they_sent(course, lead):
    post = PostFactory(agency=lead.agency)
    evidence = upload(post.person, course, by=lead.person, post=post)
    assert list(Evidence.objects.visible_to(lead.person)) == [evidence]
    lead.is_lead = False
    lead.save()
    assert not Evidence.objects.visible_to(lead.person).exists()


def test_who_sent_it_for_a_colleague_does_not_decide(course, lead):
    evidence = upload(
        (post := PostFactory(agency=lead.agency)).person, course, by=lead.person, post=post
    )
    sentence, _ = refusal(external_training.accept, evidence, by=lead.person)
    assert sentence.startswith("You sent this certificate for a colleague")
    assert not Completion.objects.exists()


# The office


def test_the_office_reads_what_the_certificate_must_show(client, office, course):
    evidence = upload(PostFactory(person__name="Ann Sender").person, course)
    page = words(client.get(f"/cms/evidence/inspect/{evidence.pk}/"))
    assert "your name, the course and the day" in page and "2 hours" in page
    asked = words(client.get(f"/cms/evidence/accept/{evidence.pk}/"))
    assert "and that it shows: your name, the course and the day." in asked
    client.post(f"/cms/evidence/accept/{evidence.pk}/")
    assert Completion.objects.get().certified["format"] == "Online, given by Harbour Learning"


# Whether the link still works


def test_a_link_that_changes_counts_as_checked(office, course):
    Course.objects.update(link_checked_on=dt.date(2026, 1, 1))
    course.refresh_from_db()
    course.summary = "Another."
    assert shared_facts.save(course, by=office).link_checked_on == dt.date(2026, 1, 1)
    course.provider_link = "https://learning.example.org/new"
    saved = shared_facts.save(course, by=office)
    assert (saved.link_checked_on, saved.link_checked_by) == (timezone.localdate(), office)


def test_the_office_says_that_a_link_is_right(client, office, course):
    Course.objects.update(link_checked_on=in_days(-200).date())
    assert "Neglect online" in client.get("/cms/").text
    page = f"/cms/course/link/{course.pk}/"
    shown = BeautifulSoup(client.get(page).content, "html.parser")
    assert shown.find("a", href=course.provider_link)["rel"] == ["noreferrer"]
    client.post(page, {"link": course.provider_link})
    course.refresh_from_db()
    assert (course.link_checked_on, course.link_checked_by) == (timezone.localdate(), office)
    assert Event.objects.about(course).get().action == "course.link_checked"
    assert "Every link to a course given elsewhere was checked" in client.get("/cms/").text
    assert "Checked by Ola Office on" in client.get(page).text


def test_a_check_of_a_link_that_is_another_by_now_is_refused(client, office, course):
    answer = client.post(f"/cms/course/link/{course.pk}/", {"link": "https://old.example.org/"})
    assert "Somebody changed this link while you had the page open" in answer.text
    assert not Event.objects.about(course).exists()


def test_the_office_is_reminded_once_when_a_check_is_6_months_old(course, office):
    first = dt.date(2026, 3, 2)
    Course.objects.update(link_checked_on=first, link_checked_by=office)
    unlisted = CourseElsewhereFactory(title="Not offered", is_offered=False)
    Course.objects.filter(pk=unlisted.pk).update(link_checked_on=first)
    days = []
    for number in range(400):
        day = first + dt.timedelta(days=number)
        with time_machine.travel(dt.datetime.combine(day, dt.time(12), dt.UTC), tick=False):
            days += [day] * sum(provider_links.remind_office() for _ in range(2))
    assert days == [dt.date(2026, 9, 3), dt.date(2027, 3, 4)]
    mail = Mail.objects.order_by("pk").first()
    assert mail.to == Board.load().email
    assert "Neglect online, given by Harbour Learning: https://learning.example.org/" in mail.text
    assert "Checked by Ola Office on 2 March 2026." in mail.text
    assert "Not offered" not in mail.text


# As many queries for 30 as for 3


def waiting(course, lead):
    upload(PostFactory(agency=lead.agency).person, course)


def done(course, lead):
    accepted(PostFactory(agency=lead.agency, role_group=RoleGroupFactory()).person, course)


def given(course, lead):
    CoursePageFactory(course=CourseElsewhereFactory(link_checked_on=None))


@pytest.mark.parametrize(
    ("page", "more", "who"),
    [
        (TRAINING, done, "lead"),
        (f"{TRAINING}?course=NEG", done, "lead"),
        (f"{TRAINING}?course=NEG", waiting, "lead"),
        (f"{TRAINING}staff.csv?course=NEG", done, "lead"),
        (TRAINING, given, "lead"),
        (SEND, done, "lead"),
        (MINE, given, "lead"),
        ("/courses/", given, "lead"),
        ("/cms/", given, "office"),
        ("/cms/", waiting, "office"),
        ("/cms/evidence/", waiting, "office"),
        ("/cms/course/", given, "office"),
        ("/cms/reports/attendance/", done, "office"),
    ],
)
def test_pages_ask_as_much_for_30_as_for_3(client, course, lead, office, page, more, who):
    client.force_login({"lead": lead.person, "office": office}[who])

    def asked():
        client.get(page)
        return queries_of(lambda: b"".join(client.get(page)))

    # This week counts what it does not show, from the seventh on.
    for _ in range(7):
        more(course, lead)
    few = asked()
    for _ in range(23):
        more(course, lead)
    assert asked() == few


def test_my_learning_asks_as_much_for_30_as_for_3(client, person):
    def asked():
        client.get("/my/")
        return queries_of(lambda: client.get("/my/"))

    def some(number):
        for _ in range(number):
            upload(person, CourseElsewhereFactory())
            accepted(person, CourseElsewhereFactory())

    some(3)
    few = asked()
    some(27)
    assert asked() == few


def test_the_reminder_asks_as_much_for_30_as_for_3(course):
    def asked():
        Course.objects.update(link_checked_on=None, link_reminded_on=None)
        return queries_of(provider_links.remind_office)

    given(course, None)
    asked()
    for _ in range(2):
        given(course, None)
    few = asked()
    for _ in range(27):
        given(course, None)
    assert asked() == few


def test_a_completion_of_a_date_is_no_completion_online(course):
    CompletionFactory(agency=AgencyFactory())
    question = attendance.Question(in_days(-99).date(), in_days(99).date())
    assert attendance.attendance(question).everybody.online == 0
