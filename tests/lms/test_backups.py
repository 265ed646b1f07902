"""Test that a backup has every row and file, that damage is found, and that a copy keeps silent."""

import json
import os
import shutil
import threading
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test import override_settings
from django.utils import timezone
from wagtail.documents import get_document_model

from agencies.access import BOARD_MEMBERS, PROTOCOL_EDITORS
from agencies.back_office import held_mail
from agencies.models import Person
from certificates.models import Certificate
from history.models import Event
from lms.backups import copying, databases, manifest, restoring, stored_files
from lms.jobs import worker
from lms.mail import holding, outages, outbox
from lms.models import Mail, MailHold, MailOutage, PeriodicJob
from lms.storage import durable_files
from lms.web import health
from tests.databases import in_use
from tests.factories import CertificateFactory, MailFactory, PersonFactory
from tests.servers import storages_in

COMMANDS = ("backup", "restore")


@pytest.fixture
def board(own_database, tmp_path):
    """Fill the database a little, with its files in a folder of their own."""
    with override_settings(**storages_in(tmp_path / "live")):
        document("minutes.pdf")
        person = PersonFactory(name="Ann Kept")
        certificate = CertificateFactory(holder=person)
        storages["certificates"].save(certificate.pdf.name, ContentFile(b"%PDF-"))
        MailFactory(template="job_confirmed")
        yield tmp_path


@contextmanager
def elsewhere(database_server, own_name, folder):
    """Be on an empty database, with empty folders."""
    database = database_server.create_empty(f"{own_name}_restored")
    try:
        with in_use(database), override_settings(**storages_in(folder)):
            folder.mkdir(exist_ok=True)
            yield
    finally:
        database_server.drop(database)


@pytest.fixture
def empty_place(board, database_server, own_name):
    with elsewhere(database_server, own_name, board / "restored"):
        yield


@pytest.fixture
def restored(board, database_server, own_name):
    """Be on a restored copy of the board."""
    copying.make(board / "backup")
    with elsewhere(database_server, own_name, board / "restored"):
        restoring.restore(board / "backup")
        yield board / "backup"


def document(name, content=b"%PDF-1.4"):
    return get_document_model().objects.create(title=name, file=ContentFile(content, name))


