"""Files of versions are served in ranges, which are cut short."""

import pytest

from lms.storage.ranges import MOST, range_of
from tests.elearning.modules import MP4, VTT, make_file, make_issued, make_recording

SIZE = 3 * MOST
NOTHING = (SIZE, SIZE - 1)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("bytes=0-", (0, MOST - 1)),
        ("bytes=0-99", (0, 99)),
        ("bytes=100-", (100, 100 + MOST - 1)),
        (f"bytes=0-{SIZE}", (0, MOST - 1)),
        (f"bytes={SIZE - 10}-", (SIZE - 10, SIZE - 1)),
        (f"bytes={SIZE - 10}-{SIZE * 2}", (SIZE - 10, SIZE - 1)),
        ("bytes=-10", (SIZE - 10, SIZE - 1)),
        (f"bytes=-{SIZE * 2}", (0, MOST - 1)),
        ("Bytes = 5 - 6", (5, 6)),
        # Past the end.
        (f"bytes={SIZE}-", NOTHING),
        (f"bytes={SIZE + 5}-{SIZE + 9}", NOTHING),
        ("bytes=-0", NOTHING),
        ("bytes=999999999999999999-", NOTHING),
        # What is no single range is not obeyed: the file is served whole.
        ("", None),
        ("bytes=", None),
        ("bytes=-", None),
        ("bytes=9-5", None),
        ("bytes=0-1,5-6", None),
        ("bytes=a-b", None),
        ("items=0-5", None),
        ("bytes=" + "9" * 400 + "-", None),
    ],
)
def test_a_range_is_at_most_as_long_as_one_answer(asked, expected):
    assert range_of(asked, SIZE) == expected


@pytest.fixture
def video(office):
    """Return a video in a version, which is longer than one answer."""
    assert len(MP4) > MOST
    return make_file(make_issued(by=office), MP4, "visit.mp4", "video/mp4")


def content_of(answer):
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.mark.django_db
def test_a_video_is_played_in_parts_to_its_end(client, video):
    client.logout()
    got, parts = b"", 0
    while len(got) < len(MP4):
        answer = client.get(video.get_absolute_url(), headers={"range": f"bytes={len(got)}-"})
        assert answer.status_code == 206
        last = len(got) + len(answer.content) - 1
        assert answer["Content-Range"] == f"bytes {len(got)}-{last}/{len(MP4)}"
        assert len(answer.content) <= MOST
        got, parts = got + answer.content, parts + 1
    assert got == MP4 and parts == 2
    past = client.get(video.get_absolute_url(), headers={"range": f"bytes={len(MP4)}-"})
    assert past.status_code == 416 and past["Content-Range"] == f"bytes */{len(MP4)}"


@pytest.mark.django_db
def test_a_file_is_served_whole_and_kept_for_ever(client, video):
    answer = client.get(video.get_absolute_url())
    assert answer.status_code == 200 and content_of(answer) == MP4
    assert answer["Content-Type"] == "video/mp4" and answer["Accept-Ranges"] == "bytes"
    assert "immutable" in answer["Cache-Control"] and "no-store" not in answer["Cache-Control"]
    again = client.get(video.get_absolute_url(), headers={"if-none-match": answer["ETag"]})
    assert again.status_code == 304
    # A range of another file that was here is not mixed with this one.
    old = {"range": "bytes=5-", "if-range": '"another"'}
    answer = client.get(video.get_absolute_url(), headers=old)
    assert answer.status_code == 200 and content_of(answer) == MP4


@pytest.mark.django_db
def test_what_could_run_on_this_site_is_given_out_to_keep(client, office):
    page = make_file(make_issued(by=office), b"<script>", "page.html", "text/html")
    answer = client.get(page.get_absolute_url())
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert content_of(answer) == b"<script>"


@pytest.mark.django_db
@pytest.mark.parametrize("mark", ["0" * 16, "0", "a" * 64])
def test_an_address_that_is_guessed_finds_nothing(client, office, mark):
    made = make_file(make_issued(by=office))
    for part in (mark, made.sha256, made.sha256[:8]):
        assert client.get(f"/learn/files/{part}/").status_code == 404


@pytest.mark.django_db
def test_a_recording_that_is_in_no_version_is_for_the_office(client, office):
    recording = make_recording()
    for address, content in ((recording.address, MP4), (recording.captions_address, VTT.encode())):
        assert content_of(client.get(address)) == content
    client.logout()
    assert client.get(recording.address).status_code == 404
    assert client.get(recording.captions_address).status_code == 404
