"""Tests over all kinds of mail: answers reach the office, one charset, subjects that differ."""

from collections import Counter
from email import message_from_bytes
from pathlib import Path

import pytest
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from agencies.models import Board
from lms.mail import outbox, templates
from lms.models import Mail
from tests.factories import PersonFactory
from tests.protocols.test_steps_office import ProtocolPageFactory

pytestmark = pytest.mark.django_db
KINDS = sorted(templates.kinds())
NOTIFICATIONS = Path("templates/wagtailadmin/notifications")
ACCOUNTS = Path("templates/account/email")


@pytest.fixture(autouse=True)
def board():
    board = Board.load()
    board.name, board.email = "O'Hara’s Board, North", "office@board.example.org"
    board.save()
    return board


def samples(kind):
    return {name: sample for name, (_, sample) in templates.explained(kind).items()}


def sent(mail):
    """Parse the message as it goes to the mail server."""
    return message_from_bytes(mail.as_message(None).message().as_bytes())


def headers_of_reply(mail):
    return sent(mail).get_all("Reply-To")


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_to_any_mail_reaches_the_office(kind):
    mail = outbox.enqueue(kind, to="jo@example.org", context=samples(kind))
    (header,) = headers_of_reply(mail)
    assert "<office@board.example.org>" in header


@pytest.mark.parametrize("reply_to", [[], ["amina@example.org"]])
def test_so_does_an_answer_to_a_mail_of_the_frameworks(reply_to):
    EmailMessage("Hello", "Hello.", None, ["jo@example.org"], reply_to=reply_to).send()
    (header,) = headers_of_reply(Mail.objects.get())
    assert (reply_to or ["office@board.example.org"])[0] in header


def test_a_mail_of_an_older_version_has_it_when_it_is_sent_again():
    mail = outbox.enqueue("job_confirmed", to="jo@example.org", context=samples("job_confirmed"))
    mail.headers, mail.state = {}, Mail.FAILED
    mail.save()
    again = outbox.resend(mail, by=PersonFactory())
    assert len(headers_of_reply(again)) == 1


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_a_calendar_part_names_its_method_and_its_charset_once(method):
    kind = "run_moved"
    file = "BEGIN:VCALENDAR\r\nSUMMARY:Zoë\r\nEND:VCALENDAR\r\n".encode()
    of_it = f"text/calendar; method={method}; charset=utf-8"
    mail = outbox.enqueue(
        kind, to="jo@example.org", context=samples(kind), attachments=[("a.ics", file, of_it)]
    )
    (part,) = [part for part in sent(mail).walk() if part.get_content_type() == "text/calendar"]
    names = Counter(name.lower() for name, _ in part.get_params())
    assert names == {"text/calendar": 1, "method": 1, "charset": 1}
    assert (part.get_param("method"), part.get_content_charset()) == (method, "utf-8")
    assert part.get_payload(decode=True).splitlines() == file.splitlines()
    assert part.get_filename() == "a.ics"


def test_no_two_kinds_of_mail_have_one_subject():
    """Compare ours, allauth's and Wagtail's together, as they stand in their files."""
    ours = {kind: templates.ours(kind).subject for kind in KINDS if kind not in FREE}
    files = [*ACCOUNTS.glob("*_subject.txt"), *NOTIFICATIONS.glob("*_subject.txt")]
    others = {path.stem: path.read_text().strip() for path in files if path.stem not in ONE_MAIL}
    subjects = Counter((ours | others).values())
    assert [subject for subject, times in subjects.items() if times > 1] == []


# The office types the subject itself, or the notice has one that tells the cases apart.
FREE = {"from_the_office", "what_changed"}
# The same mail to confirm an address, at sign-up and later.
ONE_MAIL = {"email_confirmation_signup_subject"}


def test_mails_about_two_dates_of_one_course_differ_in_their_subject():
    """Fail for a kind that names a day and leaves it out of its subject."""
    for kind in KINDS:
        words = templates.ours(kind)
        of = set(templates.kinds()[kind].placeholders)
        day = {"day", "date", "completed_on"} & of
        if {"course"} <= of and day and kind not in FREE | BY_NAME | EVIDENCE:
            assert day & set(templates.PLACEHOLDER.findall(words.subject)), kind


# Told apart by the name of the person, or by their own training elsewhere.
BY_NAME = {"evaluation_of_manager"}
EVIDENCE = {
    "certificate_sent_for_you", "training_accepted", "training_not_accepted",
    "training_taken_back",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("task_state_submitted", "Approve it or ask for changes"),
        ("workflow_state_rejected", "Change the draft and submit it again"),
        ("workflow_state_approved", "See its versions, and send it to agencies"),
    ],
)
def test_the_button_of_an_email_about_a_draft_leads_to_the_draft(name, words, rf):
    page = ProtocolPageFactory()
    task = {"pk": 1, "name": "Policy lead"}
    context = {"user": PersonFactory(), "page": page, "task": task, "task_state": {}}
    text = render_to_string(f"wagtailadmin/notifications/{name}.txt", context)
    html = templates.as_html("About a draft", templates.collapse_blank_lines(text))
    buttons = html.split(templates.BUTTON)[1:]
    assert [button.partition(">")[2].partition("<")[0] for button in buttons] == [words]
    assert f"/pages/{page.pk}/" in html or f"/{page.pk}/versions/" in html


def test_no_email_of_wagtail_has_its_preferences_as_a_button():
    text = render_to_string("wagtailadmin/notifications/base.txt", {"user": PersonFactory()})
    html = templates.as_html("About a draft", templates.collapse_blank_lines(text))
    assert "#tab-notifications" in html and templates.BUTTON not in html
