"""Cases with three due rows for each job, the first of which is bad as a database row can be.

A case is made by the functions named in CASES under the path of a job. A job that is missing there
fails `test_bad_rows`, so that whoever adds a job says how one of its rows can be bad.
"""

import datetime as dt
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from agencies.models import Person, Post
from certificates.models import Certificate
from courses.booking import booking, expiry
from courses.completion import awarding
from courses.models import Completion, Evaluation, ImportedReport, Mark, Reminder, Run
from courses.scheduling import telling
from elearning.learning import learning
from elearning.models import Answer, Attempt
from home.models import StandardPage
from lms.models import ActionLink, JobFailure, Mail, MailOutage
from privacy.models import Retention
from protocols.drafts import copies
from protocols.models import Alert, Approval, Edition, ReviewNotice, Subscription
from search import indexer
from search.models import SearchDocument, Term
from tests.elearning.learners import take_check
from tests.elearning.modules import make_issued
from tests.factories import (
    AgencyFactory,
    ApprovalFactory,
    BookingFactory,
    CertificateFactory,
    CompletionFactory,
    CourseFactory,
    CoursePageFactory,
    DisseminationFactory,
    EvaluationFactory,
    ImageFactory,
    MailFactory,
    MarkFactory,
    PersonFactory,
    PostFactory,
    ProtocolPageFactory,
    QuestionFactory,
    ReserveFactory,
    RunFactory,
    StandardPageFactory,
    body_of,
    in_days,
    picture_of,
)
from tests.lms import tasks
from tests.protocols.test_publishing import revised

# Two mailboxes in one field, as people type it and as an import may bring it.
REFUSED = "amina@example.org,boss@example.org"
A_MOMENT = dt.timedelta(seconds=61)


@dataclass
class Case:
    """Three rows that are due, the first of them bad; `mend` puts it right."""

    rows: list
    is_done: Callable[[object], bool]
    mend: Callable[[], object]
    moment: dt.datetime = field(default_factory=timezone.now)
    # What the office reads of the one that fails.
    office_reads: str = ""


def wrong(row, **fields):
    """Update the row past every form's validation; return a function that restores it."""
    rows = type(row)._base_manager.filter(pk=row.pk)
    was = rows.values(*fields).get()
    rows.update(**fields)
    return lambda: rows.update(**was)


def wrong_address(person):
    return wrong(person, email=f"{person.email},boss@example.org")


def refused_by_the_database(row, verb):
    """Make the database refuse to change or delete this row, as if damaged; return the mend."""
    table, pk = row._meta.db_table, row._meta.pk.get_db_prep_value(row.pk, connection)
    key = row._meta.pk.column
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                f"CREATE TRIGGER bad_row BEFORE {verb} ON {table} WHEN OLD.{key} = '{pk}'"
                " BEGIN SELECT RAISE(ABORT, 'this row is damaged'); END"
            )
        else:
            cursor.execute(
                "CREATE OR REPLACE FUNCTION bad_row() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE EXCEPTION 'this row is damaged'; END $$"
            )
            cursor.execute(
                f"CREATE TRIGGER bad_row BEFORE {verb} ON {table} FOR EACH ROW"
                f" WHEN (OLD.{key} = '{pk}') EXECUTE FUNCTION bad_row()"
            )

    def mend():
        on = "" if connection.vendor == "sqlite" else f" ON {table}"
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER bad_row{on}")

    return mend


def is_gone(row):
    return not type(row)._base_manager.filter(pk=row.pk).exists()


def is_written_to(person):
    return Mail.objects.filter(to=person.email, state=Mail.QUEUED).exists()


def three(factory, **facts):
    return [factory(**facts) for _ in range(3)]


def now(row):
    return type(row)._base_manager.get(pk=row.pk)


# Every minute


def offers():
    """Make expired offers of one date; somebody waits for the first place."""
    run, ended = RunFactory(places=3), timezone.now() - dt.timedelta(hours=1)
    made = three(BookingFactory, run=run, state="offered", offered_until=ended)
    return Case(
        made,
        lambda offer: now(offer).state == "lapsed",
        wrong_address(made[0].person),
        office_reads=made[0].person.name,
    )


