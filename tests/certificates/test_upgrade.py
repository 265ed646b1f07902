"""Test that an upgrade changes no certificate by a byte, and issues and mails none."""

import datetime as dt
import hashlib
import shutil
import uuid

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from certificates import content_store
from certificates.models import Certificate, certificate_storage
from courses.completion import awarding
from courses.models import Completion
from lms.models import Mail
from tests import databases


@pytest.fixture
def release_before(django_db_setup, django_db_blocker, database_server, tmp_path):
    """Yield the app registry of the earlier release, connected to an empty database of it."""
    path = tmp_path / "before.sqlite3"
    with django_db_blocker.unblock():
        shutil.copyfile(database_server.template("-earlier"), path)
        with databases.in_use(str(path)):
            loader = MigrationExecutor(connection).loader
            yield loader.project_state(databases.earlier_release(loader)).apps


def with_certificates(apps):
    """Create three people with a valid, a revoked and a replaced certificate."""
    of = apps.get_model
    agency = of("agencies", "Agency").objects.create(
        name="City Midwifery", sector=of("agencies", "Sector").objects.create(name="Health")
    )
    course = of("courses", "Course").objects.create(
        code="SUP",
        title="Supervision",
        hours=6,
        level=of("courses", "Level").objects.create(name="One"),
        renewal_months=36,
    )
    run = of("courses", "Run").objects.create(course=course, places=9, closed_at=timezone.now())
    made = [a_certificate(of, course, run, agency, number) for number in range(4)]
    of("certificates", "Certificate").objects.filter(pk=made[1].pk).update(
        revoked_at=timezone.now(), revoked_reason="In error"
    )
    of("certificates", "Certificate").objects.filter(pk=made[2].pk).update(
        superseded_at=timezone.now(), superseded_by=made[3].pk
    )
    return run


def a_certificate(of, course, run, agency, number):
    person = of("agencies", "Person").objects.create(
        name=f"Person {number}", email=f"person{number}@example.org", password="!"
    )
    booking = of("courses", "Booking").objects.create(
        run=run,
        person=person,
        agency=agency,
        state="confirmed",
        holds_place=True,
        queued_at=timezone.now(),
    )
    award = uuid.uuid4()
    of("courses", "Completion").objects.create(
        person=person,
        course=course,
        booking=booking,
        agency=agency,
        completed_on=dt.date(2026, 1, 9),
        award=award,
        told_at=timezone.now(),
    )
    pdf = b"%%PDF-1.4 of the release before %d" % number
    digest = hashlib.sha256(pdf).hexdigest()
    return of("certificates", "Certificate").objects.create(
        number=f"SCB-2026-00000{number}",
        code=f"7K2M9QXA41TBZ0H{number}",
        award=award,
        holder=person,
        name=f"Person {number}",
        title="Supervision, as it was called",
        course_code="SUP",
        course_version="1",
        outcomes=["As they were"],
        hours=6,
        format="Classroom",
        agency="City Midwifery",
        completed_on=dt.date(2026, 1, 9),
        refresh_on=dt.date(2029, 1, 9),
        board="Safeguarding Children Board",
        signatory_name="Who signed then",
        signatory_title="Chair",
        pdf=content_store.store(pdf, digest),
        sha256=digest,
        size=len(pdf),
    )


def rows(columns="*"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM certificates_certificate ORDER BY id")
        return [name for name, *_ in cursor.description], cursor.fetchall()


def files():
    folder = certificate_storage().path("")
    return {path: path.read_bytes() for path in sorted(databases.Path(folder).rglob("*.pdf"))}


@pytest.mark.long(reason="it migrates from the earlier release")
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="makes its own SQLite database")
def test_no_certificate_changes_by_a_byte_and_none_is_issued_or_mailed(release_before):
    run = with_certificates(release_before)
    columns, before = rows()
    stored = files()

    call_command("migrate", verbosity=0)

    for number in range(2):
        # Nor when the run's task is retried afterwards.
        assert rows(", ".join(f'"{name}"' for name in columns)) == (columns, before), number
        assert files() == stored
        assert Mail.objects.count() == 0
        awarding.award_certificates.call(run.pk)
    assert set(Certificate.objects.values_list("design", flat=True)) == {None}
    assert [content_store.read(each)[:8] for each in Certificate.objects.all()] == [b"%PDF-1.4"] * 4
    assert Completion.objects.without_certificate().count() == 0
