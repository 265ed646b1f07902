"""Test that files without a record are found and deleted when told to, in folders and a bucket."""

import datetime as dt
import io

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import call_command
from django.utils import timezone

from assurance.this_week import StoredFiles
from courses.completion.evidence_files import FILES as EVIDENCE
from lms.models import FilesCheck
from lms.settings import files
from lms.storage import strays
from lms.storage.content_store import ContentStore
from tests.factories import CertificateFactory, EvidenceFactory, ImageFactory, PersonFactory

pytestmark = pytest.mark.django_db
CERTIFICATES = ContentStore("certificates")


@pytest.fixture(params=["folder", "bucket"], autouse=True)
def storage(request, settings, tmp_path):
    """Keep files in an empty folder, then in an empty bucket."""
    if request.param == "folder":
        settings.MEDIA_ROOT = tmp_path / "media"
        settings.STORAGES = settings.STORAGES | files.in_folders(tmp_path)
    else:
        settings.STORAGES |= request.getfixturevalue("object_store").storages


@pytest.fixture
def in_two_days():
    with time_machine.travel(timezone.now() + dt.timedelta(days=2), tick=False):
        yield


@pytest.fixture
def astray():
    """Store files of records, two files of none, and a record without its file."""
    CertificateFactory()
    EvidenceFactory(file_path=EVIDENCE.write(b"of a record"))
    ImageFactory()
    EvidenceFactory(file_path="aa/gone")
    CERTIFICATES.write(b"of nobody", ".pdf")
    storages["default"].save("documents/old.txt", ContentFile(b"old"))


def names(found):
    return sorted((each.alias, each.name.rsplit("/")[-1][-8:]) for each in found.strays)


def test_files_without_a_record_and_records_without_a_file_are_found(astray, in_two_days):
    found = strays.find()
    assert [alias for alias, _ in names(found)] == ["certificates", "default"]
    assert names(found)[1] == ("default", "old.txt")
    assert found.missing == [("evidence", "aa/gone")]
    assert found.stray_bytes == len(b"of nobody") + len(b"old")


def test_a_file_of_today_may_still_get_its_record(astray):
    assert strays.find().strays == []


def test_nothing_is_deleted_without_being_told_to(astray, in_two_days):
    said = io.StringIO()
    call_command("stray_files", stdout=said)
    assert "2 files without a record (12 bytes), 1 record without a file." in said.getvalue()
    assert "Missing: evidence/aa/gone" in said.getvalue()
    assert len(strays.find().strays) == 2


def test_told_to_it_deletes_those_alone_that_no_record_names(astray, in_two_days):
    said = io.StringIO()
    call_command("stray_files", "--delete", stdout=said)
    assert "Deleted: 2 files." in said.getvalue()
    found = strays.find()
    assert (found.strays, found.missing) == ([], [("evidence", "aa/gone")])
    check = FilesCheck.objects.get()
    assert (check.strays, check.stray_bytes, check.missing) == (0, 0, 1)


def test_a_file_that_got_a_record_meanwhile_stays(astray, in_two_days):
    found = strays.find()
    stray = next(each for each in found.strays if each.alias == "certificates")
    CertificateFactory(pdf=stray.name)
    assert strays.delete(found.strays) == 1
    assert CERTIFICATES.exists(stray.name)


def test_a_file_that_gets_a_record_amid_deleting_is_put_back(astray, in_two_days, monkeypatch):
    found = strays.find()
    answers = iter([False, True, False, False])
    monkeypatch.setattr(strays, "is_named", lambda alias, name: next(answers))
    assert strays.delete(found.strays) == 1
    assert storages[found.strays[0].alias].exists(found.strays[0].name)


def test_the_office_sees_how_many_and_what_to_do(astray, in_two_days):
    office = PersonFactory(is_superuser=True)
    entry = StoredFiles()
    assert "each night" in entry.section(office).quiet
    strays.check_files()
    strays.check_files()
    section = entry.section(office)
    assert [item.words for item in section.items] == [
        "1 record without its file",
        "2 files that no record names",
    ]
    assert all("manage.py stray_files" in item.note for item in section.items)
    assert entry.section(PersonFactory()).items == []
    FilesCheck.objects.update(strays=0, missing=0)
    assert entry.section(office).items == []
    assert "each record its file" in entry.section(office).quiet
