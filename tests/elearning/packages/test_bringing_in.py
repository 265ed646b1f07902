"""Packages: looked into when they arrive, unpacked by the worker, and never half there."""

import shutil
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from elearning.models import Package
from elearning.packages import archive, bringing
from elearning.packages.archive import PackageRefused
from lms.storage.listing import files_of
from tests.elearning.modules import make_module
from tests.elearning.packages.made import item, manifest, packed, resource
from tests.factories import PersonFactory

pytestmark = pytest.mark.django_db
FILES = {
    "imsmanifest.xml": manifest(
        items=item("a", "Beginning") + item("b", "End"),
        resources=resource("a") + resource("b", "pages/end.html"),
    ),
    "index.html": "<p>Beginning</p>",
    "pages/end.html": "<p>End</p>",
}


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "packages": {
            "BACKEND": "lms.storage.durable_files.DurableFileSystemStorage",
            "OPTIONS": {"location": tmp_path / "packages"},
        }
    }


def stored():
    return [each.name for each in files_of("packages", storages["packages"])]


def receive(files=FILES, name="early-help.zip"):
    file = ContentFile(packed(files).getvalue(), name)
    return bringing.receive(make_module(), file, by=PersonFactory())


def test_a_package_is_brought_in_with_its_parts():
    package = receive()
    assert (package.state, stored()) == ("waiting", [f"uploads/{package.key}.zip"])
    bringing.bring_in.func(package.pk)
    package.refresh_from_db()
    assert (package.state, package.standard, package.title) == ("ready", "1.2", "Made for a test")
    assert [(each.title, each.href) for each in package.items.all()] == [
        ("Beginning", "index.html"),
        ("End", "pages/end.html"),
    ]
    assert stored() == sorted(f"{package.sha256}/{name}" for name in FILES)
    assert {each.file_path for each in package.files.all()} == set(stored())


def test_bringing_it_in_again_changes_nothing():
    package = receive()
    bringing.bring_in.func(package.pk)
    before = stored()
    bringing.bring_in.func(package.pk)
    assert (stored(), package.items.count(), package.files.count()) == (before, 2, 3)


def test_one_that_was_interrupted_is_brought_in_whole(monkeypatch):
    package = receive()
    with monkeypatch.context() as stopped:
        stopped.setattr(bringing, "_note", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            bringing.bring_in.func(package.pk)
    package.refresh_from_db()
    assert package.state == "waiting" and not package.files.exists()
    bringing.bring_in.func(package.pk)
    package.refresh_from_db()
    assert package.state == "ready" and package.files.count() == 3


def test_nothing_of_a_bad_one_is_kept_when_it_arrives():
    with pytest.raises(PackageRefused, match="isn’t a SCORM package"):
        receive({"index.html": "x"})
    assert not Package.objects.exists() and stored() == []


def test_nothing_of_one_that_is_found_bad_in_the_worker_is_kept(monkeypatch):
    package = receive(FILES | {"long.txt": "long " * 1000})
    monkeypatch.setattr(archive, "MOST_UNPACKED", 5500)
    monkeypatch.setattr(archive, "_refuse_sizes", lambda entries: None)
    bringing.bring_in.func(package.pk)
    package.refresh_from_db()
    assert package.state == "refused" and "Unpacked" in package.refused_because
    assert stored() == [] and package.upload_path == ""


def test_a_bad_one_leaves_the_same_package_of_another_module_alone(monkeypatch):
    package = receive()
    bringing.bring_in.func(package.pk)
    file = ContentFile(packed(FILES).getvalue(), "again.zip")
    again = bringing.receive(make_module("another"), file, by=PersonFactory())
    monkeypatch.setattr(archive, "MOST_UNPACKED", len(FILES["imsmanifest.xml"]) + 5)
    monkeypatch.setattr(archive, "_refuse_sizes", lambda entries: None)
    bringing.bring_in.func(again.pk)
    again.refresh_from_db()
    assert again.state == "refused"
    assert stored() == sorted(f"{Package.objects.get(pk=package.pk).sha256}/{n}" for n in FILES)


def test_a_nearly_full_disk_refuses_before_anything_is_kept(monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=100))
    with pytest.raises(PackageRefused, match="enough space"):
        receive()
    assert stored() == []


def test_a_file_whose_row_cannot_be_written_is_deleted(monkeypatch):
    monkeypatch.setattr(bringing.history, "record", lambda *args, **more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        receive()
    assert not Package.objects.exists() and stored() == []
