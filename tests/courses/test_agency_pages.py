"""Test the lead's pages of bookings, approvals and shares, limited to their own agency."""

import datetime as dt

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.models import Person
from courses.booking import booking
from courses.models import Booking, Charge, Fee
from lms.models import Mail
from tests.factories import (
    AgencyFactory,
    BookingFactory,
    ChargeFactory,
    CoursePageFactory,
    PersonFactory,
    PostFactory,
    RunFactory,
    in_days,
)

pytestmark = pytest.mark.django_db
PAGES = [
    "/agency/", "/agency/changes/", "/agency/approvals/", "/agency/bookings/",
    "/agency/bookings/?show=waiting", "/agency/bookings/?show=past", "/agency/dates/",
    "/agency/charges/", "/agency/training/",
]  # fmt: skip


@pytest.fixture
def lead(client):
    post = PostFactory(is_lead=True, agency__name="Solent Trust", person__name="Lee Lead")
    client.force_login(post.person)
    return post


def bookable(**more):
    return RunFactory(course=CoursePageFactory().course, **more)


def everything_of(agency, name):
    """Create one of each thing that the lead's pages list, all under this name."""
    person = PostFactory(
        agency=agency, person__name=name, starts_on=timezone.localdate(),
        line_manager_email=f"{name.split()[0].lower()}@boss.example.net",
    ).person  # fmt: skip
    of = {"person": person, "agency": agency}
    BookingFactory(run=bookable(), **of)
    BookingFactory(run=bookable(), state="requested", holds_place=True, **of)
    BookingFactory(run=bookable(), state="waiting", **of)
    past = BookingFactory(run=bookable(starts_at=in_days(-9)), **of)
    ChargeFactory(booking=past, agency=agency)
    return person


@pytest.mark.parametrize("page", PAGES)
def test_each_page_tells_of_ones_own_agency_and_of_no_other(client, lead, page):
    everything_of(lead.agency, "Anna Ours")
    everything_of(AgencyFactory(name="Foreign Trust"), "Otto Other")
    shown = client.get(page).content.decode()
    assert ("Anna Ours" in shown) == (page not in ("/agency/dates/", "/agency/training/"))
    assert not any(word in shown for word in ("Otto Other", "Foreign Trust", "otto@boss"))


@pytest.mark.parametrize("page", PAGES)
def test_the_same_number_of_queries_with_one_row_and_three(
    client, lead, page, django_assert_num_queries
):
    everything_of(lead.agency, "Anna Ours")
    client.get(page)
    with CaptureQueriesContext(connection) as queries:
        client.get(page)
    one = len(queries)
    everything_of(lead.agency, "Bea Ours")
    everything_of(lead.agency, "Cleo Ours")
    client.get(page)  # warm-up: creating a page cleared Wagtail's site cache
    with django_assert_num_queries(one):
        client.get(page)
    assert one <= 12


def test_the_export_is_of_own_staff_and_calculates_nothing(client, lead):
    PostFactory(agency=lead.agency, title="=1+1")
    PostFactory(person__name="Otto Other")
    told = client.get("/agency/staff.csv").content.decode()
    assert "'=1+1" in told and "Otto Other" not in told and "Lee Lead" in told


def test_another_agencys_bookings_do_not_exist(client, lead):
    other = BookingFactory(run=bookable(asks_approval=True), state="requested", holds_place=True)
    for page in (f"/agency/approvals/{other.pk}/", f"/agency/bookings/{other.pk}/cancel/"):
        assert client.get(page).status_code == 404
        answer = client.post(page, {"decision": "approve", "reason": "x"})
        assert answer.status_code == 404
    other.refresh_from_db()
    assert other.state == "requested"


def test_a_lead_approves_and_refuses_but_not_for_themself(client, lead):
    of = {"agency": lead.agency, "state": "requested", "holds_place": True}
    yes, no = (BookingFactory(run=bookable(asks_approval=True), **of) for _ in range(2))
    own = BookingFactory(run=bookable(asks_approval=True), person=lead.person, **of)
    client.post(f"/agency/approvals/{yes.pk}/", {"decision": "approve"})
    twice = client.post(f"/agency/approvals/{yes.pk}/", {"decision": "approve"}, follow=True)
    assert twice.status_code == 200
    client.post(f"/agency/approvals/{no.pk}/", {"decision": "refuse", "reason": "No cover"})
    assert client.post(f"/agency/approvals/{own.pk}/", {"decision": "approve"}).status_code == 404
    states = [Booking.objects.get(pk=one.pk).state for one in (yes, no, own)]
    assert states == ["confirmed", "refused", "requested"]


