"""Tests that an upgrade from release 90adb9c loses no row or file and finishes pending work.

`tests/upgrades/make_fixture.py` made the fixture at that commit, and says how to make it again.
What a later migration renames is declared in `tests/upgrades/renames.py`.
"""

import hashlib
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.models import Page

from agencies.models import Person
from certificates import content_store
from certificates.models import Certificate
from courses.completion import materials
from courses.models import Completion, Course, Material, Run
from lms.jobs import periodic
from lms.models import Mail, PeriodicJob
from protocols.models import Edition
from tests.upgrades import archives, renames

pytestmark = pytest.mark.long(reason="loads and migrates a whole board")

OURS = (
    "agencies", "certificates", "courses", "history", "home", "lms", "protocols", "record",
    "search",
)  # fmt: skip
APPEND_ONLY = (
    "history.Event",
    "protocols.Edition",
    "protocols.EditionFile",
    "certificates.DesignVersion",
    "certificates.Picture",
)
PUBLIC = (
    "/",
    "/protocols/",
    "/protocols/marks-on-babies/",
    "/protocols/marks-on-babies/editions/1/",
    "/protocols/holidays/editions/1/",
    "/protocols/amendments/",
    "/protocols/thresholds/",
    "/courses/",
    "/search/?q=babies",
    "/certificates/verify/",
)
PDF = "/protocols/marks-on-babies/editions/1/pdf/"
OWN = ("/my/", "/my/record/", "/my/record.pdf", "/my/drafts/", "/welcome/")
OFFICE = (
    "/cms/",
    "/cms/run/",
    "/cms/booking/",
    "/cms/certificate/",
    "/cms/charge/",
    "/cms/outbox/",
    "/cms/agency/",
    "/cms/users/",
    "/cms/job/",
    "/cms/reports/attendance/",
)