def files_below(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_every_storage_that_rows_name_files_of_is_known():
    named = {alias for model in apps.get_models() for _, alias in stored_files.columns_of(model)}
    assert named == set(stored_files.aliases())


def test_what_was_copied_is_restored(board, database_server, own_name):
    before = databases.of_the_settings().count_rows()
    out = StringIO()
    call_command("backup", str(board / "backup"), stdout=out)
    assert "Copied: " in out.getvalue()
    assert ("SQLite" if connection.vendor == "sqlite" else "by pg_dump") in out.getvalue()
    call_command("backup", "--check", str(board / "backup"), stdout=out)
    assert "Undamaged: " in out.getvalue()
    with elsewhere(database_server, own_name, board / "restored"):
        call_command("restore", str(board / "backup"), stdout=out)
        assert "No email is sent until" in out.getvalue()
        now = databases.of_the_settings().count_rows()
        assert files_below(board / "live") == files_below(board / "restored")
        assert before | {"lms_restored_copy": 1, "lms_mailoutage": 1} == now
        assert Person.objects.get().name == "Ann Kept"
        new = PersonFactory()  # A row after the restored ones gets a number of its own.
        assert Person.objects.count() == 2 and new.pk > 1
        with pytest.raises(CommandError, match="is not empty"):
            call_command("restore", str(board / "backup"))
    assert (board / "backup").stat().st_mode & 0o077 == 0


def a_file_of(backup):
    return next(path for path in sorted((backup / "files").rglob("*")) if path.is_file())


def change(path):
    path.write_bytes(path.read_bytes()[:-1] + b"?")


DAMAGE = {
    "a file is gone": (lambda backup: a_file_of(backup).unlink(), "is missing"),
    "a file has changed": (lambda backup: change(a_file_of(backup)), "is not what was kept"),
    "the database has changed": (
        lambda backup: change(next(backup.glob("database.*"))),
        "is not what was kept",
    ),
    "a file was added": (
        lambda backup: (backup / "files" / "more").write_text("?"),
        "does not belong to it",
    ),
    "it was not finished": (
        lambda backup: (backup / "manifest.json").unlink(),
        "is no finished backup",
    ),
    "the manifest is cut": (lambda backup: change(backup / "manifest.json"), "cannot be read"),
}


@pytest.mark.parametrize(("do", "words"), DAMAGE.values(), ids=DAMAGE)
def test_damage_is_said_in_one_line_and_nothing_is_restored(empty_place, board, do, words):
    with in_use_again(board):
        copying.make(board / "backup")
    do(board / "backup")
    for command in ("backup --check", "restore"):
        with pytest.raises(CommandError) as raised:
            call_command(*command.split(), str(board / "backup"))
        assert words in str(raised.value) and "\n" not in str(raised.value)
    assert databases.of_the_settings().table_names() == []
    assert files_below(board / "restored") == {}


@contextmanager
def in_use_again(board):
    """Be where the board is, from within the empty place."""
    name = connection.settings_dict["NAME"].replace("_restored", "")
    with in_use(name), override_settings(**storages_in(board / "live")):
        yield


def test_what_is_not_empty_is_refused(board):
    (board / "backup").mkdir()
    (board / "backup" / "note.txt").write_text("Mine")
    with pytest.raises(CommandError, match="is not empty: name a new folder"):
        call_command("backup", str(board / "backup"))
    assert files_below(board / "backup") == {"note.txt": b"Mine"}


def test_a_folder_with_files_is_not_restored_into(empty_place, board):
    with in_use_again(board):
        copying.make(board / "backup")
    storages["evidence"].save("ab/abc.pdf", ContentFile(b"x"))
    with pytest.raises(CommandError, match=r"such as evidence/ab/abc\.pdf: restore into an empty"):
        call_command("restore", str(board / "backup"))
    assert databases.of_the_settings().table_names() == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"vendor": "oracle"}, "This backup is of "),
        ({"migrations": ["lms.9999_later"]}, "of a newer version of the site"),
        ({"format": 2}, "newer version of this site"),
    ],
)
def test_a_backup_of_something_else_is_refused(empty_place, board, change, words):
    with in_use_again(board):
        copying.make(board / "backup")
    path = board / "backup" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(CommandError, match=words):
        call_command("restore", str(board / "backup"))
    assert databases.of_the_settings().table_names() == []


EDITED = {
    "a moment that is none": {"made_at": "yesterday"},
    "a moment without its zone": {"made_at": "2026-11-30T10:00:00"},
    "no moment": {"made_at": None},
    "a database that was not checked": {"database": "../live/minutes.pdf"},
    "rows that are no numbers": {"rows": {"agencies_person": "many"}},
    "rows without tables": {"rows": []},
    "files without digests": {"files": []},
    "no migrations": {"migrations": None},
}


@pytest.mark.parametrize("edit", EDITED.values(), ids=EDITED)
def test_a_manifest_that_was_edited_is_refused_before_anything_is_written(empty_place, board, edit):
    with in_use_again(board):
        copying.make(board / "backup")
    path = board / "backup" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | edit))
    for command in ("backup --check", "restore"):
        with pytest.raises(CommandError, match="cannot be read"):
            call_command(*command.split(), str(board / "backup"))
    assert databases.of_the_settings().table_names() == []
    assert files_below(board / "restored") == {}


