"""Test how the office changes the wording of mails, without being able to break them."""

import pytest
from django.utils.html import escape

from agencies import wording
from agencies.access import BOARD_MEMBERS, PROTOCOL_EDITORS
from history.models import Event
from lms.mail import templates
from lms.mail.templates import MailText
from lms.models import Wording
from tests.factories import PersonFactory

pytestmark = pytest.mark.django_db
PAGE = "/cms/wording/job_confirmed/"
OWN = {"subject": "Welcome to {{ agency }}", "text": "{{ name }},\r\n\r\nyou are on our list."}


def words(answer):
    return answer.content.decode()


def test_every_kind_is_listed_and_has_its_page(client, office):
    page = words(client.get("/cms/wording/"))
    for kind in templates.kinds().values():
        assert f'href="/cms/wording/{kind.name}/"' in page
        one = client.get(f"/cms/wording/{kind.name}/")
        assert one.status_code == 200 and escape(kind.title) in words(one)
    assert client.get("/cms/wording/nothing/").status_code == 404


def test_words_are_tried_kept_recorded_and_taken_back(client, office):
    tried = words(client.post(PAGE, OWN | {"preview": "1"}))
    assert "Welcome to Solent Health" in tried and not Wording.objects.exists()
    client.post(PAGE, OWN)
    kept = Wording.objects.get()
    assert templates.in_use("job_confirmed") == MailText(
        "Welcome to {{ agency }}", "{{ name }},\n\nyou are on our list."
    )
    assert "Your own" in words(client.get("/cms/wording/"))
    client.post(PAGE, OWN)
    client.post(PAGE, {"take_back": "1"})
    assert templates.in_use("job_confirmed") == templates.ours("job_confirmed")
    events = Event.objects.about(kept).order_by("pk")
    assert [(event.action, event.by_person) for event in events] == [
        ("wording.changed", office.pk),
        ("wording.taken_back", office.pk),
    ]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"subject": " "}, "Write a subject"),
        ({"text": ""}, "Enter what the email says"),
        ({"text": "{{ agency }} {{ salary }}"}, "does not know {{ salary }}"),
        ({"subject": "Hello", "text": "Welcome"}, "what {{ agency }} tells"),
        ({"text": "{{ name|upper }}"}, "nothing else"),
        ({"text": "{% if name %}"}, "nothing else"),
    ],
)
def test_words_that_would_break_a_mail_are_not_kept(client, office, wrong, sentence):
    answer = words(client.post(PAGE, OWN | wrong))
    assert sentence in answer
    assert not Wording.objects.exists()


@pytest.mark.parametrize("role", [BOARD_MEMBERS, PROTOCOL_EDITORS])
def test_nobody_else_reads_or_changes_them(client, settings, role):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    person = PersonFactory(is_staff=True, groups=[role])
    client.force_login(person)
    for page in ("/cms/wording/", PAGE):
        for answer in (client.get(page), client.post(page, OWN)):
            assert answer.status_code in {302, 403, 404, 405}
    with pytest.raises(wording.WordingRefused):
        wording.customise("job_confirmed", MailText("A {{ agency }}", "B"), by=person)
    assert "Wording of emails" not in words(client.get("/cms/"))
    assert not Wording.objects.exists()
