"""Tests that mail is written in the transaction of its subject and sent once."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail as django_mail
from django.core.mail import EmailMessage, send_mail
from django.db import transaction
from django.utils import timezone

from lms.mail import outbox
from lms.models import Mail
from tests.factories import AgencyFactory, MailFactory, PersonFactory
from tests.servers import at_once
from tests.smtp import MailServer

pytestmark = pytest.mark.django_db
LETTER = "Your place, {{ name }}\n\nDear {{ name }},\n\nSign in: {{ site_url }}/my/\n"
TOLD = {"name": "Jo"}


@pytest.fixture
def letter(tmp_path, settings):
    """Add a mail template, as apps have them in templates/emails/."""
    (tmp_path / "emails").mkdir()
    (tmp_path / "emails" / "letter.txt").write_text(LETTER)
    templates = settings.TEMPLATES[0]
    settings.TEMPLATES = [templates | {"DIRS": [*templates["DIRS"], tmp_path]}]


@pytest.fixture
def server(settings):
    with MailServer() as server:
        settings.LMS_MAIL_DELIVERY_BACKEND = "lms.mail.smtp.SmtpBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def test_a_mail_is_written_from_its_template(letter):
    person, manager = PersonFactory(), PersonFactory()

    outbox.enqueue("letter", to=person, cc=[manager, person], context={"name": "Jo"}, about=person)

    row = Mail.objects.get()
    assert (row.to, row.cc, row.subject, row.state) == (
        person.email,
        [manager.email],
        "Your place, Jo",
        "queued",
    )
    assert row.text == (
        "Dear Jo,\n\nSign in: http://127.0.0.1:8000/my/\n\n-- \n"
        "Safeguarding Children Board, training office\n"
        "training@board.example.org\nhttp://127.0.0.1:8000\n"
    )
    assert row.html.count("Safeguarding Children Board, training office") == 1
    assert [row] == list(Mail.objects.about(person))


def test_a_mail_is_gone_with_the_transaction_that_fails(letter):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        outbox.enqueue("letter", to="jo@example.org", context=TOLD)
        raise ZeroDivisionError

    assert not Mail.objects.exists()


def test_a_name_is_text_in_the_text_and_harmless_in_the_page(letter):
    row = outbox.enqueue("letter", to="jo@example.org", context={"name": "O'Hara <b>"})

    assert "Dear O'Hara <b>," in row.text
    assert "Dear O&#x27;Hara &lt;b&gt;," in row.html
    assert "<b>" not in row.html


def test_a_name_with_a_line_break_begins_no_header(letter):
    row = outbox.enqueue(
        "letter", to="jo@example.org", context={"name": "Jo\r\nBcc: eve@example.org"}
    )

    assert row.subject.startswith("Your place, Jo")
    outbox.deliver_due()
    [sent] = django_mail.outbox
    assert sent.message()["Bcc"] is None
    assert sent.recipients() == ["jo@example.org"]


@pytest.mark.parametrize(
    "address", ["jo@example.org\nBcc: eve@example.org", "jo", "", "jo@example.org,eve@example.org"]
)
def test_what_is_not_one_address_is_not_written_to(letter, address):
    with pytest.raises(ValueError, match="Not one email address"):
        outbox.enqueue("letter", to=address, context=TOLD)


def test_links_can_be_followed_and_the_page_loads_nothing(letter):
    row = outbox.enqueue("letter", to="jo@example.org", context=TOLD)

    assert 'href="http://127.0.0.1:8000/my/"' in row.html
    assert "<img" not in row.html
    assert "src=" not in row.html


def test_what_is_sent_is_what_was_written(server, letter):
    calendar = ("place.ics", "BEGIN:VCALENDAR\r\n", "text/calendar; method=REQUEST")
    row = outbox.enqueue(
        "letter",
        to="jo@example.org",
        context=TOLD,
        attachments=[calendar, ("a.pdf", b"\xff\x00", "application/pdf")],
    )

    done = outbox.deliver_due()

    row.refresh_from_db()
    [one] = server.delivered
    assert done == outbox.DeliveryResult(sent=1)
    assert (row.state, row.tries, row.reached) == ("sent", 1, ["jo@example.org"])
    assert one.message_id == row.message_id
    assert one.message.get_body(("plain",)).get_content().replace("\r\n", "\n") == row.text
    assert [part.get_filename() for part in one.message.iter_attachments()] == [
        "place.ics",
        "a.pdf",
    ]
    ics, pdf = one.message.iter_attachments()
    assert ics["Content-Type"].params["method"] == "REQUEST"
    assert pdf.get_content() == b"\xff\x00"


def test_a_server_that_was_down_gets_every_mail_once_in_order(server):
    written = MailFactory.create_batch(3)
    server.stop()

    for _ in range(20):
        assert outbox.deliver_due().server_down
    assert set(Mail.objects.values_list("state", "tries", "claimed_by")) == {("queued", 0, "")}

    server.start()
    assert outbox.deliver_due() == outbox.DeliveryResult(sent=3)
    assert outbox.deliver_due() == outbox.DeliveryResult()
    assert server.subjects == [one.subject for one in written]


def test_a_server_that_hangs_up_at_once_is_down_too(server):
    MailFactory()
    server.greeting = "421 too busy"

    assert "421 too busy" in outbox.deliver_due().server_down
    assert Mail.objects.get().tries == 0


def test_a_refused_address_is_listed_and_stops_no_other(server):
    wrong, right = MailFactory(), MailFactory()
    server.answers[wrong.to] = "550 no such user"

    assert outbox.deliver_due() == outbox.DeliveryResult(sent=1, failed=1)

    wrong.refresh_from_db()
    assert server.subjects == [right.subject]
    assert [wrong] == list(Mail.objects.undeliverable())
    assert wrong.refused == {wrong.to: "550 no such user"}


def test_a_copy_that_is_refused_is_listed_though_the_mail_went(server):
    row = MailFactory(cc=["typo@example.org"])
    server.answers["typo@example.org"] = "550 no such user"

    outbox.deliver_due()

    row.refresh_from_db()
    assert [one.to for one in server.delivered] == [[row.to]]
    assert (row.state, row.reached) == ("failed", [row.to])
    assert row.refused == {"typo@example.org": "550 no such user"}


def test_who_must_wait_gets_it_later_and_the_others_not_again(server):
    row = MailFactory(cc=["slow@example.org"])
    server.answers["slow@example.org"] = "451 come back later"
    outbox.deliver_due()
    assert outbox.deliver_due() == outbox.DeliveryResult()

    server.answers.clear()
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        outbox.deliver_due()

    row.refresh_from_db()
    assert [one.to for one in server.delivered] == [[row.to], ["slow@example.org"]]
    assert len({one.message_id for one in server.delivered}) == 1
    assert row.state == "sent"


def test_after_two_days_of_coming_back_later_a_mail_is_listed(server):
    row = MailFactory()
    server.answers[row.to] = "451 come back later"
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for pause in [*outbox.PAUSES, timedelta()]:
            outbox.deliver_due()
            clock.shift(pause)

    row.refresh_from_db()
    assert (row.state, row.tries) == ("failed", len(outbox.PAUSES) + 1)
    assert sum(outbox.PAUSES, timedelta()) > timedelta(days=2)


def test_a_mail_that_cannot_be_made_stops_no_other(server):
    broken, right = MailFactory(sender="a\nb"), MailFactory()

    assert outbox.deliver_due() == outbox.DeliveryResult(sent=1, failed=1)
    assert [broken] == list(Mail.objects.undeliverable())
    assert server.subjects == [right.subject]


def test_a_mail_waits_for_its_moment(server):
    MailFactory(due_at=timezone.now() + timedelta(hours=1))

    assert outbox.deliver_due() == outbox.DeliveryResult()
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        assert outbox.deliver_due() == outbox.DeliveryResult(sent=1)


def test_to_one_person_mails_go_in_order_and_nobody_waits_for_another(server):
    first, second = MailFactory.create_batch(2, to="jo@example.org", template="letter")
    other = MailFactory(template="letter")
    server.answers["jo@example.org"] = "451 come back later"
    assert outbox.deliver_due() == outbox.DeliveryResult(sent=1, later=1)
    server.answers.clear()
    assert outbox.deliver_due() == outbox.DeliveryResult()
    code = MailFactory(to="jo@example.org")  # A sign-in code, valid for minutes.
    assert outbox.deliver_due() == outbox.DeliveryResult(sent=1)
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        assert outbox.deliver_due() == outbox.DeliveryResult(sent=2)
    assert server.subjects == [one.subject for one in (other, code, first, second)]


def test_an_address_that_is_refused_holds_up_neither_its_next_mail_nor_others(server):
    wrong = MailFactory.create_batch(2, to="wrong@example.org", template="letter")
    right = MailFactory(template="letter")
    server.answers["wrong@example.org"] = "550 no such user"
    assert outbox.deliver_due() == outbox.DeliveryResult(sent=1, failed=2)
    assert set(Mail.objects.undeliverable()) == set(wrong)
    assert server.subjects == [right.subject]


def test_who_has_theirs_waits_for_no_copy(server):
    MailFactory(to="jo@example.org", cc=["slow@example.org"], template="letter")
    second = MailFactory(to="jo@example.org", template="letter")
    server.answers["slow@example.org"] = "451 come back later"
    assert outbox.deliver_due() == outbox.DeliveryResult(sent=1, later=1)
    assert server.subjects[-1] == second.subject


def test_what_waits_for_its_moment_holds_up_nothing(server):
    MailFactory(to="jo@example.org", template="letter", due_at=timezone.now() + timedelta(hours=1))
    MailFactory(to="jo@example.org", template="letter")
    assert outbox.deliver_due() == outbox.DeliveryResult(sent=1)


def test_after_the_server_was_down_everybody_gets_theirs_in_order(server):
    people = [f"p{number}@example.org" for number in range(3)]
    written = [MailFactory(to=people[n % 3], template="letter") for n in range(9)]
    server.stop()
    assert outbox.deliver_due().server_down
    server.start()
    server.answers[people[1]] = "451 come back later"
    server.answers[people[2]] = "550 no such user"
    outbox.deliver_due()
    server.answers.clear()
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        outbox.deliver_due()
    got = {one: [d.subject for d in server.delivered if d.to == [one]] for one in people}
    subjects = [[one.subject for one in written if one.to == person] for person in people]
    assert got == dict(zip(people, [*subjects[:2], []], strict=True))


def test_a_copy_that_did_not_arrive_is_sent_again_without_the_person(server):
    row, office = MailFactory(cc=["typo@example.org", "fine@example.org"]), PersonFactory()
    server.answers["typo@example.org"] = "550 no such user"
    outbox.deliver_due()
    row.refresh_from_db()

    outbox.resend(row, by=office, to="right@example.org")
    outbox.deliver_due()

    assert [one.to for one in server.delivered] == [
        [row.to, "fine@example.org"],
        ["right@example.org"],
    ]


def test_sent_again_it_is_off_the_list_and_the_same_words(server):
    row, office = MailFactory(), PersonFactory()
    server.answers[row.to] = "550 no such user"
    outbox.deliver_due()
    row.refresh_from_db()

    again = outbox.resend(row, by=office, to="right@example.org")

    assert not Mail.objects.undeliverable().exists()
    assert (again.to, again.text, again.resent_by) == ("right@example.org", row.text, office.pk)
    assert again.message_id != row.message_id
    outbox.deliver_due()
    assert [one.to for one in server.delivered] == [["right@example.org"]]


def test_django_writes_into_the_outbox_too():
    send_mail("A\u00a0subject", "Words.", None, ["jo@example.org"], html_message="<p>Words.</p>")
    EmailMessage("Hidden", "Words.", bcc=["a@example.org", "b@example.org"]).send()

    assert list(Mail.objects.order_by("pk").values_list("to", "subject", "state")) == [
        ("jo@example.org", "A subject", "queued"),
        ("a@example.org", "Hidden", "queued"),
        ("b@example.org", "Hidden", "queued"),
    ]
    assert Mail.objects.get(to="jo@example.org").html == "<p>Words.</p>"


def test_people_see_what_was_written_to_them():
    jo, eve = PersonFactory(), PersonFactory()
    hers = MailFactory(to=jo.email)
    MailFactory(to=AgencyFactory().name)

    assert list(Mail.objects.visible_to(jo)) == [hers]
    assert list(Mail.objects.visible_to(eve)) == []
    assert Mail.objects.visible_to(PersonFactory(is_superuser=True)).count() == 2


@pytest.mark.race
def test_two_workers_send_nothing_twice(own_database, server, rounds):
    for _ in range(rounds):
        MailFactory.create_batch(20)
    at_once(2, lambda number: outbox.deliver_due(limit=1000, worker=f"worker {number}"))

    assert len(server.delivered) == len({one.message_id for one in server.delivered}) == 20 * rounds
    assert not Mail.objects.exclude(state="sent").exists()
