"""Test that a rush needs no mail server, and that all its mail is sent despite killed processes."""

import signal

import pytest

from courses.models import Booking
from lms.jobs import worker
from lms.models import Mail
from tests.courses.test_booking_races import people
from tests.courses.test_served_rush import post, press_book, signed_in
from tests.factories import CoursePageFactory, RunFactory
from tests.servers import ServedSite, at_once, wait_until
from tests.smtp import MailServer

pytestmark = pytest.mark.race
PEOPLE, PLACES = 30, 10


@pytest.fixture
def mail_server():
    """Return a mail server that has a port and is down."""
    server = MailServer(pause=0.02)
    server.start()
    server.stop()
    return server


@pytest.fixture
def site(own_database, data_folder, mail_server):
    with (
        ServedSite(
            own_database,
            data_folder,
            LMS_MAIL_DELIVERY_BACKEND="lms.mail.smtp.SmtpBackend",
            EMAIL_URL=f"smtp://127.0.0.1:{mail_server.port}",
        ).serving() as site,
        site.clock.followed(),
    ):
        yield site


def test_with_the_mail_server_down_all_is_booked_and_all_mails_come_later_in_order(
    site, mail_server
):
    killed = [site.worker("--interval", "0.1")]
    crowd = people(PEOPLE)
    refused = crowd[0].email
    statuses = rush(site, crowd)
    assert statuses == [302] * (PEOPLE + PEOPLE // 2), site.said()
    written = {mail.message_id: mail for mail in Mail.objects.all()}
    assert len(written) >= PEOPLE + PEOPLE // 2
    assert {mail.state for mail in written.values()} == {"queued"}

    kill(site, killed[0])
    mail_server.answers[refused] = "550 no such user"
    with mail_server:
        killed.append(site.worker("--interval", "0.1"))
        mail_server.wait_for(lambda: len(mail_server.delivered) >= 15)
        kill(site, killed[1])
        site.worker("--interval", "0.1")
        wait_until(lambda: not Mail.objects.filter(state="queued").exists())

    sent = [one.message_id for one in mail_server.delivered]
    listed = set(Mail.objects.undeliverable().values_list("message_id", flat=True))
    assert listed == {key for key, mail in written.items() if mail.to == refused} != set()
    assert set(sent) == written.keys() - listed
    assert len(sent) <= len(set(sent)) + 1
    for person in crowd:
        theirs = [written[key].pk for key in dict.fromkeys(sent) if written[key].to == person.email]
        assert theirs == sorted(theirs)


def rush(site, crowd):
    """Book everybody concurrently, then cancel half of them; return the status of each answer."""
    run = RunFactory(course=CoursePageFactory().course, places=PLACES)
    sessions = [signed_in(person) for person in crowd]
    asked = at_once(len(crowd), lambda n: press_book(site, run, sessions[n]))
    bookings = {made.person_id: made.pk for made in Booking.objects.filter(run=run)}

    def gives_up(number):
        path = f"/my/bookings/{bookings[crowd[number].pk]}/cancel/"
        return post(site, path, sessions[number])

    return asked + at_once(len(crowd) // 2, gives_up)


def kill(site, process):
    """Kill the process with SIGKILL, then pass the time after which its work is requeued."""
    process.send_signal(signal.SIGKILL)
    process.wait()
    site.clock.shift(worker.DEAD_AFTER)