def requests(**facts):
    """Request places on one date, each with its own manager to approve it."""
    run = RunFactory(places=10, asks_approval=True, **facts)
    bosses = [f"boss{number}@example.net" for number in range(3)]
    posts = [
        PostFactory(line_manager_email=boss, line_manager_confirmed_at=timezone.now())
        for boss in bosses
    ]
    return [booking.request_place(run, post.person, by=post.person, post=post) for post in posts]


def offers_no_email_told_of():
    """Make offers whose mail waited when the mail server came back."""
    run, ends = RunFactory(places=3), timezone.now() + dt.timedelta(hours=1)
    made = three(BookingFactory, run=run, state="offered", offered_until=ends)
    for offer in made:
        MailFactory(template="place_offered", about_type="courses.booking", about_id=str(offer.pk))
    MailOutage.objects.create(ended_at=timezone.now())
    return Case(
        made,
        lambda offer: now(offer).offered_until > ends,
        wrong_address(made[0].person),
        office_reads=made[0].person.name,
    )


def requests_no_email_told_of():
    """Make requests whose managers were not reached when the mail server came back."""
    made = requests()
    mend = wrong(made[0], manager_email=REFUSED, approver_email=REFUSED)
    MailOutage.objects.create(ended_at=timezone.now())
    asked_at = {each.pk: each.approver_asked_at for each in made}
    return Case(
        made,
        lambda request: now(request).approver_asked_at > asked_at[request.pk],
        mend,
        office_reads=made[0].person.name,
    )


def silent_managers():
    made = requests()
    mend = wrong(made[0], manager_email=REFUSED, approver_email=REFUSED)
    reminded = timezone.now() + dt.timedelta(days=4)
    return Case(
        made,
        lambda request: now(request).approver_reminded_at is not None,
        mend,
        moment=reminded,
        office_reads=made[0].person.name,
    )


def passed_on_to_leads():
    made = requests()
    leads = [PostFactory(agency=each.agency, is_lead=True).person for each in made]
    return Case(
        made,
        lambda request: now(request).approver_email != now(request).manager_email,
        wrong_address(leads[0]),
        moment=timezone.now() + dt.timedelta(days=10),
        office_reads=made[0].person.name,
    )


def requests_that_begin():
    made = requests(starts_at=in_days(2))
    return Case(
        made,
        lambda request: now(request).state == "lapsed",
        wrong_address(made[0].person),
        moment=in_days(2, "10:00"),
        office_reads=made[0].person.name,
    )


def before_a_job_is_confirmed(**facts):
    """Request places from jobs that nobody has confirmed."""
    run = RunFactory(places=10, **facts)
    posts = [PostFactory(confirmed_at=None) for _ in range(3)]
    return [booking.request_place(run, post.person, by=post.person) for post in posts]


def jobs_confirmed_unseen():
    """Make requests whose jobs were confirmed by a door that told nobody."""
    made = before_a_job_is_confirmed()
    Post.objects.filter(confirmed_at=None).update(confirmed_at=timezone.now())
    mend = wrong_address(made[0].person)
    return Case(
        made,
        lambda request: now(request).state == "confirmed",
        mend,
        office_reads=made[0].person.name,
    )


def jobs_that_nobody_confirms():
    made = before_a_job_is_confirmed()
    return Case(
        made,
        lambda request: now(request).state == "lapsed",
        wrong_address(made[0].person),
        moment=now(made[0]).held_until,
        office_reads=made[0].person.name,
    )


def reserves():
    made = three(ReserveFactory, release_on=timezone.localdate())
    return Case(
        made,
        lambda reserve: now(reserve).released_at is not None,
        refused_by_the_database(made[0], "UPDATE"),
        office_reads=made[0].run.course.title,
    )


