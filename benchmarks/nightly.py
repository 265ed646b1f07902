"""Measure each nightly job with 70,000 due rows: time, longest transaction, memory.

Each job runs in its own process, to isolate its memory. `python -m benchmarks nightly`.
"""

import datetime as dt
import gc
import json
import os
import subprocess
import sys
import threading
import time
import uuid
from contextlib import contextmanager
from pathlib import Path

MANY, AGENCIES, PROTOCOLS = 70_000, 1000, 70
# 02:30 on the first working day of a quarter, when leads are asked too.
NIGHT = dt.datetime(2027, 1, 4, 2, 30, tzinfo=dt.UTC)
MOST_SECONDS, MOST_MB, PATIENCE = 5, 50, 3600


def measure(database_url, folder):
    import time_machine

    yield f"## Nightly jobs ({MANY:,} due rows in each, one process a job)"
    yield ""
    yield "| job | done in | its CPU | longest transaction | its CPU | peak memory growth | left |"
    yield "|---|---|---|---|---|---|---|"
    with time_machine.travel(NIGHT, tick=True):
        for path, make in JOBS.items():
            left = make()
            analyse()
            seen = in_a_process(path, database_url, folder)
            fine = seen["longest"] < MOST_SECONDS and seen["grown"] < MOST_MB and not left()
            yield (
                f"| {path} | {seen['seconds']:.0f} s | {seen['cpu']:.0f} s"
                f" | {seen['longest']:.2f} s | {seen['longest_cpu']:.2f} s"
                f" | {seen['grown']:.0f} MB | {left()}{'' if fine else ' (not as it should be)'} |"
            )
    yield ""
    yield "- On PostgreSQL the CPU is that of the job alone, without that of the database"
    yield f"- Goals: no transaction over {MOST_SECONDS} s, at most {MOST_MB} MB more, none left"
    yield ""


