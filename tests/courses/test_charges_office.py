"""Test the office's pages of charges, fees, the booking policy and the trainer pool."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.access import BOARD_MEMBERS
from courses.models import BookingPolicy, Charge, DeliveryRequest, Fee, Trainer
from courses.rules import charging
from history.models import Event
from tests.factories import (
    ChargeFactory,
    CourseFactory,
    DeliveryRequestFactory,
    FeeFactory,
    MarkFactory,
    PersonFactory,
    PostFactory,
    RunFactory,
    SectorFactory,
    TrainerFactory,
    in_days,
)
from tests.sheets import read_csv

pytestmark = pytest.mark.django_db
LISTS = ["/cms/charge/", "/cms/fee/", "/cms/trainer/"]
FINANCE = "/cms/charge/finance/"
FINANCE_HEADINGS = [
    "Agency", "Cost code", "Name", "Course code", "Date", "What for", "Amount", "Charge",
]  # fmt: skip


def words(answer):
    return answer.content.decode()


def finance_table(answer):
    """Parse the CSV as a finance system does: headings on the first line."""
    return list(csv.reader(io.StringIO(answer.content.decode())))


def make(page, number):
    for _ in range(number):
        if page == "/cms/charge/":
            ChargeFactory()
        elif page == "/cms/fee/":
            FeeFactory(sector=SectorFactory(name=f"Sector {Fee.objects.count()}"))
        else:
            trainer = TrainerFactory(subjects=[CourseFactory()])
            PostFactory(person=trainer.person)


@pytest.mark.parametrize("page", LISTS)
def test_lists_open_export_and_ask_the_same_for_one_and_for_three(client, office, page):
    counts = []
    for more in (1, 2):
        make(page, more)
        client.get(page)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert len(read_csv(client.get(f"{page}?export=csv")).rows) == 3
    assert b"".join(client.get(f"{page}?export=xlsx"))


@pytest.mark.parametrize("page", [*LISTS, FINANCE])
def test_nobody_else_of_the_board_enters(client, settings, page):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client.force_login(PersonFactory(is_staff=True, groups=[BOARD_MEMBERS]))
    ChargeFactory(booking__agency__name="Secret Trust")
    assert client.get(page).status_code == 302
    assert client.post(FINANCE).status_code == 302
    assert not Charge.objects.exclude(exported_at=None).exists()


# Charges


def test_the_ledger_is_narrowed_and_summed(client, office):
    kept = ChargeFactory(amount=80, booking__agency__sector__name="Police")
    waived = ChargeFactory(amount=40, kind="absent")
    old = ChargeFactory(made_at=in_days(-400), kind="fee", amount=160)
    charging.waive(waived, by=office, reason="Ill")
    assert "Owed: £240" in words(client.get("/cms/charge/"))
    queries = {
        "": [kept, waived, old],
        "state=owed": [kept, old],
        "state=waived": [waived],
        "state=new": [kept, old],
        "state=exported": [],
        "kind=absent": [waived],
        f"agency={kept.agency_id}": [kept],
        f"agency__sector={kept.agency.sector_id}": [kept],
        f"since={in_days(-5).date()}": [kept, waived],
        f"until={in_days(-5).date()}": [old],
    }
    found = {q: names(client.get(f"/cms/charge/?{q}&export=csv")) for q in queries}
    expected = {q: sorted(c.booking.person.name for c in rows) for q, rows in queries.items()}
    assert found == expected


def names(answer):
    return sorted(row["Person"] for row in read_csv(answer).by_heading())


def test_a_charge_tells_its_story_and_whether_apologies_were_sent(client, office):
    run = RunFactory(starts_at=in_days(-3))
    charge = ChargeFactory(kind="absent", booking__run=run, booking__state="confirmed")
    address = f"/cms/charge/inspect/{charge.pk}/"
    assert "Sent, too late" not in words(client.get(address))
    MarkFactory(booking=charge.booking, kind="apologies")
    charging.waive(charge, by=office, reason="Snow")
    page = words(client.get(address))
    for said in ("Sent, too late", "Snow", "Charge waived", office.name):
        assert said in page
    assert "Waive this charge" not in page


def test_waiving_asks_for_a_reason(client, office):
    charge = ChargeFactory()
    address = f"/cms/charge/waive/{charge.pk}/"
    client.post(address, {"reason": " "})
    assert Charge.objects.owed().exists()
    client.post(address, {"reason": "Bereavement"})
    charge.refresh_from_db()
    assert charge.waiver_reason == "Bereavement"


def test_finance_has_each_charge_once_and_a_credit_for_what_is_waived_afterwards(client, office):
    charge = ChargeFactory(booking__agency__name="=Trust", cost_code="PO 7", made_at=in_days(-1))
    charge.booking.run.course.code = "NEG"
    charge.booking.run.course.save()
    client.post(FINANCE)
    client.post(FINANCE)
    (first,) = files(client)
    day = timezone.localdate(charge.booking.run.starts_at).isoformat()
    person = charge.booking.person.name
    row = ["'=Trust", "PO 7", person, "NEG", day]
    assert first == [[*row, "Cancelled late", "80.00", str(charge.pk)]]
    charging.waive(Charge.objects.get(), by=office, reason="Ill")
    assert "1 row, -£80" in words(client.get(FINANCE))
    client.post(FINANCE)
    credit = [[*row, "Credit: Cancelled late", "-80.00", str(charge.pk)]]
    assert files(client) == [credit, first]


def test_the_name_of_a_file_for_finance_has_the_days_of_its_charges(client, office):
    ChargeFactory(made_at=in_days(-5))
    ChargeFactory(made_at=in_days(-3))
    client.post(FINANCE)
    [link] = links_to_files(client)
    days = f"{in_days(-5).date()}-to-{in_days(-3).date()}"
    assert f'"charges-{days}-exported-' in client.get(link)["Content-Disposition"]


def links_to_files(client):
    parts = words(client.get(FINANCE)).split('href="')[1:]
    return [part.split('"')[0] for part in parts if ".csv" in part.split('"')[0]]


def files(client):
    """Return the rows of every file that the page offers, newest first."""
    tables = [finance_table(client.get(link)) for link in links_to_files(client)]
    assert all(headings == FINANCE_HEADINGS for headings, *_ in tables)
    return [rows for _, *rows in tables]


@pytest.mark.parametrize(
    "moment", ["nothing", "2026-01-01T00:00:00+00:00", "2026-01-01", "9999-12-31T23:59:59-23:00"]
)
def test_an_export_that_was_never_made_does_not_exist(client, office, moment):
    assert client.get(f"{FINANCE}{moment}.csv").status_code == 404


# Fees and the policy


def test_a_sectors_fee_is_set_and_recorded(client, office):
    sector = SectorFactory(name="Education")
    client.post("/cms/fee/new/", {"sector": sector.pk, "a_day": "75.00"})
    fee = Fee.objects.get()
    client.post(f"/cms/fee/edit/{fee.pk}/", {"sector": sector.pk, "a_day": "90.00"})
    said = [event.now["a_day"] for event in Event.objects.filter(action="fee.set").order_by("pk")]
    assert said == ["75.00", "90.00"]


def test_the_booking_policy_is_the_offices_and_its_change_is_recorded(client, office):
    policy = BookingPolicy.load()
    address = f"/cms/settings/courses/bookingpolicy/{policy.pk}/"
    assert client.get(address).status_code == 200
    fields = {f.name: getattr(policy, f.name) for f in policy._meta.fields if f.name != "id"}
    client.post(address, fields | {"day_charge": "95.00"})
    assert BookingPolicy.load().day_charge == 95
    assert Event.objects.get(action="policy.changed").now["day_charge"] == "95.00"


def test_the_booking_policy_is_nobody_elses(client, settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client.force_login(PersonFactory(is_staff=True, groups=[BOARD_MEMBERS]))
    address = f"/cms/settings/courses/bookingpolicy/{BookingPolicy.load().pk}/"
    assert client.get(address).status_code == 302


# Trainers


def test_somebody_joins_the_pool_by_their_address(client, office):
    tess, course = PersonFactory(name="Tess"), CourseFactory()
    fields = {"email": tess.email.upper(), "subjects": [course.pk], "is_available": "on"}
    client.post("/cms/trainer/new/", fields)
    trainer = Trainer.objects.get()
    assert (trainer.person, list(trainer.subjects.all())) == (tess, [course])
    again = client.post("/cms/trainer/new/", fields)
    assert "in the pool already" in words(again)
    assert "Nobody has this address" in words(
        client.post("/cms/trainer/new/", fields | {"email": "nobody@example.org"})
    )
    client.post(f"/cms/trainer/edit/{trainer.pk}/", {"notes": "Not on Fridays"})
    trainer.refresh_from_db()
    assert (trainer.notes, trainer.is_available, trainer.subjects.count()) == (
        "Not on Fridays", False, 0,
    )  # fmt: skip
    said = list(Event.objects.about(trainer).order_by("pk").values_list("action", flat=True))
    assert said == ["trainer.added", "trainer.changed"]


def test_the_pool_is_shown_with_who_is_free_and_what_was_answered(client, office):
    run = RunFactory()
    busy = TrainerFactory(subjects=[run.course], person__name="Busy Bee").person
    PostFactory(person=busy, agency__name="Lending Trust")
    RunFactory(course__title="Elsewhere", trainers=[busy])
    said_no = TrainerFactory(subjects=[run.course], person__name="Nora No").person
    DeliveryRequestFactory(
        run=run, person=said_no, state="no", answered_at=timezone.now(), note="On leave"
    )
    TrainerFactory(person__name="Other Subject")
    page = words(client.get(f"/cms/trainer/date/{run.pk}/"))
    for said in ("Busy Bee", "Lending Trust", "Elsewhere", "Nora No", "Cannot", "On leave", "Free"):
        assert said in page
    assert "Other Subject" not in page


def test_those_ticked_are_asked_and_nobody_outside_the_pool(client, office):
    run = RunFactory()
    tess = TrainerFactory(subjects=[run.course]).person
    address = f"/cms/trainer/date/{run.pk}/"
    assert "Tick whom to ask" in words(client.post(address))
    client.post(address, {"people": [PersonFactory().pk]})
    assert not DeliveryRequest.objects.exists()
    client.post(address, {"people": [tess.pk]})
    assert DeliveryRequest.objects.get().person == tess


def test_a_trainer_is_taken_off_by_a_button(client, office):
    run = RunFactory(trainers=[tess := PersonFactory()])
    address = f"/cms/trainer/date/{run.pk}/take-off/{tess.pk}/"
    assert client.get(address).status_code == 200
    client.post(address)
    assert run.trainers.count() == 0
    assert client.get(address).status_code == 404


def test_the_trainers_of_a_date_ask_the_same_for_one_and_for_three(client, office):
    run, counts = RunFactory(), []
    for more in (1, 2):
        for _ in range(more):
            trainer = TrainerFactory(subjects=[run.course])
            PostFactory(person=trainer.person)
            RunFactory(trainers=[trainer.person])
            DeliveryRequestFactory(run=run, person=trainer.person)
        client.get(f"/cms/trainer/date/{run.pk}/")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/cms/trainer/date/{run.pk}/")
        counts.append(len(queries))
    assert counts[0] == counts[1]