def passed_over():
    """Make people who could not be given a place; two of their addresses were mended since."""
    made = [BookingFactory(run__places=1, state="waiting") for _ in range(3)]
    mends = [wrong_address(each.person) for each in made]
    for each in made:
        booking.fill_free_places(Run.objects.get(pk=each.run_id), by=expiry.CLOCK)
    for mend in mends[1:]:
        mend()
    return Case(
        made,
        lambda waiting: now(waiting).state == "confirmed",
        mends[0],
        moment=timezone.now() + A_MOMENT,
        office_reads=made[0].person.name,
    )


def reminders():
    run, long_ago = RunFactory(starts_at=in_days(9)), in_days(-60)
    made = three(BookingFactory, run=run, queued_at=long_ago, confirmed_at=long_ago)
    return Case(
        made,
        lambda each: Reminder.objects.filter(booking=each).exists(),
        wrong_address(made[0].person),
        moment=in_days(0, "10:00"),
        office_reads=made[0].person.name,
    )


def trainers():
    people = three(PersonFactory)
    RunFactory(starts_at=in_days(1), trainers=people)
    return Case(
        people,
        lambda person: is_written_to(now(person)),
        wrong_address(people[0]),
        moment=in_days(0, "10:00"),
        office_reads=people[0].name,
    )


def unanswered():
    made = three(EvaluationFactory, asked_at=in_days(-6))
    return Case(
        made,
        lambda asked: now(asked).reminded_at is not None,
        wrong_address(made[0].booking.person),
        office_reads=made[0].booking.person.name,
    )


def months_later():
    QuestionFactory(at_end=False, later=True)
    course, ended = CourseFactory(later_months=3), in_days(-95)
    run = RunFactory(course=course, starts_at=ended, closed_at=ended, places=None)
    came = three(BookingFactory, run=run)
    for each in came:
        MarkFactory(booking=each, kind=Mark.Kind.PRESENT)
    return Case(
        came,
        lambda each: Evaluation.objects.filter(booking=each, kind="later").exists(),
        wrong_address(came[0].person),
        office_reads=came[0].person.name,
    )


def certificates():
    """Make completions whose certificates lacked a glyph; two names were mended since."""
    run = RunFactory(starts_at=in_days(-30), closed_at=in_days(-29))
    made = [CompletionFactory(booking__run=run) for _ in range(3)]
    mends = [wrong(each.person, name="\U00013000 Able") for each in made]
    awarding.award_certificates.call(run.pk)
    assert JobFailure.objects.count() == 3
    for mend in mends[1:]:
        mend()
    return Case(
        made,
        lambda each: not Completion.objects.without_certificate().filter(pk=each.pk).exists(),
        mends[0],
        moment=timezone.now() + A_MOMENT,
        office_reads="Able: ",
    )


def subscribers():
    page, long_ago = ProtocolPageFactory(), in_days(-9)
    made = [
        Subscription.objects.create(
            email=f"jo{number}@example.org", page=page, confirmed_at=long_ago
        )
        for number in range(3)
    ]
    revised(page).publish()
    return Case(
        made,
        lambda wanted: Alert.objects.filter(subscription=wanted).exists(),
        wrong(made[0], email=REFUSED),
        office_reads=REFUSED,
    )


def scheduled():
    """Schedule three drafts, one of which cannot be published: it has lost its title."""
    made, soon = three(ProtocolPageFactory), in_days(7)
    drafts = [revised(page, go_live_at=soon, in_force_from=soon.date()) for page in made]
    for draft in drafts:
        draft.publish()
    return Case(
        made,
        lambda page: page.editions.count() == 2,
        wrong(drafts[0], content=drafts[0].content | {"title": None}),
        moment=soon + A_MOMENT,
        office_reads=made[0].title,
    )


def versions_without_a_pdf():
    """Make versions, the first of which has lost the file of its picture."""
    pages = [ProtocolPageFactory(body=body_of(picture_of(ImageFactory())))]
    pages += [ProtocolPageFactory() for _ in range(2)]
    made = [page.editions.get() for page in pages]
    files = list(made[0].files.all())
    contents = [copies.read(file) for file in files]
    for file in files:
        copies.FILES.delete(str(file.file))
    return Case(
        made,
        lambda edition: not Edition.objects.without_pdf().filter(pk=edition.pk).exists(),
        lambda: [copies.FILES.write(content) for content in contents],
        office_reads=made[0].title,
    )


