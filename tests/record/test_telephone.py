"""Test the office's telephone screen: find a caller, see all of it, act on their behalf."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import history
from agencies.access import BOARD_MEMBERS, PROTOCOL_EDITORS
from agencies.models import Person
from courses.models import Booking
from history.models import Event
from lms import links
from lms.models import ActionLink, Mail
from record.telephone import telephone
from tests.factories import (
    AgencyFactory,
    BookingFactory,
    CertificateFactory,
    ChargeFactory,
    CompletionFactory,
    EvidenceFactory,
    MailFactory,
    PersonFactory,
    PostFactory,
    RunFactory,
    in_days,
)

pytestmark = pytest.mark.django_db


def words(answer):
    return answer.content.decode()


def page_of(person):
    return f"/cms/telephone/{person.pk}/"


@pytest.fixture
def amina(office):
    person = PersonFactory(
        name="Amina Yusuf", email="amina@health.example.org", telephone="(023) 9200-1122"
    )
    EmailAddress.objects.create(user=person, email="a.yusuf@home.example.org", verified=True)
    PersonFactory(name="Somebody Else", telephone="07700 900123")
    return person


@pytest.mark.parametrize(
    "asked",
    [
        "amina", "Yusuf amina", "AMINA@health.example.org", "a.yusuf@home", "02392001122",
        "+44 23 9200 1122", "9200-1122",
    ],
)  # fmt: skip
def test_somebody_is_found_by_name_any_address_or_telephone(client, amina, asked):
    assert client.get("/cms/telephone/", {"q": asked})["Location"] == page_of(amina)


def test_somebody_is_found_by_the_number_of_a_booking_or_a_certificate(client, amina):
    booking = BookingFactory(person=amina)
    BookingFactory()
    CertificateFactory(holder=amina, number="SCB-2026-00042")
    for asked in (booking.pk, f"#{booking.pk}", f"booking {booking.pk}", "scb-2026-00042"):
        assert client.get("/cms/telephone/", {"q": asked})["Location"] == page_of(amina), asked


@pytest.mark.parametrize("asked", ["", " ", "x", "%", "_" * 5, "0" * 30, "nobody at all", "44"])
def test_who_is_nobody_is_not_found_and_nothing_breaks(client, amina, asked):
    answer = client.get("/cms/telephone/", {"q": asked})
    assert answer.status_code == 200 and "Amina" not in words(answer)


def test_many_are_listed_and_each_is_told_apart_by_address_and_agency(client, amina):
    post = PostFactory(person__name="Amina Brown", agency__name="Solent Health")
    page = words(client.get("/cms/telephone/", {"q": "amina"}))
    for said in ("2 found", "Amina Yusuf", amina.email, post.person.email, "Solent Health"):
        assert said in page


def test_too_many_are_cut_and_said_to_be(client, office):
    for number in range(telephone.MOST_FOUND + 2):
        PersonFactory(name=f"Jo {number:02}")
    page = words(client.get("/cms/telephone/", {"q": "jo"}))
    assert "The first 25: say more to find fewer" in page
    assert "Jo 24" in page and "Jo 25" not in page


def everything_of(person):
    agency = AgencyFactory()
    PostFactory(person=person, agency=agency)
    BookingFactory(person=person, agency=agency, access_needs="Hearing loop")
    late = BookingFactory(person=person, agency=agency, state="withdrawn", end_reason="Ill")
    links.create("offer", late, sent_to=person.email, until=in_days(1))
    history.record("booking.declined", late, by=f"LINK {ActionLink.objects.first().pk}")
    ChargeFactory(booking=late, agency=agency)
    BookingFactory(person=person, agency=agency, state="waiting")
    BookingFactory(person=person, agency=agency, state="offered")
    BookingFactory(person=person, agency=agency, state="requested", approver_email="boss@x.org")
    BookingFactory(person=person, agency=agency, run__starts_at=in_days(-5))
    completion = CompletionFactory(person=person)
    CertificateFactory(holder=person, award=completion.award)
    EvidenceFactory(person=person)
    MailFactory(to=person.email, template="booking_confirmed", state=Mail.SENT)


def test_one_person_is_on_one_screen(client, amina):
    everything_of(amina)
    MailFactory(to="a.yusuf@home.example.org", subject="To the other address")
    MailFactory(to="else@example.org", subject="Not theirs")
    page = words(client.get(page_of(amina)))
    for said in (
        "a.yusuf@home.example.org", "Community midwife", "Coming up (1)", "Hearing loop",
        "Turn 1 on the waiting list", "Place offered until", "asked boss@x.org", "Completed (1)",
        "SCB-2026-9", "Register not signed off", "Cancelled", "Ill", "£",
        "To the other address", "What happened", f"By link sent to {amina.email}",
    ):  # fmt: skip
        assert said in page, said
    assert "Not theirs" not in page


def test_the_screen_takes_at_most_25_queries_whatever_there_is(client, amina):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            client.get(page_of(amina))
        return len(queries)

    everything_of(amina)
    asked()
    once = asked()
    everything_of(amina)
    everything_of(amina)
    assert (asked(), once <= 25) == (once, True)


def test_finding_takes_the_same_queries_for_two_and_for_five(client, amina):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            client.get("/cms/telephone/", {"q": "amina"})
        return len(queries)

    PostFactory(person__name="Amina 1")
    asked()
    once = asked()
    for number in range(3):
        PostFactory(person__name=f"Amina {number}")
    assert asked() == once


# What they could do themselves


def test_a_place_is_booked_for_them_by_the_same_rules(client, office, amina):
    post, run = PostFactory(person=amina), RunFactory(places=1)
    BookingFactory(run=run)
    BookingFactory(person=amina, run__course__title="At the same time")
    page = page_of(amina) + "book/"
    assert "full, 0 waiting" in words(client.get(page))
    answers = {"run": run.pk, "post": post.pk, "access_needs": "A ramp"}
    done = client.post(page, answers, follow=True)
    booking = Booking.objects.get(run=run, person=amina)
    assert (booking.state, booking.access_needs, booking.agency) == (
        "waiting", "A ramp", post.agency,
    )  # fmt: skip
    assert "overlaps with their place on At the same time" in words(done)
    assert Event.objects.about(booking).get().by_person == office.pk
    client.post(page, answers)
    assert Booking.objects.filter(run=run, person=amina).count() == 1


def test_who_has_no_job_is_refused_with_the_sentence(client, amina):
    run = RunFactory()
    answer = client.post(page_of(amina) + "book/", {"run": run.pk})
    assert "Tell us where you work before you book" in words(answer)
    assert not Booking.objects.exists()


def test_a_job_or_a_date_of_others_is_not_taken(client, amina):
    PostFactory(person=amina)
    other, past = PostFactory(), RunFactory(starts_at=in_days(-1))
    for wrong in ({"run": RunFactory().pk, "post": other.pk}, {"run": past.pk}):
        client.post(page_of(amina) + "book/", wrong)
    assert not Booking.objects.exists()


def test_an_offer_is_accepted_or_declined_and_comes_back_to_the_screen(client, office, amina):
    back = f"?next={page_of(amina)}"
    taken = BookingFactory(person=amina, state="offered")
    left = BookingFactory(person=amina, state="offered")
    for verb, booking in (("accept", taken), ("decline", left)):
        answer = client.post(f"/cms/booking/{verb}/{booking.pk}/{back}")
        assert answer["Location"] == page_of(amina)
        booking.refresh_from_db()
        assert Event.objects.about(booking).first().by_person == office.pk
    assert (taken.state, left.state) == ("confirmed", "declined")
    refused = client.post(f"/cms/booking/accept/{left.pk}/{back}")
    assert "no longer an offer" in words(refused)


def test_nobody_is_sent_to_another_site_afterwards(client, amina):
    booking = BookingFactory(person=amina)
    answer = client.post(f"/cms/booking/cancel/{booking.pk}/?next=https://evil.example.com/")
    assert answer["Location"] == f"/cms/booking/inspect/{booking.pk}/"


def test_a_place_is_given_to_a_colleague_of_the_same_agency_only(client, amina):
    booking = BookingFactory(person=amina)
    colleague, stranger = PostFactory(agency=booking.agency).person, PostFactory().person
    page = f"/cms/booking/give/{booking.pk}/"
    assert "Nobody with this address works at" in words(
        client.post(page, {"colleague": stranger.email})
    )
    client.post(page, {"colleague": colleague.email})
    booking.refresh_from_db()
    theirs = Booking.objects.get(person=colleague)
    assert (booking.state, theirs.state, booking.run.taken) == ("substituted", "confirmed", 1)


def test_the_charge_is_said_before_a_place_is_cancelled_late(client, amina):
    booking = BookingFactory(person=amina, run__starts_at=in_days(1))
    page = f"/cms/booking/cancel/{booking.pk}/"
    assert f"{booking.agency} is charged £80" in words(client.get(page))


def test_name_and_address_are_corrected_and_it_is_recorded(client, office, amina):
    page = page_of(amina) + "correct/"
    facts = {"name": "Amina Brown", "email": "Amina.Brown@health.example.org", "telephone": "1"}
    assert client.post(page, facts)["Location"] == page_of(amina)
    amina.refresh_from_db()
    assert (amina.name, amina.email, amina.telephone) == (
        "Amina Brown", "amina.brown@health.example.org", "1",
    )  # fmt: skip
    assert not EmailAddress.objects.get(user=amina, primary=True).verified
    recorded = Event.objects.about(amina).values_list("action", "by_person")
    assert set(recorded) == {
        ("person.renamed", office.pk), ("person.address_changed", office.pk),
    }  # fmt: skip


def test_an_address_of_somebody_else_is_not_given_to_them(client, amina):
    other = PersonFactory()
    EmailAddress.objects.create(user=other, email="second@example.org", verified=True)
    for taken in (other.email, "second@example.org"):
        answer = client.post(page_of(amina) + "correct/", {"name": "A B", "email": taken})
        assert "Somebody else already has this address." in words(answer)
    assert Person.objects.get(pk=amina.pk).email == "amina@health.example.org"


def test_a_system_administrators_account_is_not_moved(client, office):
    root = PersonFactory(is_superuser=True, is_staff=True, email="root@example.org")
    answer = client.post(page_of(root) + "correct/", {"name": "Mine", "email": "mine@example.org"})
    assert "Only a system administrator may change this account." in words(answer)
    root.refresh_from_db()
    assert (root.email, root.name != "Mine") == ("root@example.org", True)


def test_a_mail_is_sent_again_to_their_address_of_today(client, office, amina):
    lost = MailFactory(to="a.yusuf@home.example.org", template="booking_confirmed", state=Mail.SENT)
    page = f"{page_of(amina)}mail/{lost.pk}/again/"
    assert page in words(client.get(page_of(amina)))
    assert amina.email in words(client.get(page))
    assert client.post(page)["Location"] == page_of(amina)
    again = lost.resends.get()
    assert (again.to, again.cc, again.text, again.resent_by) == (
        amina.email, [], lost.text, office.pk,
    )  # fmt: skip
    assert "It has just been sent again" in words(client.post(page))
    assert lost.resends.count() == Event.objects.about(lost).count() == 1


def test_a_code_to_sign_in_and_a_mail_to_others_are_not_sent_again(client, amina):
    code = MailFactory(to=amina.email, text="Code ABCDEF", state=Mail.SENT)
    theirs = MailFactory(to="else@example.org", template="booking_confirmed", state=Mail.SENT)
    refused = client.post(f"{page_of(amina)}mail/{code.pk}/again/")
    assert "good for minutes only" in words(refused)
    lost = MailFactory(to=amina.email, template="booking_confirmed", state=Mail.FAILED)
    refused = client.post(f"{page_of(amina)}mail/{lost.pk}/again/")
    assert "waits to be sent or did not arrive: look at it in the outbox." in words(refused)
    for ask in (client.get, client.post):
        assert ask(f"{page_of(amina)}mail/{theirs.pk}/again/").status_code == 404
    assert Mail.objects.count() == 3


# Who may


@pytest.mark.parametrize("role", [BOARD_MEMBERS, PROTOCOL_EDITORS, "lead", "trainer", "manager"])
def test_nobody_else_has_the_telephone(client, settings, role):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    staff = role in (BOARD_MEMBERS, PROTOCOL_EDITORS)
    booking = BookingFactory(person__name="Anna Secret", state="offered")
    PostFactory(person=booking.person, agency=booking.agency)
    person = PersonFactory(is_staff=staff, groups=[role] if staff else [])
    if role == "lead":
        PostFactory(person=person, agency=booking.agency, is_lead=True)
    if role == "trainer":
        booking.run.trainers.add(person)
    client.force_login(person)
    one = page_of(booking.person)
    mine = f"/cms/booking/{{}}/{booking.pk}/"
    letter = MailFactory(to=booking.person.email, template="booking_confirmed", state=Mail.SENT)
    pages = ["/cms/telephone/?q=anna", one, one + "book/", one + "correct/"]
    pages += [f"{one}mail/{letter.pk}/again/"]
    pages += [mine.format(verb) for verb in ("accept", "decline", "give", "turn", "approve")]
    sent = {"name": "Changed", "email": "changed@example.org", "run": RunFactory().pk}
    for page in pages:
        for answer in (client.get(page), client.post(page, sent)):
            assert answer.status_code in {302, 403, 404, 405}, page
            assert (
                "Anna Secret" not in words(answer)
                and "telephone" not in answer.get("Location", "").partition("?")[0]
            ), page
    booking.refresh_from_db()
    assert (booking.state, booking.person.name) == ("offered", "Anna Secret")
    assert (Booking.objects.count(), letter.resends.count()) == (1, 0)


def test_who_is_not_there_is_not_found(client, office):
    for page in ("", "book/", "correct/"):
        assert client.get(f"/cms/telephone/999999/{page}").status_code == 404


def test_an_offer_says_how_long_it_stands(client, amina):
    until = timezone.now() + dt.timedelta(hours=5, minutes=1)
    BookingFactory(person=amina, state="offered", offered_until=until)
    assert "5\xa0hours left" in words(client.get(page_of(amina)))
