"""Test concurrent issuing: one certificate per award, and one number per certificate."""

import datetime as dt
import threading
import uuid
from pathlib import Path

import pytest

from certificates import issuing
from certificates.models import Certificate, certificate_storage
from tests.factories import CertificateFactory, PersonFactory
from tests.servers import at_once

pytestmark = pytest.mark.race
MANY = 8


def ask(holder, award):
    return issuing.issue(
        holder,
        award=award,
        title="Supervision",
        course_code="SUP",
        course_version="1",
        outcomes=[],
        hours=6,
        format="Classroom",
        agency="City Midwifery",
        completed_on=dt.date(2026, 11, 20),
        refresh_on=None,
        by=holder,
    )


def files():
    return {path.name for path in Path(certificate_storage().path("")).rglob("*.pdf")}


def test_pressing_get_my_certificate_at_once_makes_one(own_database, rounds):
    for holder in [PersonFactory() for _ in range(rounds)]:
        award, before = uuid.uuid4(), files()
        got = at_once(MANY, lambda number, h=holder, a=award: ask(h, a))
        assert [each for each in got if isinstance(each, Exception)] == []
        certificate = Certificate.objects.get(award=award)
        assert {each.pk for each in got} == {certificate.pk}
        assert files() - before == {Path(certificate.pdf.name).name}


def test_without_the_look_for_another_the_same_rush_meets_the_constraint(own_database):
    holder, award = PersonFactory(), uuid.uuid4()
    looked = threading.Barrier(4)

    def look_then_insert(number):
        assert not Certificate.objects.filter(award=award).exists()
        looked.wait(30)
        return CertificateFactory(holder=holder, award=award)

    got = at_once(4, look_then_insert)
    assert sorted(type(each).__name__ for each in got) == ["Certificate"] + ["IntegrityError"] * 3


def test_numbers_are_given_once(own_database):
    holders = [PersonFactory() for _ in range(MANY)]
    got = at_once(MANY, lambda number: ask(holders[number], uuid.uuid4()))
    assert [each for each in got if isinstance(each, Exception)] == []
    assert sorted(int(each.number[-6:]) for each in got) == list(range(1, MANY + 1))


def test_of_two_corrections_at_once_one_is_made(own_database):
    certificate = ask(PersonFactory(), uuid.uuid4())
    got = at_once(
        2,
        lambda number: issuing.correct(certificate, by="OFFICE", reason="Name", name=f"N {number}"),
    )
    assert sorted(type(each).__name__ for each in got) == ["Certificate", "CertificateRefused"]
    assert Certificate.objects.current().filter(award=certificate.award).count() == 1
