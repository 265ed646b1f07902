"""Tests of the content store, in a folder and in an object store."""

import errno
import hashlib
import os
from pathlib import Path
from threading import Barrier

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command

from lms.settings import files
from lms.storage import listing, moving, object_store
from lms.storage.content_store import ContentStore, Damaged, Missing, Unavailable
from tests.servers import at_once

STORE, UPLOADS = ContentStore("certificates"), "default"
CONTENT = b"what was issued"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STORAGES = settings.STORAGES | files.in_folders(tmp_path)
    return tmp_path


@pytest.fixture
def bucket(settings, request):
    settings.STORAGES = settings.STORAGES | request.getfixturevalue("object_store").storages
    return request.getfixturevalue("object_store")


@pytest.fixture(params=["folder", "bucket"])
def storage(request):
    request.getfixturevalue(request.param)
    return STORE.storage


def content_of(storage, name):
    with storage.open(name) as file:
        return file.read()


def overwrite(storage, name, content):
    storage.delete(name)
    storage.save(name, ContentFile(content))


def test_content_is_stored_once_under_its_digest_and_read_back(storage):
    names = [STORE.write(CONTENT, ".pdf") for _ in range(2)]
    assert names == [f"{SHA256[:2]}/{SHA256}.pdf"] * 2
    assert storage.listdir(SHA256[:2]) == ([], [f"{SHA256}.pdf"])
    assert STORE.read(names[0], SHA256, of="certificate 7") == CONTENT
    with STORE.download(names[0], SHA256, of="certificate 7") as file:
        assert b"".join(file) == CONTENT


def test_content_that_is_there_is_not_written_again(storage, monkeypatch):
    STORE.write(CONTENT)
    monkeypatch.setattr(type(storage), "_save", None)
    STORE.write(CONTENT)
    with pytest.raises(TypeError):
        STORE.write(b"other content")


def test_content_of_one_row_has_a_name_of_its_own(storage):
    assert STORE.write(CONTENT, name="own.pdf") == "own.pdf"
    STORE.delete(STORE.write(CONTENT))
    assert STORE.read("own.pdf", SHA256, of="handout 7") == CONTENT


def test_a_damaged_file_is_refused_by_name_and_mended_by_writing_it_again(storage):
    name = STORE.write(CONTENT)
    overwrite(storage, name, b"other content")
    with pytest.raises(Damaged, match="The file of certificate 7 is not what was kept"):
        STORE.read(name, SHA256, of="certificate 7")
    assert STORE.write(CONTENT) == name
    assert STORE.read(name, SHA256, of="certificate 7") == CONTENT


def test_a_missing_file_is_said_to_be_missing(storage):
    with pytest.raises(Missing, match="The file of certificate 7 is not there"):
        STORE.read("aa/aa.pdf", SHA256, of="certificate 7")


def test_a_deleted_file_can_be_stored_again(storage):
    name = STORE.write(CONTENT)
    assert STORE.exists(name)
    STORE.delete(name)
    assert not STORE.exists(name)
    STORE.delete(name)
    assert STORE.write(CONTENT) == name


def test_what_is_kept_has_no_address_and_what_is_uploaded_has_the_sites(storage):
    with pytest.raises(ValueError, match="not accessible via a URL"):
        storage.url("aa/aa.pdf")
    assert storages[UPLOADS].url("images/a b.png") == "/media/images/a%20b.png"


def test_every_stored_file_is_listed_with_its_size_and_digest(storage):
    expected = {("default", storages[UPLOADS].save("d/form.txt", ContentFile(b"Fill me in.")))}
    for alias in files.PRIVATE:
        expected.add((alias, ContentStore(alias).write(CONTENT, name=f"ab/{alias}.pdf")))
    found = list(listing.stored_files())
    assert {(each.alias, each.name) for each in found} == expected
    assert {(each.size, each.sha256()) for each in found if each.alias in files.PRIVATE} == {
        (len(CONTENT), SHA256)
    }


def test_two_uploads_of_one_name_at_the_same_time_are_two_files(storage, monkeypatch):
    """Let both find that the name is free before either writes."""
    uploads, gate, asked = storages[UPLOADS], Barrier(2), []
    exists = type(uploads).exists

    def both_ask(self, name):
        found = exists(self, name)
        if len(asked) < 2:
            asked.append(name)
            gate.wait(30)
        return found

    monkeypatch.setattr(type(uploads), "exists", both_ask)
    names = at_once(2, lambda n: uploads.save("form.txt", ContentFile(b"%d" % n)))
    assert len(set(names)) == 2
    assert [content_of(uploads, name) for name in names] == [b"0", b"1"]