def findable():
    """Make pages to index for search, one of which has an unreadable body."""
    section = ("section", {"heading": "Help", "text": "<p>Call.</p>"})
    pages = [StandardPageFactory(body=body_of(section)) for _ in range(3)]
    indexer.forget_terms()
    return Case(
        pages,
        lambda page: SearchDocument.objects.filter(source="page", record=page.pk).exists(),
        damaged(pages[0]),
        office_reads=f"Page {pages[0].pk}",
    )


def damaged(page):
    """Write JSON into the page's body that its blocks cannot read; return the mend."""
    was = json.dumps(list(page.body.raw_data))

    def put(body):
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {StandardPage._meta.db_table} SET body = %s WHERE page_ptr_id = %s",
                [body, page.pk],
            )

    put(json.dumps([{"type": "section", "value": "neither heading nor text", "id": "1"}]))
    return lambda: put(was)


# Every night


def finished_tasks():
    for number in range(3):
        tasks.note.enqueue(str(number))
    DBTaskResult.objects.update(status="SUCCESSFUL", finished_at=in_days(-31))
    made = list(DBTaskResult.objects.order_by("pk"))
    return Case(made, is_gone, refused_by_the_database(made[0], "DELETE"))


def access_needs():
    made = three(BookingFactory, run__starts_at=in_days(-31), access_needs="A ramp")
    return Case(
        made,
        lambda each: now(each).access_needs == "",
        refused_by_the_database(made[0], "UPDATE"),
        office_reads=made[0].person.name,
    )


def unproven_accounts():
    made = three(PersonFactory, joined_at=in_days(-8))
    EmailAddress.objects.update(verified=False)
    return Case(
        made, is_gone, refused_by_the_database(made[0], "DELETE"), office_reads=made[0].name
    )


def old_sheets():
    sheet = "6b1f0c5e-0000-4000-8000-00000000000"
    made = [EvaluationFactory(answered_at=in_days(-400), sheet=f"{sheet}{n}") for n in range(3)]
    return Case(
        made,
        lambda asked: now(asked).sheet is None,
        refused_by_the_database(made[0], "UPDATE"),
        office_reads=made[0].booking.person.name,
    )


def jobs_nobody_heard_of():
    """Say where three people work, at agencies whose leads were never told."""
    made = three(PostFactory, confirmed_at=None)
    leads = [PostFactory(agency=post.agency, is_lead=True).person for post in made]
    return Case(
        made,
        lambda post: Mail.objects.filter(template="job_waiting", about_id=str(post.pk)).exists(),
        wrong_address(leads[0]),
        office_reads=made[0].person.name,
    )


def places_of_closed_accounts():
    made = three(BookingFactory, run=RunFactory(places=3), state="confirmed")
    Person.objects.filter(pk__in=[each.person_id for each in made]).update(is_active=False)
    return Case(
        made,
        lambda place: now(place).state == "withdrawn",
        wrong_address(made[0].person),
        office_reads=made[0].person.name,
    )


def leads():
    people = [PostFactory(is_lead=True, starts_on=dt.date(2026, 1, 1)).person for _ in range(3)]
    return Case(
        people,
        lambda person: is_written_to(now(person)),
        wrong_address(people[0]),
        moment=dt.datetime(2027, 1, 4, 2, 30, tzinfo=dt.UTC),
        office_reads=people[0].name,
    )


def below_minimum():
    made = three(RunFactory, minimum=5, starts_at=in_days(5))
    return Case(
        made,
        lambda run: now(run).below_told_at is not None,
        refused_by_the_database(made[0], "UPDATE"),
        office_reads=made[0].course.title,
    )


def told_otherwise():
    """Make dates to come whose people were told something else than is true."""
    people = three(PersonFactory)
    made = [BookingFactory(person=person).run for person in people]
    telling.compare()
    Run.objects.update(joining_instructions="Bring lunch.", compare_from=in_days(-1))
    return Case(
        made,
        lambda run: now(run).compare_from is None,
        wrong_address(people[0]),
        office_reads=made[0].course.title,
    )


