"""Test the training record: private, complete, printable, and shared by links that expire."""

import datetime as dt
import io
import json

import pypdf
import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import strip_tags

from courses.completion import awarding, external_training
from history.models import Event
from lms.models import ActionLink
from protocols.editions import editions
from record.training_record import content, sharing
from record.training_record.sharing import SharingRefused
from tests.factories import (
    APPROVED,
    AcknowledgementFactory,
    AgencyFactory,
    BookingFactory,
    CompletionFactory,
    EvidenceFactory,
    PersonFactory,
    PostFactory,
    ProtocolPageFactory,
    in_days,
)

pytestmark = pytest.mark.django_db


def said(response):
    return " ".join(strip_tags(response.content.decode()).split())


def completed(person, title, **facts):
    booking = BookingFactory(
        person=person, run__course__title=title, run__starts_at=in_days(-30), **facts
    )
    return CompletionFactory(person=person, booking=booking)


def awarded(person, title, **facts):
    return awarding.award_certificate(completed(person, title, **facts), by="OFFICE")


@pytest.fixture
def person(client):
    person = PostFactory(
        person__name="Mary Seacole", title="Nurse", agency__name="City Midwifery"
    ).person
    client.force_login(person)
    return person


@pytest.fixture
def token(person):
    return sharing.share(person, days=30, reader="Solent Trust", by=person)


def test_it_has_what_was_completed_with_its_certificate_and_what_is_due(client, person):
    certificate = awarded(person, "Supervision", run__course__renewal_months=24)
    evidence = EvidenceFactory(person=person, title="Level 2", provider="Scouts")
    external_training.accept(evidence, by="OFFICE")

    words = said(client.get("/my/record/"))

    for shown in (
        "Mary Seacole", "Nurse, City Midwifery", "Supervision", certificate.number,
        certificate.grouped_code, "Training elsewhere: Level 2, given by Scouts",
        f"Refresh recommended by {certificate.refresh_on:%-d %B %Y}",
    ):  # fmt: skip
        assert shown in words


def test_of_a_course_taken_again_only_the_latest_is_due(person):
    old = completed(person, "Supervision", run__course__renewal_months=1)
    old.completed_on = dt.date(2020, 1, 1)
    old.save()
    course = old.course
    new = completed(person, "Other", run__course=course)

    record = content.training_record_of(person, viewer=person)

    assert [entry.completion for entry in record.entries] == [new, old]
    assert [entry.completion for entry in record.to_refresh] == [new]


def test_what_is_withdrawn_or_revoked_is_not_shown(person):
    withdrawn = completed(person, "Withdrawn")
    withdrawn.withdrawn_at = timezone.now()
    withdrawn.save()
    certificate = awarded(person, "Revoked")
    certificate.revoked_at, certificate.revoked_reason = timezone.now(), "In error"
    certificate.save()
    assert content.training_record_of(person, viewer=person).entries == []


def test_it_stays_theirs_when_they_move(client, person):
    certificate = awarded(person, "Supervision")
    person.posts.update(ends_on=timezone.localdate() - dt.timedelta(days=1))
    PostFactory(person=person, title="Matron", agency=AgencyFactory(name="Another Trust"))

    words = said(client.get("/my/record/"))

    assert "Matron, Another Trust" in words
    assert certificate.number in words
    assert certificate.agency in words


def test_it_is_had_as_a_pdf_whose_words_are_found(client, person):
    person.name = "محمّد علی"
    person.save()
    certificate = awarded(person, "Supervision", run__course__renewal_months=24)

    response = client.get("/my/record.pdf")

    reader = pypdf.PdfReader(io.BytesIO(response.content))
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    for shown in ("محمّد علی", "Supervision", certificate.number, certificate.grouped_code):
        assert shown in text
    assert reader.trailer["/Root"]["/Lang"] == "en-GB"
    assert reader.metadata.title == "Training record"
    assert "no-store" in response["Cache-Control"]


def test_a_long_record_takes_more_pages(client, person):
    for number in range(40):
        completed(person, f"Course {number} about what everybody should know " * 2)
    reader = pypdf.PdfReader(io.BytesIO(client.get("/my/record.pdf").content))
    assert len(reader.pages) > 1


def test_it_is_had_as_data(client, person):
    certificate = awarded(person, "Supervision")
    data = json.loads(client.get("/my/record.json").content)
    assert data["name"] == "Mary Seacole"
    assert data["jobs"] == [{"title": "Nurse", "agency": "City Midwifery"}]
    (entry,) = data["completions"]
    assert entry["course"] == "Supervision"
    assert entry["completed_on"] == str(certificate.completed_on)
    assert entry["certificate"]["check_at"] == certificate.verify_url


def test_it_asks_as_much_for_three_as_for_one(client, person):
    def queries():
        client.get("/my/record/")
        with CaptureQueriesContext(connection) as asked:
            client.get("/my/record/")
        return len(asked)

    awarded(person, "One")
    one = queries()
    awarded(person, "Two")
    external_training.accept(EvidenceFactory(person=person), by="OFFICE")
    assert queries() == one


