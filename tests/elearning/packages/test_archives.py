"""Zips of packages: the safe ones are read, each of the others has its own sentence."""

import io
import re
import warnings
import zipfile

import pytest

from elearning.packages import archive
from elearning.packages.archive import PackageRefused, open_archive
from tests.elearning.packages.made import manifest, packed, size_of

GOOD = {"imsmanifest.xml": manifest(), "index.html": "<p>Here.</p>"}


def opened(file):
    return open_archive(file, size_of(file))


def symlink(info):
    if info.filename == "index.html":
        info.external_attr = 0o120777 << 16


def with_password(file):
    """Set the flag of encryption in each header of the zip."""
    content = bytearray(file.getvalue())
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(sign)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(sign, at + 1)
    return io.BytesIO(bytes(content))


def stored_twice(name):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as zipped, warnings.catch_warnings(action="ignore"):
        for each in ("imsmanifest.xml", "index.html", name):
            zipped.writestr(each, "x")
    return made


REFUSED = {
    "not a zip": (lambda: io.BytesIO(b"<html>"), "not a zip file"),
    "empty": (lambda: io.BytesIO(b""), "not a zip file"),
    "cut off": (lambda: io.BytesIO(packed().getvalue()[:-30]), "not a zip file"),
    "zip without a file": (lambda: packed({}), "isn’t a SCORM package"),
    "absolute path": (lambda: packed(GOOD | {"/etc/passwd": "x"}), "leads out"),
    "climbs out": (lambda: packed(GOOD | {"a/../../x.js": "x"}), "leads out"),
    "climbs out by \\": (lambda: packed(GOOD | {"a\\..\\..\\x.js": "x"}), "leads out"),
    "drive letter": (lambda: packed(GOOD | {"C:\\x.js": "x"}), "leads out"),
    "zero byte": (lambda: packed(GOOD | {"x\0.js": "x"}), "leads out"),
    "link": (lambda: packed(GOOD, change=symlink), "is a link to another file"),
    "password": (lambda: with_password(packed(GOOD)), "has a password"),
    "doubles by capitals": (lambda: packed(GOOD | {"INDEX.html": "x"}), "but for capitals"),
    "twice": (lambda: stored_twice("index.html"), "the same name"),
    "bomb": (lambda: packed(GOOD | {"b.bin": b"\0" * (11 * archive.MB)}), "more than 200 times"),
    "cmi5": (lambda: packed({"cmi5.xml": "<courseStructure/>"}), "cmi5 package"),
    "xAPI": (lambda: packed({"tincan.xml": "<tincan/>"}), "xAPI"),
    "AICC": (lambda: packed({"course.au": "x", "course.crs": "x"}), "AICC"),
    "H5P": (lambda: packed({"h5p.json": "{}"}), "H5P"),
    "zip in a zip": (lambda: packed({"package.zip": "x"}), "another zip"),
    "manifest deep inside": (
        lambda: packed({"a/b/imsmanifest.xml": manifest(), "a/readme.txt": "x"}),
        "Its manifest is in the folder ‘a/b’",
    ),
    "manifest in capitals": (
        lambda: packed({"IMSMANIFEST.XML": manifest()}),
        "rename it imsmanifest.xml",
    ),
    "only a page": (lambda: packed({"index.html": "<p>"}), "isn’t a SCORM package"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_zip_is_refused_with_its_own_sentence(case):
    make, said = REFUSED[case]
    with pytest.raises(PackageRefused, match=said):
        opened(make())


def test_no_two_kinds_of_zip_share_a_sentence_by_accident():
    alike = [
        {"not a zip", "empty", "cut off"},
        {"zip without a file", "only a page"},
        {"absolute path", "climbs out", "climbs out by \\", "drive letter", "zero byte"},
        {"doubles by capitals", "twice"},
    ]
    said = {}
    for case, (make, _) in REFUSED.items():
        with pytest.raises(PackageRefused) as refused:
            opened(make())
        said.setdefault(re.sub("‘.*?’", "", str(refused.value)), set()).add(case)
    assert all(len(cases) == 1 or any(cases <= each for each in alike) for cases in said.values())


@pytest.mark.parametrize(
    ("limit", "value", "said"),
    [
        ("MOST_BYTES", 100, "larger than"),
        ("MOST_FILES", 1, "more than 1 files"),
        ("MOST_UNPACKED", 20, "Unpacked"),
    ],
)
def test_what_is_too_large_is_refused(monkeypatch, limit, value, said):
    monkeypatch.setattr(archive, limit, value)
    with pytest.raises(PackageRefused, match=said):
        opened(packed())


def test_sizes_are_counted_while_a_file_is_read(monkeypatch):
    found = opened(packed(GOOD | {"long.txt": "long " * 1000}))
    monkeypatch.setattr(archive, "MOST_UNPACKED", 4000)
    with pytest.raises(PackageRefused, match="Unpacked"):
        found.content_of("long.txt")


def test_a_damaged_file_is_named():
    content = bytearray(packed(GOOD).getvalue())
    at = content.find(b"index.html") + len("index.html")
    content[at : at + 6] = b"\xff" * 6
    found = opened(io.BytesIO(bytes(content)))
    with pytest.raises(PackageRefused, match="‘index.html’ in the zip is damaged"):
        found.content_of("index.html")


@pytest.mark.parametrize(
    ("files", "note"),
    [
        ({"Our module/" + name: text for name, text in GOOD.items()}, "‘Our module’"),
        (GOOD | {"js\\a.js": "x"}, "Paths with"),
        (GOOD | {"__MACOSX/._index.html": "x", ".DS_Store": "x"}, None),
    ],
)
def test_what_can_be_put_right_is_put_right(files, note):
    found = opened(packed(files))
    assert "imsmanifest.xml" in found.names and "index.html" in found.names
    assert not any("MACOSX" in name or "\\" in name for name in found.names)
    assert [note in each for each in found.notes] == ([True] if note else [])
