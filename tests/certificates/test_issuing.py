"""Test that an award has exactly one live certificate, and that certificates never change."""

import datetime as dt
import hashlib
import uuid
from pathlib import Path

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from agencies.access import TRAINING_ADMINISTRATORS
from agencies.models import Board
from certificates import content_store, issuing
from certificates.issuing import CertificateRefused
from certificates.models import Certificate, Series, certificate_storage
from history.models import Event
from lms.storage.content_store import Damaged
from tests.factories import CertificateFactory, PersonFactory, PostFactory

pytestmark = pytest.mark.django_db


def issued(holder=None, **facts):
    holder = holder or PersonFactory()
    facts = {
        "award": uuid.uuid4(),
        "title": "Supervision",
        "course_code": "SUP",
        "course_version": "2",
        "outcomes": ["Supervise with care"],
        "hours": "3.5",
        "format": "Classroom",
        "agency": "City Midwifery",
        "completed_on": dt.date(2026, 11, 20),
        "refresh_on": dt.date(2029, 11, 20),
        "by": "CLOSING",
    } | facts
    return issuing.issue(holder, **facts)


def actions(certificate):
    return list(Event.objects.about(certificate).order_by("id").values_list("action", flat=True))


def files():
    return {path.name for path in Path(certificate_storage().path("")).rglob("*.pdf")}


@time_machine.travel("2026-11-22 10:00", tick=False)
def test_what_is_issued_is_a_snapshot_with_its_file():
    Board.objects.update_or_create(
        defaults={
            "name": "Portsmouth Safeguarding Children Board",
            "certificate_prefix": "PSCB",
            "signatory_name": "Dr Rowena Hale",
            "signatory_title": "Independent Chair",
        }
    )
    holder = PersonFactory(name="Mary  Seacole ")
    certificate = issued(holder)
    certificate.refresh_from_db()
    assert (
        certificate.number,
        certificate.holder,
        certificate.name,
        certificate.title,
        certificate.course_code,
        certificate.course_version,
        certificate.outcomes,
        str(certificate.hours),
        certificate.format,
        certificate.agency,
        certificate.completed_on,
        certificate.refresh_on,
        certificate.board,
        certificate.signatory_name,
        certificate.signatory_title,
        certificate.state,
    ) == (
        "PSCB-2026-000001",
        holder,
        "Mary Seacole",
        "Supervision",
        "SUP",
        "2",
        ["Supervise with care"],
        "3.50",
        "Classroom",
        "City Midwifery",
        dt.date(2026, 11, 20),
        dt.date(2029, 11, 20),
        "Portsmouth Safeguarding Children Board",
        "Dr Rowena Hale",
        "Independent Chair",
        "valid",
    )
    pdf = content_store.read(certificate)
    assert pdf.startswith(b"%PDF")
    assert (certificate.size, certificate.sha256) == (len(pdf), hashlib.sha256(pdf).hexdigest())
    assert certificate.pdf.name == f"{certificate.sha256[:2]}/{certificate.sha256}.pdf"
    event = Event.objects.about(certificate).get()
    assert (event.action, event.by_process) == ("certificate.issued", "CLOSING")
    assert "Mary" not in str(event.now)


def test_an_award_that_has_one_keeps_it_whatever_has_changed_since():
    holder, award = PersonFactory(name="Mary Seacole"), uuid.uuid4()
    first = issued(holder, award=award)
    bytes_before = content_store.read(first)
    holder.name = "Mary Jane Seacole"
    holder.save()
    again = issued(holder, award=award, title="Another title")
    assert (again.pk, again.name, again.title) == (first.pk, "Mary Seacole", "Supervision")
    assert content_store.read(again) == bytes_before
    assert actions(first) == ["certificate.issued"]


def test_numbers_follow_each_other_and_begin_anew_each_year():
    with time_machine.travel("2026-12-31 12:00"):
        numbers = [issued().number, issued().number]
    with time_machine.travel("2027-01-01 12:00"):
        numbers.append(issued().number)
    assert numbers == ["SCB-2026-000001", "SCB-2026-000002", "SCB-2027-000001"]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"holder_name": "Runa \N{RUNIC LETTER FEHU FEOH FE F}"}, "The name cannot be printed"),
        ({"holder_name": "अमृता \N{SUNFLOWER}"}, "The name cannot be printed"),
        ({"holder_name": "Ann 🌻"}, "no sign for \u2018🌻\u2019"),
        ({"holder_name": " "}, "Add your name"),
        ({"title": "安全 \N{SUNFLOWER}"}, "The title of the course cannot be printed"),
        ({"outcomes": ["Ok", "\N{SUNFLOWER}"]}, "The outcomes of the course cannot be printed"),
        ({"agency": "Школа \N{SUNFLOWER}"}, "The agency cannot be printed"),
    ],
)
def test_what_cannot_be_printed_is_refused_before_anything_is_written(facts, said):
    holder = PersonFactory(name=facts.pop("holder_name", "Mary Seacole"))
    with pytest.raises(CertificateRefused, match=said):
        issued(holder, **facts)
    assert (Certificate.objects.count(), Series.objects.count(), Event.objects.count()) == (0, 0, 0)


def test_unseen_signs_are_left_out():
    certificate = issued(PersonFactory(name="Mary\u202e Sea\u200bcole\x07"))
    assert certificate.name == "Mary Seacole"


