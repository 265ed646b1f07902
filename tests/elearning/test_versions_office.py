"""The office's pages of versions: what is missing, what changed, issue, read, withdraw; files."""

import threading

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import ReferenceIndex

from elearning.authoring import issuing, states
from elearning.models import Attempt, Module, ModuleVersion, VersionFile
from tests.elearning.modules import (
    MP4,
    VTT,
    lesson,
    make_issued,
    make_module,
    make_recording,
    pool,
    scenario,
    single,
)
from tests.elearning.test_ranges import content_of
from tests.factories import ImageFactory, PersonFactory, ProtocolPageFactory
from tests.filling import filled_form
from tests.protocols.test_publishing import revised
from tests.servers import at_once

pytestmark = pytest.mark.django_db


def path(module, page="issue"):
    return f"/cms/module/{page}/{module.pk}/"


def pressed(client, module, **said):
    form = filled_form(client.get(path(module)).content, having="seen")
    return client.post(path(module), form | said, follow=True)


def test_the_first_version_is_issued_with_one_press(client, office):
    module = make_module()
    page = client.get(path(module)).text
    assert "No version has been issued yet" in page and "How large" not in page
    page = pressed(client, module)
    assert "Version 1 of ‘Early Help’ is issued." in page.text
    version = ModuleVersion.objects.get()
    assert (version.number, version.issued_by, version.is_major) == (1, office, True)
    assert version.draft_sha256 == module.draft_sha256


def test_all_that_is_missing_is_said_at_once(client, office):
    recording = make_recording(captions="")
    body = [{"type": "recording", "value": {"recording": str(recording.pk)}}]
    module = make_module(
        content=[lesson("Same"), lesson("Same", body=body)],
        pools=[pool([single("Which?", lesson="Elsewhere")])],
    )
    page = client.get(path(module)).text
    for sentence in (
        "Two lessons have the title ‘Same’.",
        "A question names the lesson ‘Elsewhere’, which is not there.",
        "The video ‘A visit’ has no captions.",
        "‘A visit’ has no transcript.",
    ):
        assert sentence in page
    assert "Issue version 1" not in page
    with pytest.raises(issuing.VersionRefused, match="no captions"):
        issuing.issue(module, by=office, what_changed="First.")


def test_what_has_changed_is_listed(client, office):
    lessons = [lesson("One"), lesson("Two"), lesson("Three")]
    pools = [pool([single(f"Question {number}?") for number in range(1, 5)])]
    module = make_issued(by=office, content=lessons, pools=pools).module
    assert "Nothing has changed." in client.get(path(module)).text
    one, two, three = list(module.content.raw_data)
    two["value"]["title"] = "Second"
    four = lesson("Four")
    field = Module._meta.get_field("content")
    module.content = field.to_python([three, two, four])
    asked = module.check_questions[0].value
    asked["questions"][0].value["options"][1]["text"] = "Never"
    del asked["questions"][1]
    asked["draws"] = 2
    module.pass_mark = 70
    module.save()
    page = client.get(path(module)).text
    for words in (
        "Pass mark (per cent): from ‘80’ to ‘70’",
        "Lesson ‘Second’, was ‘Two’",
        "Lesson ‘Four’",
        "Lesson ‘One’",
        "The order of the lessons",
        "Question ‘Question 1?’",
        "Question ‘Question 2?’",
        "Questions on ‘Know the signs’: asks 2 of 3",
    ):
        assert words in page, words
    assert "Question 3?" not in page


@pytest.mark.parametrize(("size", "is_major"), [("minor", False), ("major", True)])
def test_what_a_size_means_for_those_who_have_begun_is_said(client, office, size, is_major):
    version = make_issued(by=office)
    for _ in range(2):
        Attempt.objects.create(person=PersonFactory(), module=version.module, version=version)
    version.module.title = "Early Help again"
    version.module.save()
    page = client.get(path(version.module)).text
    assert page.count("2 people who have begun") == 2 and "within 30 days" in page
    said = {"what_changed": "The title.", "size": size}
    assert "Version 2" in pressed(client, version.module, **said).text
    assert ModuleVersion.objects.get(number=2).is_major is is_major


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"what_changed": "", "size": "minor"}, "Say what has changed"),
        ({"what_changed": "x"}, "Choose how large the change is"),
        ({"what_changed": "x", "size": "huge"}, "Select a valid choice"),
    ],
)
def test_a_press_that_says_too_little_issues_nothing(client, office, said, sentence):
    module = make_issued(by=office).module
    module.title = "Another"
    module.save()
    assert sentence in pressed(client, module, **said).text
    assert module.versions.count() == 1


def test_what_was_not_looked_at_is_not_issued(client, office):
    module = make_module()
    form = filled_form(client.get(path(module)).content, having="seen")
    module.title = "Changed by another"
    module.save()
    for sent in (form, form | {"seen": ""}, form | {"seen": "made up"}):
        page = client.post(path(module), sent)
        assert "The draft has changed since you opened this page." in page.text
    assert not module.versions.exists()
    # The page shows the draft of now: pressing again issues it.
    again = filled_form(page.content, having="seen")
    assert "is issued" in client.post(path(module), again, follow=True).text


def test_a_version_is_read_with_its_answers(client, office):
    version = make_issued(by=office, content=[lesson("Noticing"), scenario()])
    page = client.get(f"/cms/module/version/{version.pk}/").text
    for words in ("What to look for.", "The first visit", "Right: Yes", "Not so.", "Noticing"):
        assert words in page
    assert (
        f'href="/cms/module/version/{version.pk}/"'
        in client.get(path(version.module, "versions")).text
    )