@pytest.mark.parametrize("alias", [STORE.alias, UPLOADS])
@pytest.mark.parametrize("call", ["fsync", "write"])
def test_a_full_disk_leaves_nothing_half_written(folder, monkeypatch, alias, call):
    name = storages[alias].save("kept.pdf", ContentFile(CONTENT))

    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    if call == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr("tempfile._TemporaryFileWrapper.write", full, raising=False)
    with pytest.raises(OSError, match="No space left"):
        storages[alias].save("kept.pdf", ContentFile(b"other content"))
    monkeypatch.undo()
    assert [path.name for path in folder.rglob("*") if path.is_file()] == [name]
    assert content_of(storages[alias], name) == CONTENT


def test_a_file_that_is_being_written_is_not_listed(folder):
    STORE.write(CONTENT, name="own.pdf")
    Path(folder / "certificates" / ".unfinished-x").write_bytes(b"half")
    assert [each.name for each in listing.stored_files()] == ["own.pdf"]


def asks(name):
    """Return what can be asked of a storage."""
    storage = STORE.storage
    return {
        "open": lambda: content_of(storage, name),
        "exists": lambda: storage.exists(name),
        "size": lambda: storage.size(name),
        "list": lambda: storage.listdir(""),
        "list all": lambda: list(listing.files_of("certificates", storage)),
        "modified": lambda: storage.get_modified_time(name),
        "save": lambda: storage.save(name, ContentFile(CONTENT)),
        "delete": lambda: storage.delete_now(name),
    }


@pytest.mark.parametrize("question", asks("").keys())
def test_a_store_that_is_away_or_refuses_us_is_unavailable(bucket, monkeypatch, question):
    name = STORE.write(CONTENT)
    with bucket.away(), pytest.raises(Unavailable, match="not reached"):
        asks(name)[question]()
    with pytest.raises(Unavailable, match="a moment ago"):
        asks(name)[question]()
    monkeypatch.setattr(object_store, "_away_until", 0.0)
    asks(name)[question]()
    monkeypatch.setattr(STORE.storage, "bucket_name", "nobodys")
    if question not in ("exists", "size", "modified"):  # Of these it says no more than "not there".
        with pytest.raises(Unavailable, match="refused"):
            asks(name)[question]()


def test_files_of_a_folder_are_copied_into_an_object_store(bucket, tmp_path, capsys):
    kept = {}
    for alias, folder in moving.folders(tmp_path).items():
        name = folder.save(f"ab/{alias}.pdf", ContentFile(alias.encode()))
        kept[f"pilot/{'media' if alias == UPLOADS else alias}/{name}"] = alias.encode()
    bucket.put("pilot/evidence/ab/evidence.pdf", b"evidence")
    call_command("copy_files", str(tmp_path))
    call_command("copy_files", str(tmp_path))
    assert capsys.readouterr().out.splitlines() == [
        "Copied: 5 files. Already there: 1.",
        "Copied: 0 files. Already there: 6.",
    ]
    assert bucket.objects() == kept
    bucket.put("pilot/evidence/ab/evidence.pdf", b"another")
    with pytest.raises(CommandError, match="ab/evidence.pdf is there already, with other content"):
        call_command("copy_files", str(tmp_path))
    with bucket.away(), pytest.raises(CommandError, match="not reached.*run this again"):
        call_command("copy_files", str(tmp_path))
    with pytest.raises(CommandError, match="no folder"):
        call_command("copy_files", str(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"url": "https://files.example.org/bucket"}, "Correct LMS_FILES_URL"),
        ({"url": "s3:///folder"}, "Correct LMS_FILES_URL"),
        ({"url": "s3://key:secret@bucket"}, "Correct LMS_FILES_URL"),
        ({"url": "s3://bucket?regoin=eu-west-2"}, "Correct LMS_FILES_URL"),
        ({"key": "made-up"}, "Set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
    ],
)
def test_a_wrong_address_of_an_object_store_refuses_to_start(wrong, sentence):
    told = {"url": "s3://bucket", "key": "", "secret": "", "media_url": "/media/"} | wrong
    with pytest.raises(ImproperlyConfigured, match=sentence):
        files.in_object_store(**told)


def test_an_object_store_without_its_packages_refuses_to_start(monkeypatch):
    monkeypatch.setattr(files, "find_spec", lambda name: None)
    with pytest.raises(ImproperlyConfigured, match="requirements-s3.txt"):
        files.in_object_store("s3://bucket", key="", secret="", media_url="/media/")