def test_a_lead_books_several_at_once_and_reads_what_became_of_each(client, lead):
    run = bookable(places=2)
    ann, bob = (PostFactory(agency=lead.agency, person__name=name) for name in ("Ann", "Bob"))
    foreign = PersonFactory(name="Otto Other")
    given = {
        "colleagues": [ann.pk, bob.pk],
        "newcomers": f"Nora New, Nora.New@example.net\nOtto Other {foreign.email}",
        "confirm": "yes",
    }
    page = client.post(f"/agency/dates/{run.pk}/", given).content.decode()
    assert "has an account and is not on your list" in page
    made = sorted(Booking.objects.filter(run=run).values_list("person__name", "state"))
    assert made == [("Ann", "confirmed"), ("Bob", "confirmed"), ("Nora New", "waiting")]
    nora = Person.objects.get(email="nora.new@example.net")
    address = nora.emailaddress_set.get()
    assert (address.verified, nora.posts.get().is_confirmed) == (False, True)
    assert nora.posts.get().agency == lead.agency and not nora.has_usable_password()
    mails = set(Mail.objects.values_list("to", "template"))
    assert {("nora.new@example.net", "invited"), (foreign.email, "asked_to_join")} < mails
    assert not foreign.posts.exists()
    client.post(f"/agency/dates/{run.pk}/", given)
    assert Booking.objects.filter(run=run).count() == 3
    assert Mail.objects.filter(template__in=["invited", "asked_to_join"]).count() == 2


def test_who_has_a_booking_from_another_agency_is_not_told_of_to_this_lead(client, lead):
    run, there = bookable(places=5), PostFactory(person__name="Ann Two")
    booking.request_place(run, there.person, by=there.person)
    here = PostFactory(person=there.person, agency=lead.agency)
    page = client.post(
        f"/agency/dates/{run.pk}/", {"colleagues": [here.pk], "confirm": "yes"}
    ).content.decode()
    assert "cannot be booked on this date from your agency. Ask them about it." in page
    assert there.agency.name not in page
    assert Booking.objects.get().agency == there.agency


def test_another_agencys_people_cannot_be_ticked(client, lead):
    run, other = bookable(), PostFactory()
    page = client.post(f"/agency/dates/{run.pk}/", {"colleagues": [other.pk]}).content.decode()
    assert "There is a problem" in page and not Booking.objects.exists()


@pytest.mark.parametrize(
    ("newcomers", "sentence"),
    [
        ("", "Tick somebody of your staff"),
        ("Anna Brown", "Line 1 does not end with an email address"),
        ("anna@example.org", "Line 1 needs a full name"),
        ("Anna Brown anna@example.org\nx={1} bob@example.org", "Line 2"),
        (
            "\n".join(f"Anna Brown anna{number}@example.org" for number in range(51)),
            "Book at most 50 people at once.",
        ),
    ],
)
def test_what_was_typed_wrongly_gets_a_sentence(client, lead, newcomers, sentence):
    page = client.post(f"/agency/dates/{bookable().pk}/", {"newcomers": newcomers})
    assert sentence in page.content.decode()
    assert not Booking.objects.exists() and Person.objects.count() == 1


def test_what_is_charged_asks_for_a_cost_code(client, lead):
    Fee.objects.create(sector=lead.agency.sector, a_day=80)
    run = bookable()
    run.course.charges_fee = True
    run.course.save()
    colleague = PostFactory(agency=lead.agency)
    given = {"colleagues": [colleague.pk]}
    page = client.post(f"/agency/dates/{run.pk}/", given).content.decode()
    assert "Enter a purchase order or cost code." in page and "£80" in page
    client.post(f"/agency/dates/{run.pk}/", given | {"cost_code": "PO 7", "confirm": "yes"})
    assert Booking.objects.get().cost_code == "PO 7"