def test_what_is_no_database_is_said_in_one_line(empty_place, board):
    with in_use_again(board):
        kept = copying.make(board / "backup")
    database = board / "backup" / kept.database
    database.write_bytes(b"no database" * 999)
    with database.open("rb") as opened:
        kept.files[kept.database] = manifest.digest(opened)
    kept.write(board / "backup")
    with pytest.raises(CommandError, match="could not load the database") as raised:
        call_command("restore", str(board / "backup"))
    assert "\n" not in str(raised.value)
    assert databases.of_the_settings().table_names() == []


def test_a_file_that_the_database_names_and_nobody_has_is_named(board):
    gone = document("gone.pdf")
    gone.file.storage.delete(gone.file.name)
    said = StringIO()
    call_command("backup", str(board / "backup"), stderr=said, stdout=StringIO())
    assert said.getvalue() == (
        f"Missing: the database names default/{gone.file.name}, which is nowhere.\n"
    )


def test_a_file_that_is_being_written_or_deleted_is_left_out(board, monkeypatch):
    folder = board / "live" / "certificates"
    (folder / f"{durable_files.UNFINISHED}x").write_text("half")
    names = list(stored_files.names_in(storages["certificates"]))
    assert not any(durable_files.UNFINISHED in name for name in names)
    copies = copying.FileCopies(board / "backup")
    copies.copy([("certificates", "ab/deleted-since-listed.pdf")])
    assert copies.copied == {}


def test_a_file_that_is_written_once_the_files_are_listed_is_in_the_copy(board, monkeypatch):
    names_in = stored_files.names_in

    def then_one_more(storage, *below):
        yield from names_in(storage, *below)
        written.append(document(f"{len(written)}.pdf"))

    written = []
    monkeypatch.setattr(stored_files, "names_in", then_one_more)
    made = copying.make(board / "backup")
    names = get_document_model().objects.values_list("file", flat=True)
    assert written and made.missing == []
    assert made.files.keys() >= {f"files/default/{name}" for name in names}


@pytest.mark.race
def test_every_row_of_a_copy_made_under_load_has_its_file(board, database_server, own_name):
    done = threading.Event()

    def write(number):
        try:
            for turn in range(10_000):
                if done.is_set():
                    return
                made = document(f"{number}-{turn}.pdf", os.urandom(20_000))
                if turn % 3 == 0:
                    name, storage = made.file.name, made.file.storage
                    made.delete()
                    storage.delete(name)
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in writers:
        thread.start()
    try:
        made = [copying.make(board / f"backup {turn}") for turn in range(3)]
    finally:
        done.set()
        for thread in writers:
            thread.join()
    assert [each.missing for each in made] == [[], [], []]
    assert len(made[2].files) > len(made[0].files)
    with elsewhere(database_server, own_name, board / "restored"):
        restoring.restore(board / "backup 2")
        for one in get_document_model().objects.all():
            assert one.file.storage.exists(one.file.name)


def test_a_restored_copy_sends_nothing_but_the_codes_that_are_asked_for_there(
    restored, mailoutbox, settings, client
):
    settings.LMS_PERIODIC_JOBS = ["tests.lms.test_worker.note_the_night"]
    MailFactory(template="job_confirmed")
    code = MailFactory(template="")
    at_work = worker.Worker(
        queue_names=["default"], interval=0, batch=False, backend_name="default",
        startup_delay=False, max_tasks=None, worker_id="worker", excluded_queue_names=[],
    )  # fmt: skip
    Mail.objects.filter(pk=code.pk).update(created_at=timezone.now() - timedelta(days=1))
    at_work._round()
    assert mailoutbox == []
    Mail.objects.filter(pk=code.pk).update(created_at=timezone.now())
    at_work._round()
    assert [message.subject for message in mailoutbox] == [code.subject]
    assert not PeriodicJob.objects.filter(path__in=settings.LMS_PERIODIC_JOBS).exists()
    assert outages.current(), "No offer and no request ends."

    call_command("send_held_mail", stdout=(said := StringIO()))
    assert said.getvalue() == "The worker sends 2 emails now.\n"
    assert Event.objects.get(action="mail.hold_ended").by_process == "OPERATOR"
    at_work._round()
    assert len(mailoutbox) == 3
    assert PeriodicJob.objects.filter(path__in=settings.LMS_PERIODIC_JOBS).exists()
    assert not outages.current()
    with pytest.raises(CommandError, match="No email is held back"):
        call_command("send_held_mail")