def test_the_fixture_is_small_and_has_a_row_of_every_model(upgrade):
    files = [path for path in archives.FOLDER.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= archives.MOST_BYTES
    models = [model for label in OURS for model in apps.get_app_config(label).get_models()]
    names = [renames.old_name(model._meta.db_table) for model in models]
    tables = [name for name in names if name in upgrade.before.tables]
    assert len(tables) > 70
    assert [name for name in tables if not upgrade.before.tables[name].rows] == []


def test_no_row_no_value_and_no_file_is_lost(upgrade):
    losses = upgrade.before.lost_in(upgrade.after)
    assert not losses, "\n".join(losses)


def test_an_upgrade_by_itself_issues_nothing_and_writes_to_nobody(upgrade):
    for model in (Mail, Certificate, Completion):
        was = upgrade.before.tables[renames.old_name(model._meta.db_table)]
        assert len(upgrade.after.tables[model._meta.db_table].rows) == len(was.rows), model


def test_courses_and_dates_keep_the_format_that_they_had(upgrade):
    was = {row["id"]: row["format"] for row in upgrade.before.tables["courses_course"].rows}
    now = {course.pk: course for course in Course.objects.all()}
    words = dict(Course.format_choices())
    assert {pk: course.format_label for pk, course in now.items()} == {
        pk: words[format] for pk, format in was.items()
    }
    for run in Run.objects.all():
        assert (run.format == "online") == (was[run.course_id] == "virtual")


CONTROLS = {
    "a column": (
        "ALTER TABLE courses_mark DROP COLUMN corrected_because",
        "Column corrected_because of courses_mark is gone, with what",
    ),
    "a table": ("DROP TABLE lms_wording", "Table lms_wording is gone, with its 1 rows."),
    "a row": (
        "DELETE FROM courses_reminder WHERE id = (SELECT min(id) FROM courses_reminder)",
        "Row 1 of courses_reminder is gone.",
    ),
    "a value": (
        "UPDATE courses_mark SET minutes_missed = 11 WHERE id = (SELECT min(id) FROM courses_mark"
        " WHERE minutes_missed = 10)",
        "of courses_mark: minutes_missed was 10, and is 11.",
    ),
}


@pytest.mark.parametrize(("statement", "sentence"), CONTROLS.values(), ids=CONTROLS)
def test_what_a_migration_loses_is_said(upgrade, statement, sentence):
    with undone(statement):
        [said] = upgrade.losses_now()
    assert sentence in said


def test_a_file_that_was_cut_or_removed_is_said(upgrade):
    certificate = upgrade.folder / "certificates" / Certificate.objects.first().pdf.name
    whole, name = certificate.read_bytes(), certificate.relative_to(upgrade.folder)
    try:
        certificate.write_bytes(whole[:-1])
        was, now = len(whole), len(whole) - 1
        assert upgrade.losses_now() == [
            f"File {name} is not what it was: it had {was} bytes, and has {now}."
        ]
        certificate.unlink()
        assert upgrade.losses_now() == [f"File {name} is gone."]
    finally:
        certificate.write_bytes(whole)


def test_new_columns_and_declared_renames_are_no_loss(upgrade, monkeypatch):
    with undone(
        "ALTER TABLE lms_night ADD COLUMN asked_by varchar(20) DEFAULT 'us'",
        "ALTER TABLE lms_wording RENAME COLUMN kind TO about",
        "ALTER TABLE lms_wording RENAME TO lms_letter",
        "UPDATE lms_chore SET path = 'elsewhere.send' WHERE path = 'protocols.readers.alerts.send'",
    ):
        assert len(upgrade.losses_now()) == 2
        monkeypatch.setitem(renames.TABLES, "lms_wording", "lms_letter")
        monkeypatch.setitem(renames.COLUMNS, ("lms_wording", "kind"), "about")
        paths = ("lms_chore", "path")
        renamed = renames.VALUES[paths] | {"protocols.alerts.send": "elsewhere.send"}
        monkeypatch.setitem(renames.VALUES, paths, renamed)
        assert upgrade.losses_now() == []


@contextmanager
def undone(*statements):
    """Execute statements on the upgraded database, and roll them back after the block."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("label", APPEND_ONLY)
def test_what_is_append_only_still_is(upgrade, label):
    table = apps.get_model(label)._meta.db_table
    key = apps.get_model(label)._meta.pk.column
    for statement in (f"UPDATE {table} SET {key} = {key}", f"DELETE FROM {table}"):
        with pytest.raises(DatabaseError, match="append-only"), undone(statement):
            pass


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite numbers rows by itself")
def test_a_new_row_of_any_table_gets_a_number_of_its_own(upgrade):
    taken = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            for sequence in connection.introspection.get_sequences(cursor, table):
                column = sequence["column"]
                cursor.execute(
                    f"SELECT nextval(%s), max({column}) FROM {table}", [sequence["name"]]
                )
                new, last = cursor.fetchone()
                if last is not None and new <= last:
                    taken.append(f"{table}.{column}: {new} after {last}")
    assert taken == []


@pytest.mark.server_errors(503)
def test_people_who_were_signed_in_still_are_and_the_site_answers(upgrade, client):
    assert client.get(PDF).status_code == 503  # The worker has not made it yet.
    for address in (*PUBLIC, *verification_pages()):
        assert client.get(address).status_code == 200, address
    stay_signed_in(client, "amina.yusuf@solent-health.example.org")
    for address in OWN:
        assert client.get(address).status_code == 200, address
    stay_signed_in(client, "dan.mercer@board.example.org")
    for address in OFFICE:
        assert client.get(address).status_code == 200, address


def verification_pages():
    """Return one certificate's page of each state: their number is rate-limited."""
    found = {certificate.state: certificate for certificate in Certificate.objects.all()}
    assert {"valid", "replaced", "revoked"} <= set(found)
    return [certificate.verify_path for certificate in found.values()]


def stay_signed_in(client, email):
    """Give the client the session cookie of the person's browser before the upgrade."""
    person = Person.objects.get(email=email)
    [session] = [
        session
        for session in Session.objects.all()
        if session.get_decoded().get("_auth_user_id") == str(person.pk)
    ]
    client.cookies["sessionid"] = session.session_key


def test_every_handout_has_the_digest_of_its_file(upgrade):
    handouts = Material.objects.all()
    assert handouts
    for handout in handouts:
        content = upgrade.before.files[f"materials/{handout.file.name}"]
        assert handout.sha256 == hashlib.sha256(content).hexdigest()
        with materials.download(handout) as file:
            assert file.read() == content


def test_every_certificate_is_served_as_it_was_issued(upgrade, client):
    stay_signed_in(client, "dan.mercer@board.example.org")
    issued = upgrade.before.tables["certificates_certificate"].rows
    for row in issued:
        served = client.get(f"/my/certificates/{row['number']}.pdf")
        assert hashlib.sha256(served.content).hexdigest() == row["sha256"], row["number"]


def test_the_task_the_job_and_the_mail_that_waited_are_finished(upgrade, client, mailoutbox):
    """Run last in this file: a worker changes what the other tests look at."""
    mails = list(Mail.objects.filter(state=Mail.QUEUED, due_at__lte=timezone.now()))
    tasks = list(DBTaskResult.objects.ready())
    completions = list(those_whose_certificates_wait(tasks))
    page = Page.objects.get(slug="winter-dates")
    assert len(completions) == 3
    assert any(mail.attachments for mail in mails)
    assert [job.path for job in PeriodicJob.objects.due()] == [
        "protocols.editions.scheduling.publish_due"
    ]
    assert not page.live

    call_command("worker", batch=True)
    while periodic.run_next("the worker after the upgrade"):
        pass

    assert {DBTaskResult.objects.get(pk=task.pk).status for task in tasks} == {"SUCCESSFUL"}
    for completion in completions:
        certificate = Certificate.objects.live().get(award=completion.award)
        assert content_store.read(certificate).startswith(b"%PDF-")
    delivered = {message.extra_headers["Message-ID"]: message for message in mailoutbox}
    for mail in mails:
        assert Mail.objects.get(pk=mail.pk).state == Mail.SENT
        assert len(delivered[mail.message_id].attachments) == len(mail.attachments)
    page.refresh_from_db()
    assert page.live
    assert not PeriodicJob.objects.due().exists()
    assert not Edition.objects.without_pdf().exists()
    assert client.get(PDF).status_code == 200


def those_whose_certificates_wait(tasks):
    """Return the completions that the fixture's pending task is about."""
    about = [task.args_kwargs["args"] for task in tasks if "award_certificates" in task.task_path]
    [[run]] = about
    return Completion.objects.without_certificate().filter(booking__run=run)
