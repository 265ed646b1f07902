"""Tests of the content store, in a folder and in a storage without paths, as an object store is."""

import hashlib
import os

import pytest
from django.core.files.base import ContentFile

from lms.storage.content_store import ContentStore, Damaged

STORE = ContentStore("kept")
IN_A_FOLDER = "lms.storage.durable_files.DurableFileSystemStorage"
WITHOUT_PATHS = "django.core.files.storage.InMemoryStorage"
CONTENT = b"what was issued"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(params=[IN_A_FOLDER, WITHOUT_PATHS])
def storage(request, settings, tmp_path):
    options = {"location": tmp_path / "kept"}
    settings.STORAGES = settings.STORAGES | {"kept": {"BACKEND": request.param, "OPTIONS": options}}
    return STORE.storage


def overwrite(storage, name, content):
    storage.delete(name)
    storage.save(name, ContentFile(content))


def test_content_is_stored_once_under_its_digest_and_read_back(storage):
    names = [STORE.write(CONTENT, ".pdf") for _ in range(2)]
    assert names == [f"{SHA256[:2]}/{SHA256}.pdf"] * 2
    assert storage.listdir(SHA256[:2]) == ([], [f"{SHA256}.pdf"])
    assert STORE.read(names[0], SHA256, of="certificate 7") == CONTENT


def test_content_that_is_there_is_not_written_again(storage, monkeypatch):
    STORE.write(CONTENT)
    monkeypatch.setattr(type(storage), "_save", None)
    STORE.write(CONTENT)
    with pytest.raises(TypeError):
        STORE.write(b"other content")


def test_a_damaged_file_is_refused_by_name_and_mended_by_writing_it_again(storage):
    name = STORE.write(CONTENT)
    overwrite(storage, name, b"other content")
    with pytest.raises(Damaged, match="The file of certificate 7 is not what was kept"):
        STORE.read(name, SHA256, of="certificate 7")
    assert STORE.read(STORE.write(CONTENT), SHA256, of="certificate 7") == CONTENT


def test_a_deleted_file_can_be_stored_again(storage):
    name = STORE.write(CONTENT)
    STORE.delete(name)
    assert not storage.exists(name)
    assert STORE.write(CONTENT) == name


@pytest.mark.parametrize("storage", [IN_A_FOLDER], indirect=True)
def test_a_file_is_never_seen_half_written(storage, monkeypatch):
    name = STORE.write(CONTENT)
    overwrite(storage, name, b"damaged")

    def power_cut(descriptor):
        raise OSError("power cut")

    monkeypatch.setattr(os, "fsync", power_cut)
    with pytest.raises(OSError, match="power cut"):
        STORE.write(CONTENT)
    with storage.open(name) as file:
        assert file.read() == b"damaged"