@pytest.fixture
def held(db):
    return MailHold.objects.create(restored_at=timezone.now(), copied_at=timezone.now())


def test_a_copy_of_a_copy_is_held_back_once(held):
    MailOutage.objects.create()
    for statement in restoring._statements(
        manifest.Manifest("2026-11-30T12:00:00+00:00", "", "", "", "", [], {}, {})
    ):
        with connection.cursor() as cursor:
            cursor.execute(statement)
    now = holding.current()
    assert now.pk != held.pk and now.copied_at.isoformat() == "2026-11-30T12:00:00+00:00"
    assert MailOutage.objects.count() == 1


def test_the_office_sees_that_it_is_a_restored_copy_and_sends_its_email(held, office, client):
    MailFactory(template="job_confirmed")
    home = client.get("/cms/")
    assert "This is a restored copy" in home.text and "/cms/restored-copy/" in home.text
    page = client.get("/cms/restored-copy/")
    assert "Send 1 email" in page.text and "1 email will go out within" in page.text
    answer = client.post("/cms/restored-copy/", follow=True)
    assert "This site sends email again: 1 email will go out now." in answer.text
    assert "This is a restored copy" not in answer.text
    assert holding.current() is None
    assert Event.objects.get(action="mail.hold_ended").by_person == office.pk
    again = client.get("/cms/restored-copy/")
    assert "not a restored copy" in again.text and "<form method" not in again.text


def test_a_restored_copy_without_waiting_email_does_not_promise_to_send_0(held, office, client):
    page = client.get("/cms/restored-copy/")
    assert "Let this site send email" in page.text and "no email is waiting" in page.text
    answer = client.post("/cms/restored-copy/", follow=True)
    assert "0 email" not in page.text + answer.text
    assert "This site sends email again: none was waiting." in answer.text


def test_monitoring_is_told(held, client, monkeypatch):
    monkeypatch.setattr(health, "GOOD_FOR", 0.0)
    monkeypatch.setattr(health, "_answer", (0.0, False))
    answer = client.get("/healthz")
    assert answer.status_code == 200 and answer.text.startswith("ok\nThis is a restored copy")
    held_mail.release(by="OPERATOR")
    assert client.get("/healthz").text == "ok"


def test_a_hold_costs_a_batch_its_mail_too(held, mailoutbox):
    MailFactory(template="job_confirmed")
    assert outbox.deliver_due().sent == 0 and mailoutbox == []


def test_what_a_full_disk_refuses_leaves_no_file_behind(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(durable_files.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        durable_files.write(tmp_path / "ab" / "file.pdf", b"content")
    assert files_below(tmp_path) == {}


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite needs no other program")
def test_a_missing_tool_is_named(board, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(CommandError, match="pg_dump is not on this machine: install"):
        call_command("backup", str(board / "backup"))
    assert not (board / "backup").exists()


def test_certificates_are_among_what_is_kept(board):
    kept = copying.make(board / "backup")
    name = Certificate.objects.get().pdf.name
    assert f"files/certificates/{name}" in kept.files
    shutil.rmtree(board / "backup")


@pytest.mark.parametrize("group", [PROTOCOL_EDITORS, BOARD_MEMBERS])
def test_only_the_training_office_sends_it(held, client, settings, group):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client.force_login(PersonFactory(is_staff=True, groups=[group]))
    for answer in (client.get("/cms/restored-copy/"), client.post("/cms/restored-copy/")):
        assert answer.status_code in (302, 403) and "Send" not in answer.text
    assert holding.current() == held