def test_cancelling_late_says_what_it_costs_before_the_button(client, lead):
    booking = BookingFactory(run=bookable(starts_at=timezone.now() + dt.timedelta(days=1)),
                             agency=lead.agency)  # fmt: skip
    page = f"/agency/bookings/{booking.pk}/cancel/"
    assert "Cancelling now costs your agency £80." in client.get(page).content.decode()
    client.post(page, {"reason": "Ill"})
    booking.refresh_from_db()
    assert (booking.state, Charge.objects.get().amount) == ("withdrawn", 80)


def test_the_share_of_each_date_is_told(client, lead):
    run = bookable(places=8, agency_cap=3)
    BookingFactory(run=run, agency=lead.agency)
    BookingFactory(run=run)
    page = " ".join(client.get("/agency/dates/").content.decode().split())
    assert '<td class="govuk-table__cell">1</td> <td class="govuk-table__cell">3</td>' in page
    assert "8, 6 left" in page


def test_before_a_group_is_booked_the_lead_sees_who_gets_a_place_and_chooses_the_order(
    client, lead
):
    run = bookable(places=2)
    names = ("Ann", "Bob", "Cas", "Dee")
    posts = {n: PostFactory(agency=lead.agency, person__name=n) for n in names}
    address = f"/agency/dates/{run.pk}/"
    given = {"colleagues": [post.pk for post in posts.values()]}

    def foreseen(**more):
        page = BeautifulSoup(client.post(address, given | more).content, "html.parser")
        rows = page.select(".govuk-summary-list__row")
        return [(row.dt.get_text(strip=True), row.strong.get_text(strip=True)) for row in rows]

    place, waits = "Gets a place", "Joins the waiting list"
    assert foreseen() == [("Ann", place), ("Bob", place), ("Cas", waits), ("Dee", waits)]
    turns = {f"turn-post-{posts[n].pk}": turn for turn, n in enumerate(reversed(names), 1)}
    assert foreseen(**turns) == [("Dee", place), ("Cas", place), ("Bob", waits), ("Ann", waits)]
    assert not Booking.objects.exists() and not Mail.objects.exists()
    client.post(address, given | turns | {"confirm": "yes"})
    states = dict(Booking.objects.values_list("person__name", "state"))
    assert states == {"Dee": "confirmed", "Cas": "confirmed", "Bob": "waiting", "Ann": "waiting"}


def test_what_is_foreseen_for_a_group_is_what_becomes_of_it(client, lead):
    run = bookable(places=9, agency_cap=2)
    clash = BookingFactory(run=RunFactory(starts_at=run.starts_at), agency=lead.agency)
    clashing = PostFactory(agency=lead.agency, person=clash.person)
    booked = PostFactory(agency=lead.agency)
    booking.request_place(run, booked.person, by=booked.person, post=booked)
    given = {
        "colleagues": [booked.pk, clashing.pk],
        "newcomers": "Nora New nora@example.net\nOla Old ola@example.net",
    }
    page = client.post(f"/agency/dates/{run.pk}/", given).content.decode()
    for said in ("Booked already", "at the same time", "Gets a place", "Joins the waiting list"):
        assert said in page
    back = client.post(f"/agency/dates/{run.pk}/", given | {"change": "yes"}).content.decode()
    assert "Nora New nora@example.net" in back
    client.post(f"/agency/dates/{run.pk}/", given | {"confirm": "yes"})
    states = dict(Booking.objects.filter(run=run).values_list("person__email", "state"))
    assert states == {
        booked.person.email: "confirmed", clash.person.email: "confirmed",
        "nora@example.net": "waiting", "ola@example.net": "waiting",
    }  # fmt: skip


def test_one_colleague_has_no_turn_to_choose(client, lead):
    run, post = bookable(places=9), PostFactory(agency=lead.agency, person__name="Ann Only")
    page = client.post(f"/agency/dates/{run.pk}/", {"colleagues": [post.pk]}).content.decode()
    assert "Book Ann Only" in page and "in this order" not in page.split("<dl")[1]
    assert "turn-post" not in page
