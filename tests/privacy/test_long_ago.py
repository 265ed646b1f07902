"""Test that records of people who were active long ago lose what is not counted, and no more."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.models import Person
from certificates import content_store
from certificates.models import Certificate
from courses.completion import evidence_files, long_ago
from courses.models import Booking, Completion, Told, Trainer
from courses.privacy import Certificates, TrainingRecords, WaitingLists
from lms.privacy.rules import Erasing, privacy_rules
from privacy.erasing import due_of, erase_what_is_due, next_night
from privacy.models import Retention
from tests.factories import (
    AcknowledgementFactory,
    BookingFactory,
    CertificateFactory,
    ChargeFactory,
    CompletionFactory,
    EvidenceFactory,
    MarkFactory,
    PersonFactory,
    PostFactory,
    RunFactory,
    TrainerFactory,
    in_days,
)

pytestmark = pytest.mark.django_db
LONG, SHORT = -7 * 366, -5 * 366
REASON = "She asked by phone"


def on(record_type):
    return Retention.objects.create(record_type=record_type.name, is_on=True)


def due(record_type):
    return due_of(record_type, next_night(), is_on=False).rows


def long_gone(**facts):
    """Make an account that was last active seven years ago, with a booking of that time."""
    facts = {"joined_at": in_days(LONG), "last_login": in_days(LONG)} | facts
    person = PersonFactory(**facts)
    run = RunFactory(starts_at=in_days(LONG))
    BookingFactory(
        person=person,
        run=run,
        queued_at=in_days(LONG),
        manager_email="manager@example.org",
        end_reason=REASON,
        override_reason=REASON,
        complete_because=REASON,
    )
    return person


def completed(person, **facts):
    booking = person.bookings.get()
    on_day = timezone.localdate(in_days(LONG))
    return CompletionFactory(person=person, booking=booking, completed_on=on_day, **facts)


def test_nothing_is_erased_before_the_board_has_switched_it_on():
    long_gone()
    assert due(TrainingRecords()) == 1
    assert erase_what_is_due() == 0
    assert Booking.objects.get().end_reason == REASON


def test_records_lose_words_and_addresses_and_keep_what_is_counted():
    person = long_gone()
    booking = person.bookings.get()
    completion = completed(person)
    mark = MarkFactory(session__run=booking.run, booking=booking, corrected_because=REASON)
    charge = ChargeFactory(booking=booking, waived_at=in_days(LONG), waiver_reason=REASON)
    job = PostFactory(
        person=person,
        title="Nurse",
        starts_on=timezone.localdate(in_days(LONG - 30)),
        ends_on=timezone.localdate(in_days(LONG)),
        line_manager=PersonFactory(),
    )
    sent = EvidenceFactory(person=person, sent_at=in_days(LONG), reason=REASON)
    TrainerFactory(person=person, notes=REASON)
    before = {field.attname: getattr(booking, field.attname) for field in Booking._meta.fields}
    on(TrainingRecords())
    assert (erase_what_is_due(), erase_what_is_due()) == (1, 0)
    for each in (booking, completion, mark, charge, job, sent, person):
        each.refresh_from_db()
    words = ["manager_email", "end_reason", "override_reason", "complete_because"]
    after = {field.attname: getattr(booking, field.attname) for field in Booking._meta.fields}
    assert after == before | dict.fromkeys(words, "")
    assert (mark.corrected_because, charge.waiver_reason) == ("", "No longer held")
    assert (job.title, job.line_manager, job.agency) == ("", None, job.agency)
    assert (sent.file_path, sent.reason, sent.person) == ("", "No longer held", person)
    assert Completion.objects.get() == completion
    assert not Trainer.objects.exists() and not Told.objects.exists()
    assert person.name and person.email


def test_a_file_of_evidence_goes_unless_others_sent_the_same(
    django_capture_on_commit_callbacks,
):
    person = long_gone()
    own = evidence_files.FILES.write(b"of one")
    same = evidence_files.FILES.write(b"of two")
    for name in (own, same):
        EvidenceFactory(person=person, sent_at=in_days(LONG), file_path=name, state="accepted")
    other = EvidenceFactory(file_path=same, state="accepted")
    with django_capture_on_commit_callbacks(execute=True):
        long_ago.forget_records([person])
    assert not evidence_files.FILES.exists(own)
    assert evidence_files.FILES.exists(other.file_path)


def works(person):
    PostFactory(person=person, starts_on=timezone.localdate(in_days(LONG)))


def left_lately(person):
    starts, ends = (timezone.localdate(in_days(days)) for days in (LONG, SHORT))
    PostFactory(person=person, starts_on=starts, ends_on=ends)


def teaches(person):
    RunFactory(starts_at=in_days(SHORT)).trainers.add(person)


ACTIVITIES = {
    "a job": works,
    "a job that ended since": left_lately,
    "a sign-in": lambda person: Person.objects.filter(pk=person.pk).update(
        last_login=in_days(SHORT)
    ),
    "an account made since": lambda person: Person.objects.filter(pk=person.pk).update(
        joined_at=in_days(SHORT)
    ),
    "a date": lambda person: BookingFactory(person=person, run__starts_at=in_days(SHORT)),
    "a request": lambda person: BookingFactory(
        person=person, run__starts_at=in_days(LONG), queued_at=in_days(SHORT)
    ),
    "a completion": lambda person: CompletionFactory(
        person=person, completed_on=timezone.localdate(in_days(SHORT))
    ),
    "evidence": lambda person: EvidenceFactory(person=person, sent_at=in_days(SHORT)),
    "a version that was read": lambda person: AcknowledgementFactory(
        person=person, read_at=in_days(SHORT)
    ),
    "a date that they taught": teaches,
    "a certificate": lambda person: CertificateFactory(
        holder=person, completed_on=timezone.localdate(in_days(SHORT))
    ),
}


@pytest.mark.parametrize("activity", ACTIVITIES)
def test_any_activity_since_keeps_everything(activity):
    person = long_gone()
    CertificateFactory(holder=person, completed_on=timezone.localdate(in_days(LONG)))
    assert (due(TrainingRecords()), due(Certificates())) == (1, 1)
    ACTIVITIES[activity](person)
    assert (due(TrainingRecords()), due(Certificates())) == (0, 0)


def test_all_that_the_registry_promises_of_training_records_is_done():
    blanked, deleted = set(), set()
    for rule in privacy_rules:
        for name, held in rule.held():
            if held.record_type != TrainingRecords.name:
                continue
            if held.erasing in (Erasing.BLANKED, Erasing.REPLACED):
                blanked.add((rule.name, name))
            elif held.erasing is Erasing.DELETED:
                deleted.add(rule.name)
    done = {
        (model._meta.label, name) for model, _, _, values in long_ago.BLANKED for name in values
    }
    assert done == blanked
    assert {model._meta.label for model, _ in long_ago.DELETED} == deleted


def test_a_certificate_loses_name_and_pdf_and_can_still_be_checked(
    client, django_capture_on_commit_callbacks
):
    person = long_gone()
    day = timezone.localdate(in_days(LONG))
    kept = CertificateFactory(completed_on=timezone.localdate(in_days(SHORT)))
    erased = CertificateFactory(holder=person, name="Amina Khan", completed_on=day)
    revoked = CertificateFactory(
        holder=person, completed_on=day, revoked_at=in_days(LONG), revoked_reason=REASON
    )
    number, code, file = erased.number, erased.code, str(erased.pdf)
    on(Certificates())
    with django_capture_on_commit_callbacks(execute=True):
        assert erase_what_is_due() == 2
    assert erase_what_is_due() == 0
    for each in (kept, erased, revoked):
        each.refresh_from_db()
    assert (erased.name, erased.pdf.name, erased.number, erased.code) == (
        "Former delegate",
        "",
        number,
        code,
    )
    assert not content_store.FILES.exists(file)
    assert content_store.read(kept)
    assert revoked.revoked_reason == "No longer held"
    page = client.get(erased.verify_path).content.decode()
    assert "no longer held" in page.lower() and "Amina Khan" not in page
    assert Certificate.objects.filter(erased_at=None).get() == kept


def test_a_turn_on_an_old_waiting_list_can_no_longer_be_seen():
    asked = in_days(-400).replace(hour=15, minute=7)
    old, new = RunFactory(starts_at=in_days(-370)), RunFactory(starts_at=in_days(-360))
    facts = {"state": "lapsed", "queued_at": asked, "priority": 2, "moved_to": asked}
    waited = BookingFactory(run=old, **facts)
    untouched = [
        BookingFactory(run=new, **facts),
        BookingFactory(run=old, **facts | {"state": "withdrawn", "confirmed_at": asked}),
    ]
    on(WaitingLists())
    assert (erase_what_is_due(), erase_what_is_due()) == (1, 0)
    waited.refresh_from_db()
    assert (waited.priority, waited.moved_to, waited.state) == (0, None, "lapsed")
    assert timezone.localtime(waited.queued_at).time() == dt.time()
    assert timezone.localdate(waited.queued_at) == timezone.localdate(asked)
    for each in untouched:
        each.refresh_from_db()
        assert (each.priority, each.queued_at) == (2, asked)


def count_of_queries(do):
    with CaptureQueriesContext(connection) as queries:
        do()
    return len(queries)


def test_erasing_costs_the_same_number_of_queries_for_3_and_for_30():
    costs = []
    for many in (3, 30):
        people = [long_gone() for _ in range(many)]
        papers = [
            CertificateFactory(holder=each, completed_on=timezone.localdate(in_days(LONG)))
            for each in people
        ]
        costs.append(
            [
                count_of_queries(lambda: TrainingRecords().erase(people)),  # noqa: B023
                count_of_queries(lambda: Certificates().erase(papers)),  # noqa: B023
            ]
        )
    assert costs[0] == costs[1]