def test_a_version_is_withdrawn_on_its_page(client, office):
    version = make_issued(by=office)
    address = path(version, "withdraw")
    page = client.get(address).text
    assert "Nobody will be able to begin the module until you issue another version." in page
    assert "This field is required" in client.post(address, {"reason": ""}).text
    page = client.post(address, {"reason": "A wrong threshold"}, follow=True).text
    assert "Version 1 is withdrawn." in page and "A wrong threshold" in page
    assert "was withdrawn already" in client.get(address).text


def with_files(picture, document):
    body = [
        {"type": "picture", "value": {"image": {"image": picture.pk, "alt_text": "Two people",
                                                "decorative": False}, "caption": ""}},
        {"type": "download", "value": {"title": "Leaflet", "document": document.pk, "about": ""}},
    ]  # fmt: skip
    return [lesson("Noticing", body=body)]


def test_a_version_keeps_its_files_whatever_becomes_of_the_originals(client, office):
    picture = ImageFactory()
    document = get_document_model().objects.create(
        title="Leaflet", file=ContentFile(b"%PDF-1.7 leaflet", "leaflet.pdf")
    )
    module = make_module(content=with_files(picture, document))
    version = issuing.issue(module, by=office, what_changed="First.")
    html = version.items[0]["html"]
    kept = {each.get_absolute_url(): each for each in version.files.all()}
    assert kept and all(address in html for address in kept)
    assert "/media/" not in html and "/documents/" not in html
    contents = {address: content_of(client.get(address)) for address in kept}
    assert b"%PDF-1.7 leaflet" in contents.values()
    with pytest.raises(issuing.VersionRefused, match="Nothing has changed"):
        issuing.issue(module, by=office, what_changed="Again.")
    document.file.delete()
    get_image_model().objects.all().delete()
    get_document_model().objects.all().delete()
    client.logout()
    for address, content in contents.items():
        answer = client.get(address)
        assert answer.status_code == 200 and content_of(answer) == content


def test_the_draft_is_listed_where_its_picture_is_used(client, office):
    picture = ImageFactory()
    document = get_document_model().objects.create(
        title="Leaflet", file=ContentFile(b"%PDF-1.7", "leaflet.pdf")
    )
    office.is_superuser = True
    office.save()
    ReferenceIndex.create_or_update_for_object(make_module(content=with_files(picture, document)))
    assert "Early Help" in client.get(f"/cms/images/usage/{picture.pk}/").text
    assert "Early Help" in client.get(f"/cms/documents/usage/{document.pk}/").text


def test_a_recording_is_kept_with_its_captions(client, office):
    recording = make_recording(transcript="A door opens.")
    body = [{"type": "recording", "value": {"recording": str(recording.pk)}}]
    module = make_module(content=[lesson("Noticing", body=body)])
    version = issuing.issue(module, by=office, what_changed="First.")
    html = version.items[0]["html"]
    assert "<video controls" in html and "autoplay" not in html and "A door opens." in html
    assert recording.address in html and recording.captions_address in html
    client.logout()
    assert content_of(client.get(recording.address)) == MP4
    captions = client.get(recording.captions_address)
    assert content_of(captions) == VTT.encode() and captions["Content-Type"] == "text/vtt"
    assert version.files.count() == 2


def quoting(edition, text):
    body = [{"type": "quote", "value": {"edition": str(edition.pk), "text": text}}]
    return [lesson("Noticing", body=body)]


def test_a_newer_version_of_a_protocol_marks_what_teaches_the_older(client, office):
    page = ProtocolPageFactory()
    edition = page.edition_in_force
    module = make_issued(
        by=office, checked_against=edition, content=quoting(edition, "Words")
    ).module
    assert not states.behind(Module.objects.all()).exists()
    assert f"{edition.title}, version 1" in module.versions.get().items[0]["html"]
    revised(page).publish()
    assert page.editions.count() == 2
    assert states.behind(Module.objects.all()).get() == module
    for address in ("/cms/module/", "/cms/module/?behind=yes", "/cms/"):
        assert "Teaches version 1; version 2 is in force" in client.get(address).text
    said = client.get(path(module)).text
    assert f"The module was checked against version 1 of {edition.title}" in said
    assert f"It quotes version 1 of {edition.title}; version 2 is in force." in said


@pytest.mark.race
@pytest.mark.parametrize("locked", [True, False])
def test_issued_twice_at_once_makes_one_version(own_database, monkeypatch, rounds, locked):
    """Press Issue twice at once; without the lock the control must fail at the constraint."""
    editor, failed = PersonFactory(), 0
    for number in range(rounds):
        module = make_module(f"m{number}")
        meeting = threading.Barrier(2, timeout=5)

        def press(_, module=module, meeting=meeting):
            if locked:
                return issuing.issue(module, by=editor, what_changed="First.")
            with monkeypatch.context():
                return carelessly(module, editor, meeting)

        outcomes = at_once(2, press)
        versions = module.versions.count()
        if locked:
            refused = [each for each in outcomes if isinstance(each, issuing.VersionRefused)]
            assert versions == 1 and len(refused) == 1, outcomes
            assert VersionFile.objects.count() == 0
        failed += any(isinstance(each, Exception) for each in outcomes)
    assert failed


def carelessly(module, editor, meeting):
    """Look which version is the last, wait until the other has looked too, and write the next."""
    last = module.versions.first()
    meeting.wait()
    with transaction.atomic():
        return ModuleVersion.objects.create(
            module=module, number=last.number + 1 if last else 1, what_changed="First.",
            title="x", summary="x", minutes=1, pass_mark=1, attempts_allowed=1, pause_hours=1,
            content={}, sha256="x", issued_by=editor,
        )  # fmt: skip