def to_be_compared():
    made = [BookingFactory().run for _ in range(3)]
    telling.compare()
    Run.objects.update(joining_instructions="Bring lunch.")
    return Case(
        made,
        lambda run: now(run).compare_from is not None,
        refused_by_the_database(made[0], "UPDATE"),
        office_reads=made[0].course.title,
    )


def certificates_that_ended():
    made = three(CertificateFactory)
    Certificate.objects.update(revoked_at=in_days(-1), revoked_reason="A slip.")
    return Case(
        made,
        lambda certificate: now(certificate).end_told_at is not None,
        wrong_address(made[0].holder),
        office_reads="certificate",
    )


def cascades():
    edition = ProtocolPageFactory().edition_in_force
    agencies = three(AgencyFactory)
    people = [PostFactory(agency=agency, is_lead=True).person for agency in agencies]
    made = [
        DisseminationFactory(edition=edition, agency=agency, deadline_on=timezone.localdate())
        for agency in agencies
    ]
    return Case(
        made,
        lambda sent: now(sent).chased_on is not None,
        wrong_address(people[0]),
        office_reads=agencies[0].name,
    )


def cascades_refused():
    edition = ProtocolPageFactory().edition_in_force
    today = timezone.localdate()
    agencies = [PostFactory(is_lead=True).agency for _ in range(3)]
    made = [
        DisseminationFactory(edition=edition, agency=agency, deadline_on=today)
        for agency in agencies
    ]
    return Case(
        made,
        lambda sent: now(sent).chased_on is not None,
        refused_by_the_database(made[0], "UPDATE"),
        office_reads=made[0].agency.name,
    )


def drafts(**facts):
    page = ProtocolPageFactory()
    agencies = three(AgencyFactory)
    people = [PostFactory(agency=agency, is_lead=True).person for agency in agencies]
    asked_at = in_days(-14)
    first = ApprovalFactory(page=page, agency=agencies[0], asked_at=asked_at, **facts)
    made = [first] + [
        ApprovalFactory(
            page=page, agency=agency, asked_at=asked_at, revision=first.revision, **facts
        )
        for agency in agencies[1:]
    ]
    return made, people


def drafts_that_wait():
    made, people = drafts(answer_by=timezone.localdate())
    return Case(
        made,
        lambda asked: now(asked).chased_on is not None,
        wrong_address(people[0]),
        office_reads=made[0].name,
    )


def authors():
    """Make authors who must hear, each about a draft of their own, of an overdue answer."""
    people, made = [], []
    for _ in range(3):
        asked = drafts(answer_by=in_days(-1).date(), chased_on=timezone.localdate())[0][0]
        author = PersonFactory(is_staff=True, groups=["Protocol editors"])
        page = asked.page
        page.get_workflow().start(page, user=author)
        asked.refresh_from_db()
        Approval.objects.filter(page=page, agency__isnull=False).update(state="waiting")
        people.append(author)
        made.append(asked)
    return Case(
        made,
        lambda asked: now(asked).author_told_on is not None,
        wrong_address(people[0]),
        office_reads=made[0].page.title,
    )


def unconfirmed():
    page = ProtocolPageFactory()
    made = [
        Subscription.objects.create(
            email=f"jo{number}@example.org", page=page, asked_at=in_days(-9)
        )
        for number in range(3)
    ]
    Subscription.objects.update(asked_at=in_days(-9))
    return Case(
        made, is_gone, refused_by_the_database(made[0], "DELETE"), office_reads="jo0@example.org"
    )


def switched_on(name):
    """Switch on that a record type is erased, as the office does after a dry run."""
    Retention.objects.create(record_type=name, is_on=True)


def old_emails():
    switched_on("mail")
    made = three(MailFactory, state="sent", created_at=in_days(-800))
    return Case(made, is_gone, refused_by_the_database(made[0], "DELETE"))