def in_a_process(path, database_url, folder):
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.nightly", path.partition(" ")[0]],
        env=os.environ | {"DATABASE_URL": database_url, "DATA_DIR": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def analyse():
    """Update planner statistics, as the database does by itself from time to time."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


# Run in each job's own process


def run(path):
    import django
    import time_machine

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")
    django.setup()
    from django.utils.module_loading import import_string

    with time_machine.travel(NIGHT, tick=True):
        job = import_string(path)
        with watched() as seen:
            job()
    print(json.dumps(seen))


@contextmanager
def watched():
    """Measure the block's duration, its longest transaction and its peak memory."""
    from django.db import connection

    connection.ensure_connection()
    seen = {"longest": 0.0, "longest_cpu": 0.0}
    begun, set_autocommit = [], connection.set_autocommit

    def ended(began):
        took, cpu = (now - then for now, then in zip(clocks(), began, strict=True))
        if took > seen["longest"]:
            seen.update(longest=took, longest_cpu=cpu)

    def timed(autocommit, *args, **kwargs):
        set_autocommit(autocommit, *args, **kwargs)
        if autocommit and begun:
            ended(begun.pop())
        elif not autocommit:
            begun.append(clocks())

    def alone(execute, *args):
        began = clocks()
        answer = execute(*args)
        if not connection.in_atomic_block:
            ended(began)
        return answer

    connection.set_autocommit = timed
    gc.collect()
    before, most, done = memory(), [memory()], threading.Event()

    def look():
        while not done.wait(0.02):
            most[0] = max(most[0], memory())

    looking = threading.Thread(target=look)
    looking.start()
    began = clocks()
    try:
        with connection.execute_wrapper(alone):
            yield seen
    finally:
        seen["seconds"], seen["cpu"] = (
            now - then for now, then in zip(clocks(), began, strict=True)
        )
        done.set()
        looking.join()
        seen["grown"] = max(most[0], memory()) - before


def clocks():
    """Return wall-clock and CPU seconds; CPU is less disturbed by other load."""
    return time.perf_counter(), time.process_time()


def memory():
    """Return this process's resident memory in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


# Make the due rows of each job


def many(model, rows):
    return model.objects.bulk_create(rows, batch_size=1000)


def finished_tasks():
    from django_tasks_db.models import DBTaskResult

    ended = NIGHT - dt.timedelta(days=31)
    many(
        DBTaskResult,
        (
            DBTaskResult(
                status="SUCCESSFUL", finished_at=ended, run_after=ended, backend_name="default",
                task_path="tests.lms.tasks.note", args_kwargs={"args": ["x"], "kwargs": {}},
            )
            for _ in range(MANY)
        ),
    )  # fmt: skip
    return DBTaskResult.objects.filter(finished_at=ended).count


def old_emails():
    from lms.models import Mail
    from privacy.models import Retention

    Retention.objects.create(record_type="mail", is_on=True)
    at = NIGHT - dt.timedelta(days=800)
    many(
        Mail,
        (
            Mail(message_id=f"old{n}", to="jo@example.org", state="sent", created_at=at)
            for n in range(MANY)
        ),
    )
    return Mail.objects.filter(created_at=at).count


def dates(**facts):
    from courses.models import Run
    from tests.factories import CourseFactory

    course = CourseFactory()
    return many(Run, (Run(course=course, places=None, **facts) for _ in range(MANY)))


def miscounted():
    dates(taken=3, starts_at=NIGHT + dt.timedelta(days=90))
    return lambda: 0


def below_minimum():
    from courses.models import Run

    starts_at = NIGHT + dt.timedelta(days=5)
    dates(minimum=5, starts_at=starts_at, ends_at=starts_at + dt.timedelta(hours=3))
    return Run.objects.filter(minimum=5, below_told_at=None).count


def bookings(**facts):
    from courses.models import Booking
    from tests.factories import AgencyFactory, PersonFactory

    ended = NIGHT - dt.timedelta(days=400)
    person, agency = PersonFactory(), AgencyFactory()
    known = {"person": person, "agency": agency, "state": "withdrawn", "ended_at": ended}
    found = dates(starts_at=ended, ends_at=ended)
    return many(Booking, (Booking(run=run, queued_at=ended, **known, **facts) for run in found))


def access_needs():
    from courses.models import Booking

    bookings(access_needs="A ramp")
    return Booking.objects.filter(access_needs="A ramp").count


def old_sheets():
    from courses.models import Evaluation

    answered_at = NIGHT - dt.timedelta(days=400)
    many(
        Evaluation,
        (
            Evaluation(booking=booking, kind="end", answered_at=answered_at, sheet=uuid.uuid4())
            for booking in bookings()
        ),
    )
    return Evaluation.objects.exclude(sheet=None).count


def leads_of(agencies, each):
    from agencies.models import Person, Post

    people = many(
        Person,
        (
            Person(name=f"Lead {uuid.uuid4()}", email=f"{uuid.uuid4()}@example.org", password="!")
            for _ in range(len(agencies) * each)
        ),
    )
    began = dt.date(2020, 1, 1)
    many(
        Post,
        (
            Post(
                person=person, agency=agencies[number // each], title="Lead", is_lead=True,
                starts_on=began, confirmed_at=NIGHT,
            )
            for number, person in enumerate(people)
        ),
    )  # fmt: skip
    return people


def agencies_with(each):
    from agencies.models import Agency
    from tests.factories import SectorFactory

    sector = SectorFactory()
    made = many(
        Agency, (Agency(name=f"Agency {uuid.uuid4()}", sector=sector) for _ in range(AGENCIES))
    )
    leads_of(made, each)
    return made


def leads():
    from agencies.models import Person
    from lms.models import Mail

    agencies_with(MANY // AGENCIES)
    people = Person.objects.filter(posts__is_lead=True, is_active=True).count()
    return lambda: people - Mail.objects.filter(template="check_your_list").count()


def cascades():
    from protocols.models import Dissemination
    from tests.factories import ProtocolPageFactory

    made = agencies_with(1)
    editions = [ProtocolPageFactory().edition_in_force for _ in range(PROTOCOLS)]
    many(
        Dissemination,
        (
            Dissemination(
                edition=edition, agency=agency, deadline_on=NIGHT.date(),
                sent_at=NIGHT - dt.timedelta(days=20),
            )
            for edition in editions
            for agency in made
        ),
    )  # fmt: skip
    return Dissemination.objects.filter(chased_on=None).count


def drafts():
    from protocols.models import Approval
    from tests.factories import ProtocolPageFactory

    made = agencies_with(1)
    revisions = [ProtocolPageFactory().save_revision() for _ in range(PROTOCOLS)]
    many(
        Approval,
        (
            Approval(
                page_id=int(revision.object_id), revision=revision, digest="x", name=agency.name,
                agency=agency, answer_by=NIGHT.date(), asked_at=NIGHT - dt.timedelta(days=20),
            )
            for revision in revisions
            for agency in made
        ),
    )  # fmt: skip
    return Approval.objects.filter(chased_on=None).count


def unconfirmed():
    from protocols.models import Subscription
    from tests.factories import ProtocolPageFactory

    page = ProtocolPageFactory()
    many(Subscription, (Subscription(email=f"a{n}@example.org", page=page) for n in range(MANY)))
    Subscription.objects.update(asked_at=NIGHT - dt.timedelta(days=9))
    return Subscription.objects.count


def reviews():
    """Make as many protocols with one edition each, by copying one."""
    from agencies.models import Agency
    from protocols.models import Edition, ReviewNotice
    from tests.factories import ProtocolPageFactory

    day = NIGHT.date() + dt.timedelta(days=20)
    first = ProtocolPageFactory(next_review_on=day)
    pages = copies_of(first)
    edition = first.edition_in_force
    agencies = list(Agency.objects.order_by("-pk").values_list("pk", "name")[:AGENCIES])
    fields = [
        f.attname for f in Edition._meta.concrete_fields if f.attname not in ("id", "page_id")
    ]
    known = {name: getattr(edition, name) for name in fields}

    def owners(number):
        pk, name = agencies[number % len(agencies)]
        return [{"agency": pk, "name": name}]

    many(
        Edition,
        (
            Edition(page_id=pk, **known | {"owners": owners(number)})
            for number, pk in enumerate(pages)
        ),
    )
    told = ReviewNotice.objects.filter(review_on=day).exclude(edition=edition)
    return lambda: MANY - told.count()


def copies_of(page):
    from django.db import connection
    from wagtail.models import Page

    parent = page.get_parent()
    fields = [f.attname for f in Page._meta.concrete_fields if f.attname != "id"]
    known = {name: getattr(page, name) for name in fields}
    unique = ("translation_key", "path", "slug", "url_path")
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

    def step(number):
        return "YZ"[number // 36**3] + "".join(digits[number // 36**n % 36] for n in (2, 1, 0))

    def copy(number):
        own = (uuid.uuid4(), parent.path + step(number), f"copy-{number}",
               f"{parent.url_path}copy-{number}/")  # fmt: skip
        return Page(**known | dict(zip(unique, own, strict=True)))

    made = many(Page, (copy(number) for number in range(MANY)))
    table = connection.ops.quote_name(type(page)._meta.db_table)
    columns = [
        f.column for f in type(page)._meta.local_concrete_fields if f.column != "page_ptr_id"
    ]
    named = ", ".join(connection.ops.quote_name(column) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (page_ptr_id, {named}) SELECT copied.id, {named}"
            f" FROM {table}, wagtailcore_page AS copied WHERE page_ptr_id = %s"
            " AND copied.slug LIKE 'copy-%%'",
            [page.pk],
        )
    return [each.pk for each in made]


def unused_words():
    from search.models import Term

    letters = [chr(ord("a") + number) for number in range(26)]
    word = "".join
    many(
        Term,
        (
            Term(word=word(letters[number // 26**power % 26] for power in range(6)))
            for number in range(MANY)
        ),
    )
    return Term.objects.count


def moved_by_another_door():
    """Make dates of which each trainer was told another time."""
    from courses.models import Run, Told
    from courses.notices import told
    from tests.factories import PersonFactory

    person = PersonFactory()
    found = dates(
        starts_at=NIGHT + dt.timedelta(days=90), ends_at=NIGHT + dt.timedelta(days=90, hours=3)
    )
    many(Run.trainers.through, (Run.trainers.through(run=run, person=person) for run in found))
    facts = {
        "sessions": {"1": ["2027-04-01T09:00:00+00:00"] * 2}, "names": {"1": ""}, "where": "",
        "link": "", "joining_instructions": "", "travel": "", "access": "",
    }  # fmt: skip
    reader = told.trainer_reader(person)
    many(
        Told,
        (Told(run=run, role="trainer", person=person, reader=reader, facts=facts) for run in found),
    )
    return Run.objects.filter(pk__in=(run.pk for run in found[:900]), compare_from=None).count


def revoked():
    """Make certificates that were revoked without their holders being told."""
    from certificates.models import Certificate
    from tests.factories import PersonFactory

    person = PersonFactory()
    many(
        Certificate,
        (
            Certificate(
                number=f"N-{number}", code=f"{number:016}", award=uuid.uuid4(), holder=person,
                name=person.name, title="A course", course_code="A", hours=3, format="Classroom",
                completed_on=NIGHT.date(), board="A board", signatory_name="A", sha256="0" * 64,
                signatory_title="B", pdf="a", size=1, revoked_at=NIGHT, revoked_reason="A mistake",
            )
            for number in range(MANY)
        ),
    )  # fmt: skip
    return Certificate.objects.filter(end_told_at=None).count


def without_what_was_withdrawn():
    """Make bookings of somebody who completed what the course asks for, which was withdrawn."""
    from courses.models import Booking
    from tests.factories import AgencyFactory, CompletionFactory

    completion = CompletionFactory(withdrawn_at=NIGHT)
    soon = NIGHT + dt.timedelta(days=30)
    known = {"person": completion.person, "agency": AgencyFactory(), "state": "confirmed"}
    found = dates(starts_at=soon, ends_at=soon + dt.timedelta(hours=3), taken=1)
    found[0].course.prerequisites.add(completion.course)
    many(
        Booking,
        (
            Booking(run=run, queued_at=NIGHT, confirmed_at=NIGHT, holds_place=True, **known)
            for run in found
        ),
    )
    return left_untold


def left_untold():
    from lms.models import Mail

    return MANY - Mail.objects.filter(template="prerequisite_withdrawn").count()


def of_closed_accounts():
    """Make places of somebody whose account was closed."""
    from courses.models import Booking
    from tests.factories import AgencyFactory, PersonFactory

    person, agency = PersonFactory(is_active=False), AgencyFactory()
    soon = NIGHT + dt.timedelta(days=30)
    known = {"person": person, "agency": agency, "state": "confirmed", "queued_at": NIGHT}
    found = dates(starts_at=soon, ends_at=soon, taken=1)
    many(
        Booking, (Booking(run=run, confirmed_at=NIGHT, holds_place=True, **known) for run in found)
    )
    return Booking.objects.live().filter(person=person).count


JOBS = {
    # What follows a job's path says of which rows.
    "privacy.erasing.erase_what_is_due (tasks)": finished_tasks,
    "privacy.erasing.erase_what_is_due (access needs)": access_needs,
    "privacy.erasing.erase_what_is_due (sheets)": old_sheets,
    "privacy.erasing.erase_what_is_due (alerts)": unconfirmed,
    "privacy.erasing.erase_what_is_due (emails)": old_emails,
    "courses.booking.nightly_checks.check_counters": miscounted,
    "courses.scheduling.minimum_numbers.tell_office": below_minimum,
    "search.indexer.forget_terms": unused_words,
    "protocols.cascade.reminders.chase": cascades,
    "protocols.approval.reminders.chase": drafts,
    "protocols.editions.reviews.tell_owners": reviews,
    "agencies.staff_list_review.ask_leads": leads,
    "courses.completion.prerequisites.tell_untold": without_what_was_withdrawn,
    "courses.scheduling.telling.compare": moved_by_another_door,
    "certificates.telling.tell_ends": revoked,
    "lms.registries.leavers.pass_on": of_closed_accounts,
}

if __name__ == "__main__":
    run(sys.argv[1])