# Sharing


def test_a_link_is_made_shown_once_and_ended(client, person):
    certificate = awarded(person, "Supervision")
    answer = client.post("/my/record/share/", {"days": "30", "reader": "Solent Trust"}, follow=True)
    made = answer.context["made"]
    assert made in answer.content.decode()
    assert made not in client.get("/my/record/share/").content.decode()
    path = made.removeprefix("http://127.0.0.1:8000")
    path = path[path.index("/record/") :]
    stranger = Client()
    for _ in range(3):
        assert certificate.grouped_code in said(stranger.get(path))

    client.post(f"/my/record/share/{ActionLink.objects.get().pk}/end/")

    answer = stranger.get(path)
    assert answer.status_code == 410
    assert "Mary" not in said(answer)
    assert "has expired or been switched off" in said(answer)
    assert list(Event.objects.about(person).values_list("action", flat=True)) == [
        "record.share_ended",
        "record.shared",
    ]


def test_a_reader_sees_name_courses_dates_and_codes_and_nothing_else(person, token):
    certificate = awarded(person, "Supervision", agency__name="Secret Agency")
    external_training.accept(
        EvidenceFactory(person=person, title="Level 2", provider="Scouts"), by="OFFICE"
    )
    answer = Client().get(f"/record/{token}/")
    words = said(answer)
    for shown in ("Mary Seacole", "Supervision", certificate.grouped_code):
        assert shown in words
    withheld = (
        "Nurse", "City Midwifery", "Secret Agency", person.email, certificate.number, "Level 2",
        "Scouts", "Solent Trust",
    )  # fmt: skip
    assert [word for word in withheld if word in answer.content.decode()] == []
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]


def test_it_ends_by_itself(person, token):
    last_day = timezone.localdate() + dt.timedelta(days=30)
    ends = timezone.make_aware(dt.datetime.combine(last_day, dt.time(23, 59)))
    with time_machine.travel(ends - dt.timedelta(minutes=1)):
        assert Client().get(f"/record/{token}/").status_code == 200
    with time_machine.travel(ends + dt.timedelta(minutes=1)):
        assert Client().get(f"/record/{token}/").status_code == 410


def test_an_account_that_is_closed_shows_nothing(person, token):
    person.is_active = False
    person.save()
    assert Client().get(f"/record/{token}/").status_code == 410


def test_a_link_for_something_else_shows_no_record(person, token):
    ActionLink.objects.update(purpose="cancel")
    assert Client().get(f"/record/{token}/").status_code == 404
    assert Client().get("/record/made-up/").status_code == 404


def test_nothing_is_sent_to_it(token):
    assert Client().post(f"/record/{token}/").status_code == 405


def test_guessing_is_limited(token, settings):
    settings.LMS_CERTIFICATE_VERIFY_RATE = "30/m/ip"
    cache.clear()
    tries = [Client().get(f"/record/guess-{number}/") for number in range(30)]
    assert {answer.status_code for answer in tries} == {404}
    assert Client().get(f"/record/{token}/").status_code == 429


def test_another_persons_link_is_not_theirs_to_end(client, token):
    client.force_login(PersonFactory())
    assert client.post(f"/my/record/share/{ActionLink.objects.get().pk}/end/").status_code == 404
    assert Client().get(f"/record/{token}/").status_code == 200


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"days": "30"}, "Enter who the link is for"),
        ({"reader": "A Trust"}, "Choose for how long the link works"),
        ({"days": "365", "reader": "A Trust"}, "365 is not one of the available choices"),
    ],
)
def test_what_is_left_out_is_asked_for(client, person, sent, says):
    assert says in said(client.post("/my/record/share/", sent))
    assert not ActionLink.objects.exists()


def test_ten_links_are_enough(person):
    for number in range(10):
        sharing.share(person, days=7, reader=f"Reader {number}", by=person)
    with pytest.raises(SharingRefused, match="End one of them first"):
        sharing.share(person, days=7, reader="One more", by=person)
    with pytest.raises(SharingRefused, match="7, 30 or 90"):
        sharing.share(person, days=8, reader="Other", by=person)


def test_it_says_which_protocols_were_read_and_which_to_read_again(client):
    page = ProtocolPageFactory(title="Unborn Baby Protocol", reason="First.")
    read = AcknowledgementFactory(edition=page.edition_in_force)
    AcknowledgementFactory(edition=page.edition_in_force)
    client.force_login(read.person)
    (entry,) = json.loads(client.get("/my/record.json").content)["protocols_read"]
    assert (entry["protocol"], entry["version"], entry["to_read_again"]) == (
        "Unborn Baby Protocol", 1, False,
    )  # fmt: skip
    page.reason, page.in_force_from = "Second.", dt.date(2026, 5, 1)
    editions.issue_edition(page, by="TEST", approved_by=APPROVED)
    for address in ("/my/", "/my/record/"):
        words = client.get(address).content.decode()
        assert "Unborn Baby Protocol" in words and "Please read again" in words
    client.force_login(PersonFactory())
    assert "Unborn Baby Protocol" not in client.get("/my/record/").content.decode()