def old_links():
    switched_on("links")
    made = [
        ActionLink.objects.create(
            token_hash=f"{number}", purpose="offer", about_type="courses.booking", about_id="1",
            sent_to="jo@example.org", expires_at=in_days(-400),
        )
        for number in range(3)
    ]  # fmt: skip
    return Case(made, is_gone, refused_by_the_database(made[0], "DELETE"))


def ended_sessions():
    switched_on("sessions")
    made = [
        Session.objects.create(session_key=f"ended{number}", expire_date=in_days(-1))
        for number in range(3)
    ]
    return Case(made, is_gone, refused_by_the_database(made[0], "DELETE"))


def old_meeting_reports():
    switched_on("meeting_reports")
    run = RunFactory(starts_at=in_days(-400))
    made = [ImportedReport.objects.create(run=run, digest=f"{number}") for number in range(3)]
    return Case(made, is_gone, refused_by_the_database(made[0], "DELETE"))


def old_failures():
    long_ago = in_days(-31)
    facts = {"first_failed_at": long_ago, "last_failed_at": long_ago, "next_try_at": long_ago}
    made = [JobFailure.objects.create(job="lms.gone", step=f"{n}", **facts) for n in range(3)]
    return Case(made, is_gone, refused_by_the_database(made[0], "DELETE"))


def reviews():
    agencies = three(AgencyFactory)
    people = [PostFactory(agency=agency, is_lead=True).person for agency in agencies]
    day = timezone.localdate() + dt.timedelta(days=20)
    pages = [ProtocolPageFactory(owners=[agency], next_review_on=day) for agency in agencies]
    return Case(
        pages,
        lambda page: ReviewNotice.objects.filter(edition__page=page).exists(),
        wrong_address(people[0]),
        office_reads=pages[0].title,
    )


def unused_words():
    made = [Term.objects.create(word=word) for word in ("aardvark", "baobab", "cassowary")]
    return Case(made, is_gone, refused_by_the_database(made[0], "DELETE"))


def lacking_what_was_withdrawn():
    """Book people on courses whose prerequisite was withdrawn by a door that told nobody."""
    made = []
    for _ in range(3):
        had = CompletionFactory()
        course = CourseFactory(prerequisites=[had.course])
        made.append(BookingFactory(person=had.person, run__course=course))
        Completion.objects.filter(pk=had.pk).update(withdrawn_at=timezone.now())
    return Case(
        made,
        lambda booking: is_written_to(booking.person),
        wrong_address(made[0].person),
        office_reads=made[0].person.name,
    )


def attempts(**last):
    """Begin three attempts at a module, which nobody has touched for a while."""
    version = make_issued(f"module-{uuid.uuid4().hex[:8]}", by=PersonFactory())
    made = [learning.begin(version.module, by=PersonFactory()) for _ in range(3)]
    Attempt.objects.update(last_at=timezone.now() - dt.timedelta(**last))
    return made


def unfinished_modules():
    made = attempts(days=15)
    return Case(
        made,
        lambda attempt: is_written_to(attempt.person),
        wrong_address(made[0].person),
        office_reads=made[0].person.name,
    )


def refreshers_open():
    """Complete an online course that is renewed each year, 11 months ago."""
    version = make_issued(by=PersonFactory())
    course = CourseFactory(kind="module", format="", module=version.module, renewal_months=12)
    page = CoursePageFactory(course=course)
    made = [
        CompletionFactory(
            person=PostFactory().person, course=page.course, completed_on=in_days(-330).date()
        )
        for _ in range(3)
    ]
    return Case(
        made,
        lambda completion: is_written_to(completion.person),
        wrong_address(made[0].person),
        office_reads=made[0].person.name,
    )


def attempts_nobody_touches():
    made = attempts(days=366)
    return Case(
        made,
        lambda attempt: now(attempt).state == "lapsed",
        refused_by_the_database(made[0], "UPDATE"),
        office_reads=made[0].person.name,
    )


def old_module_answers():
    """Answer in three checks, and let a year go by."""
    switched_on("module_answers")
    for attempt in attempts(days=0):
        take_check(attempt)
    Attempt.objects.update(ended_at=in_days(-400))
    rows = list(Answer.objects.order_by("pk")[:3])
    return Case(rows, is_gone, refused_by_the_database(rows[0], "DELETE"))


