"""Recordings are known by their content; quotes are words of the version that they name."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from elearning.authoring.blocks import LessonBody
from elearning.authoring.recordings import content_type_of
from elearning.models import Recording
from tests.elearning.modules import MP4, VTT, make_recording, recording_file
from tests.factories import ProtocolPageFactory

pytestmark = pytest.mark.django_db
WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm" + bytes(99)
PAGE = b"<!doctype html><script>alert(1)</script>"
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg"></svg>'
NO_RECORDING = "This is not a video or sound that browsers play."


@pytest.mark.parametrize(
    ("begins", "kind"),
    [
        (MP4, "video/mp4"),
        (b"\0\0\0\x20ftypM4A \0", "audio/mp4"),
        (WEBM, "video/webm"),
        (b"ID3\x04\0\0", "audio/mpeg"),
        (b"\xff\xfb\x90\x64", "audio/mpeg"),
        (b"\xff\xd8\xff\xe0JFIF", ""),
        (b"\xff\xfeH\0i\0", ""),
        (b"\xff", ""),
        (b"", ""),
        (PAGE, ""),
        (DRAWING, ""),
        (b"MZ\x90\0", ""),
        (b"%PDF-1.7", ""),
        (b"RIFF\0\0\0\0WAVEfmt ", ""),
        (b"\x1a\x45\xdf\xa3matroska", ""),
    ],
)
def test_a_recording_is_known_by_its_content(begins, kind):
    assert content_type_of(begins) == kind


@pytest.mark.parametrize("name", ["visit.mp4", "visit.html", "visit", "../../visit.mp4", "n" * 99])
@pytest.mark.parametrize("content", [PAGE, DRAWING, b"MZ\x90\0", b"%PDF-1.7"])
def test_whatever_a_file_is_called_what_is_none_is_refused(client, office, name, content):
    sent = {"title": "A visit", "upload": SimpleUploadedFile(name, content)}
    page = client.post("/cms/recording/new/", sent)
    assert page.status_code == 200 and NO_RECORDING in page.text
    assert not Recording.objects.exists()


@pytest.mark.parametrize(
    ("captions", "sentence"),
    [
        (PAGE, "These are not captions in WebVTT"),
        (b"WEBVTT\n\nNothing is timed", "These are not captions in WebVTT"),
        (b"1\n00:00:01,000 --> 00:00:02,000\nAn SRT\n", "These are not captions in WebVTT"),
        (b"\xff\xfe\0W", "Save the captions as text in UTF-8"),
        (VTT.encode() + b"x" * 1024**2, "larger than 1 MB"),
    ],
)
def test_wrong_captions_are_refused_at_their_field(client, office, captions, sentence):
    sent = {
        "title": "A visit", "upload": recording_file(),
        "vtt": SimpleUploadedFile("a.vtt", captions),
    }  # fmt: skip
    page = client.post("/cms/recording/new/", sent)
    assert page.status_code == 200 and sentence in page.text
    assert not Recording.objects.exists()


def test_a_large_file_is_refused(client, office, settings):
    settings.LMS_RECORDING_MB = 0
    page = client.post("/cms/recording/new/", {"title": "x", "upload": recording_file()})
    assert "This file is larger than 0 MB." in page.text


def test_captions_stay_until_others_are_chosen(client, office):
    recording = make_recording()
    address = f"/cms/recording/edit/{recording.pk}/"
    assert client.post(address, {"title": "B", "transcript": "Words"}).status_code == 302
    recording.refresh_from_db()
    assert (recording.title, recording.captions, recording.transcript) == ("B", VTT, "Words")
    new = VTT.replace("door", "window")
    sent = {"title": "B", "transcript": "", "vtt": SimpleUploadedFile("b.vtt", new.encode())}
    assert client.post(address, sent).status_code == 302
    recording.refresh_from_db()
    assert recording.captions == new
    assert client.get(recording.captions_address).status_code == 200


def test_the_list_of_recordings_says_what_each_lacks(client, office):
    make_recording()
    page = client.get("/cms/recording/").text
    assert "A visit" in page and "Video, MP4" in page
    assert "Video, MP4" in client.get("/cms/recording/?export=csv").getvalue().decode()


@pytest.fixture
def edition():
    page = ProtocolPageFactory()
    return page.edition_in_force


def quoted(edition, text):
    body = LessonBody()
    raw = [{"type": "quote", "value": {"edition": str(edition.pk), "text": text}}]
    return body.clean(body.to_python(raw))


def test_a_quote_is_in_the_version_that_it_names(edition):
    [quote] = quoted(edition, "  because. ")
    html = quote.render()
    assert f"{edition.title}, version 1" in html and edition.get_absolute_url() in html
    with pytest.raises(ValidationError) as refused:
        quoted(edition, "Because we say so.")
    assert "These words are not in" in str(refused.value.block_errors[0].block_errors["text"])


def test_indicators_are_shown_as_they_are_when_a_version_is_issued():
    body = LessonBody()
    raw = [{"type": "indicators", "value": {"heading": "Signs", "domains": [], "tiers": [],
                                            "age_group": "", "introduction": ""}}]  # fmt: skip
    assert "Signs" in body.render(body.clean(body.to_python(raw)))