def test_revoking_says_why_and_frees_the_award():
    by, award = PersonFactory(), uuid.uuid4()
    certificate = issued(award=award)
    issuing.revoke(certificate, by=by, reason="The register was put right.")
    certificate.refresh_from_db()
    assert (certificate.state, certificate.revoked_reason) == (
        "revoked",
        "The register was put right.",
    )
    assert actions(certificate) == ["certificate.issued", "certificate.revoked"]
    assert Event.objects.get(action="certificate.revoked").by_person == by.pk
    assert content_store.read(certificate)
    anew = issued(award=award)
    assert (anew.state, anew.number != certificate.number) == ("valid", True)


def test_a_correction_is_a_new_certificate_that_takes_its_place():
    by = PersonFactory()
    old = issued(PersonFactory(name="Mary Secole"))
    before = content_store.read(old)
    new = issuing.correct(old, by=by, reason="Name misspelt", name="Mary Seacole")
    assert Certificate.objects.get(pk=old.pk).superseded_reason == "Name misspelt"
    assert "misspelt" not in str(list(Event.objects.values()))
    old.refresh_from_db()
    assert (old.state, old.superseded_by, old.name) == ("replaced", new, "Mary Secole")
    assert content_store.read(old) == before
    assert (new.state, new.award, new.name, new.title, new.completed_on) == (
        "valid",
        old.award,
        "Mary Seacole",
        old.title,
        old.completed_on,
    )
    assert new.code != old.code
    assert actions(old) == ["certificate.issued", "certificate.replaced"]
    assert actions(new) == ["certificate.issued"]
    assert Certificate.objects.live().get(award=old.award) == new


def test_a_correction_keeps_the_board_and_signatory_of_the_day():
    old = issued()
    Board.objects.update_or_create(defaults={"name": "Another", "signatory_name": "Successor"})
    new = issuing.correct(old, by="OFFICE", reason="Date", completed_on=dt.date(2026, 11, 19))
    assert (new.board, new.signatory_name) == (old.board, old.signatory_name)


@pytest.mark.parametrize("verb", [issuing.revoke, issuing.correct])
@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
def test_no_change_without_a_reason_that_fits(verb, reason):
    certificate = issued()
    with pytest.raises(CertificateRefused, match="reason|Say why"):
        verb(certificate, by="OFFICE", reason=reason)
    assert Certificate.objects.get().state == "valid"


@pytest.mark.parametrize("verb", [issuing.revoke, issuing.correct])
def test_what_no_longer_holds_changes_no_more(verb):
    revoked = issuing.revoke(issued(), by="OFFICE", reason="Wrong person")
    with pytest.raises(CertificateRefused):
        verb(revoked, by="OFFICE", reason="Again")
    assert Certificate.objects.count() == 1


def test_a_stale_correction_loses_and_leaves_no_file():
    stale = issued()
    issuing.revoke(Certificate.objects.get(), by="OFFICE", reason="Wrong person")
    before = files()
    with pytest.raises(CertificateRefused, match="already been revoked or replaced"):
        issuing.correct(stale, by="OFFICE", reason="Name", name="Somebody Else")
    assert files() == before


def test_only_what_a_certificate_says_can_be_corrected():
    with pytest.raises(TypeError, match="award"):
        issuing.correct(issued(), by="OFFICE", reason="No", award=uuid.uuid4())


def test_a_record_that_is_no_longer_held_is_not_made_again():
    award = uuid.uuid4()
    CertificateFactory(award=award, erased_at=timezone.now())
    with pytest.raises(CertificateRefused, match="no longer held"):
        issued(award=award)


def test_the_database_allows_one_live_certificate_an_award():
    first = CertificateFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        CertificateFactory(award=first.award)


def test_a_file_that_was_changed_is_not_read():
    certificate = issued()
    Path(certificate_storage().path(certificate.pdf.name)).write_bytes(b"%PDF forged")
    with pytest.raises(Damaged, match=certificate.number):
        content_store.read(certificate)


@time_machine.travel("2026-11-22 10:00")
@pytest.mark.parametrize(
    ("facts", "state", "is_live"),
    [
        ({}, "valid", True),
        ({"refresh_on": dt.date(2026, 11, 23)}, "valid", True),
        ({"refresh_on": dt.date(2026, 11, 22)}, "valid", True),
        ({"refresh_on": dt.date(2026, 11, 21)}, "refresh_due", True),
        ({"superseded_at": dt.datetime(2026, 11, 1, tzinfo=dt.UTC)}, "replaced", False),
        (
            {
                "revoked_at": dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
                "revoked_reason": "Wrong",
                "refresh_on": dt.date(2026, 1, 1),
            },
            "revoked",
            False,
        ),
        ({"erased_at": dt.datetime(2026, 11, 1, tzinfo=dt.UTC)}, "no_longer_held", False),
    ],
)
def test_states_follow_from_what_happened(facts, state, is_live):
    certificate = CertificateFactory(**facts)
    assert (certificate.state, certificate.is_live) == (state, is_live)
    assert Certificate.objects.live().filter(pk=certificate.pk).exists() == is_live


def test_one_sees_ones_own_and_the_office_sees_all():
    mine, other = CertificateFactory(), CertificateFactory()
    office = PersonFactory(groups=[TRAINING_ADMINISTRATORS])
    lead = PostFactory(is_lead=True)
    PostFactory(person=mine.holder, agency=lead.agency)
    gone = PersonFactory(is_active=False)
    CertificateFactory(holder=gone)

    def seen(viewer):
        return set(Certificate.objects.visible_to(viewer))

    assert seen(mine.holder) == {mine}
    assert seen(lead.person) == set()
    assert seen(gone) == set()
    assert seen(office) == set(Certificate.objects.all())
    assert other in seen(office)