CASES = {
    "courses.completion.refreshing.tell_open": [refreshers_open],
    "elearning.learning.nightly.lapse": [attempts_nobody_touches],
    "elearning.learning.nightly.tell_unfinished": [unfinished_modules],
    "courses.completion.prerequisites.tell_untold": [lacking_what_was_withdrawn],
    "courses.booking.outage.keep_offers": [offers_no_email_told_of],
    "courses.booking.outage.ask_again": [requests_no_email_told_of],
    "courses.booking.expiry.lapse_offers": [offers],
    "courses.booking.expiry.pursue_requests": [
        silent_managers,
        passed_on_to_leads,
        requests_that_begin,
        jobs_confirmed_unseen,
        jobs_that_nobody_confirms,
    ],
    "courses.booking.expiry.release_reserves": [reserves],
    "courses.booking.expiry.offer_again": [passed_over],
    "courses.scheduling.reminders.remind": [reminders],
    "courses.scheduling.trainers.send_packs": [trainers],
    "courses.scheduling.telling.tell_again": [told_otherwise],
    "courses.scheduling.telling.compare": [to_be_compared],
    "certificates.telling.tell_ends": [certificates_that_ended],
    "courses.evaluation.evaluation.remind": [unanswered],
    "courses.evaluation.evaluation.invite_later": [months_later],
    "courses.completion.awarding.award_again": [certificates],
    "protocols.readers.alerts.send": [subscribers],
    "protocols.editions.scheduling.publish_due": [scheduled],
    "protocols.editions.pdfs.make": [versions_without_a_pdf],
    "search.indexer.sync": [findable],
    "privacy.erasing.erase_what_is_due": [
        finished_tasks,
        access_needs,
        old_sheets,
        unconfirmed,
        old_emails,
        old_links,
        ended_sessions,
        old_failures,
        old_meeting_reports,
        old_module_answers,
    ],
    "lms.registries.leavers.pass_on": [jobs_nobody_heard_of, places_of_closed_accounts],
    "agencies.leaving.unproven.forget": [unproven_accounts],
    "agencies.staff_list_review.ask_leads": [leads],
    "courses.scheduling.minimum_numbers.tell_office": [below_minimum],
    "protocols.cascade.reminders.chase": [cascades, cascades_refused],
    "protocols.approval.reminders.chase": [drafts_that_wait, authors],
    "protocols.editions.reviews.tell_owners": [reviews],
    "search.indexer.forget_terms": [unused_words],
}
# Jobs of which no row can be bad, why, and the test that says what becomes of them instead.
NO_ROWS = {
    "courses.booking.nightly_checks.check_counters": (
        "It asks one question of all dates and writes one mail to the office: it fails as a whole.",
        "test_a_check_that_fails_as_a_whole_is_shown_and_run_again_alone",
    ),
    "agencies.concern_contacts.remind_office": (
        "It looks at one row and writes one mail to the office: it fails as a whole.",
        "test_a_reminder_to_the_office_that_fails_is_shown_and_run_again_alone",
    ),
    "courses.catalogue.provider_links.remind_office": (
        "It writes one mail to the office of all the links to check: it fails as a whole.",
        "test_a_reminder_of_links_that_fails_is_shown_and_run_again_alone",
    ),
    "lms.storage.counting_cache.forget_expired": (
        "It deletes rows of the cache with one statement: it fails as a whole.",
        "test_a_nightly_job_that_fails_each_time_keeps_no_other_from_being_tried_again",
    ),
    "lms.storage.strays.check_files": (
        "It compares all files with all records and keeps one row of numbers: it fails as a whole.",
        "test_a_check_of_files_that_fails_is_shown_and_run_again_alone",
    ),
    "lms.jobs.nightly.try_again": (
        "Its rows are other jobs, which `jobs.run` keeps apart.",
        "test_a_nightly_job_that_fails_each_time_keeps_no_other_from_being_tried_again",
    ),
}
