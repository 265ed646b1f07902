"""Pages on which the office sends a package, looks at what it is, and issues it."""

import pytest
from django.urls import reverse

from elearning.models import ModuleVersion, Package
from elearning.packages import bringing
from tests.elearning.modules import make_module
from tests.elearning.packages.brought import make_package, package_file
from tests.elearning.packages.made import item, manifest

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(office, client):
    return client


def test_a_package_is_sent_read_and_issued(browser):
    module = make_module(pools=[])
    packages = reverse("module:packages", args=[module.pk])
    assert "No package has been uploaded" in browser.get(packages).content.decode()
    answer = browser.post(packages, {"file": package_file()})
    package = Package.objects.get()
    assert answer.url == reverse("module:package", args=[package.pk])
    assert "It is being read" in browser.get(answer.url).content.decode()
    bringing.bring_in.func(package.pk)
    shown = browser.get(answer.url).content.decode()
    assert "SCORM 1.2" in shown and "Part one" in shown
    browser.post(answer.url, {"rule": "as_it_says", "what_changed": "First version."})
    version = ModuleVersion.objects.get()
    assert (version.package, version.rule) == (package, "as_it_says")
    assert browser.get(reverse("module:version", args=[version.pk])).status_code == 200
    assert "Issued as version 1" in browser.get(packages).content.decode()


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ({}, "Choose the zip"),
        ({"file": package_file({"index.html": "x"})}, "isn’t a SCORM package"),
        ({"file": package_file({"h5p.json": "{}"})}, "H5P"),
    ],
)
def test_a_file_that_is_no_package_is_refused_with_a_sentence(browser, file, said):
    module = make_module(pools=[])
    answer = browser.post(reverse("module:packages", args=[module.pk]), file)
    assert said in answer.content.decode()
    assert not Package.objects.exists()


def test_what_will_not_be_obeyed_is_said_before_it_is_issued(browser):
    items = item("one", "Part one", "<adlcp:maxtimeallowed>1</adlcp:maxtimeallowed>")
    package = make_package({"imsmanifest.xml": manifest(items=items), "index.html": "x"})
    shown = browser.get(reverse("module:package", args=[package.pk])).content.decode()
    assert "Time limits are not obeyed" in shown


def test_the_same_package_is_issued_once(browser):
    package = make_package()
    address = reverse("module:package", args=[package.pk])
    browser.post(address, {"rule": "as_it_says", "what_changed": "First version."})
    again = {"rule": "as_it_says", "what_changed": "Again.", "size": "minor"}
    answer = browser.post(address, again)
    assert "Nothing has changed since version 1" in answer.content.decode()
    browser.post(address, again | {"rule": "opened"})
    assert ModuleVersion.objects.count() == 2
