"""Test the printed register: complete, and without what its readers may not see."""

import datetime as dt
import io

import pypdf
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies.access import TRAINING_ADMINISTRATORS
from courses.attendance import register_sheet
from courses.models import Venue
from tests.factories import (
    AgencyFactory,
    BookingFactory,
    PersonFactory,
    RoleGroupFactory,
    RunFactory,
    in_days,
)

pytestmark = pytest.mark.django_db
NAMES = [
    "Zoë Ünal", "Łukasz Żółć", "فاطمہ خان", "ਗੁਰਪ੍ਰੀਤ ਕੌਰ", "মোঃ রহমান", "王小明", "Ὀδυσσεύς",
    "M" * 120, "<b>Bold</b> &amp; 😀",
    "Maria Esperança de Albuquerque Cavalcanti e Sousa-Bragança of Hill",
]  # fmt: skip


def dated(sessions=1, trainers=(), **fields):
    first = in_days(3, "09:30")
    times = [
        (first + dt.timedelta(days=n), first + dt.timedelta(days=n, hours=3))
        for n in range(sessions)
    ]
    return RunFactory(
        places=None,
        sessions=times,
        course__title="Neglect",
        venue=Venue.objects.get_or_create(name="Harbour Hall")[0],
        trainers=trainers,
        **fields,
    )


def pages(pdf):
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def test_who_is_expected_where_and_when_with_whom():
    run = dated(trainers=[PersonFactory(name="Tess Trainer")])
    BookingFactory(run=run, person__name="Ann Ash", agency__name="City Midwifery")
    BookingFactory(run=run, person__name="Wes Waits", state="waiting")
    [page] = pages(register_sheet.register(run))
    for said in ("Register: Neglect", "Harbour Hall", "with Tess Trainer", "Ann Ash",
                 "City Midwifery", "09:30 to 12:30", "Page 1 of 1"):  # fmt: skip
        assert said in page
    assert "Wes Waits" not in page
    assert page.count("Agency and email address") == register_sheet.EMPTY_ROWS


def test_sixty_people_go_over_pages_each_with_its_head():
    run, agency, group = dated(), AgencyFactory(), RoleGroupFactory()
    for number in range(60):
        BookingFactory(run=run, person__name=f"Person {number:02}", agency=agency, role_group=group)
    found = pages(register_sheet.register(run))
    assert len(found) == 5
    assert all("Register: Neglect" in page and "Agency" in page for page in found)
    assert [f"Page {n} of 5" in page for n, page in enumerate(found, start=1)] == [True] * 5
    everybody = "".join(found)
    assert [everybody.count(f"Person {number:02}") for number in range(60)] == [1] * 60


def test_names_in_any_script_and_of_any_length_are_on_one_page():
    run, agency = dated(), AgencyFactory(name="Integrated Care Partnership " * 5)
    for number, name in enumerate(NAMES):
        booking = BookingFactory(run=run, agency=agency, person__email=f"p{number}@x.example.org")
        booking.person.name = name
        booking.person.save()
    found = "".join(pages(register_sheet.register(run)))
    for name in ("Zoë Ünal", "Łukasz Żółć", "王小明", "<b>Bold</b> &amp;"):
        assert name in found


def test_what_stands_beside_a_shaped_name_is_seen():
    run, other = dated(), dated()
    BookingFactory(run=run, person__name="Ann Ash")
    BookingFactory(run=other, person__name="فاطمہ خان")
    assert seen(register_sheet.register(other)) == seen(register_sheet.register(run)) - 1


def test_more_sessions_than_fit_beside_each_other_go_on_more_pages():
    run = dated(sessions=8)
    BookingFactory(run=run, person__name="Ann Ash")
    found = pages(register_sheet.register(run))
    assert [page.count("09:30 to 12:30") for page in found] == [6, 2]
    assert all("Ann Ash" in page for page in found)


def test_what_somebody_needs_is_not_on_a_sheet_that_goes_round(client):
    trainer = PersonFactory()
    run = dated(trainers=[trainer])
    BookingFactory(run=run, access_needs="A hearing loop", cost_code="PO 7")
    client.force_login(trainer)
    response = client.get(f"/register/{run.pk}/paper.pdf")
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "hearing loop" not in "".join(pages(response.content))
    assert "PO 7" not in "".join(pages(response.content))


def test_it_says_what_it_is_to_those_who_listen():
    pdf = pypdf.PdfReader(io.BytesIO(register_sheet.register(dated())))
    assert pdf.metadata.title.startswith("Register: Neglect, ")
    assert pdf.metadata.author
    assert pdf.trailer["/Root"]["/Lang"] == "en-GB"


def test_a_date_that_was_cancelled_or_has_no_times_has_none(client):
    client.force_login(PersonFactory(groups=[TRAINING_ADMINISTRATORS], is_staff=True))
    for run in (dated(cancelled_at=in_days(0)), RunFactory(sessions=[])):
        assert client.get(f"/register/{run.pk}/paper.pdf").status_code == 404


def test_three_people_take_as_many_questions_as_one():
    run = dated()
    BookingFactory(run=run)
    register_sheet.register(run)  # warm-up: loads the board's name
    one = asks(run)
    BookingFactory(run=run), BookingFactory(run=run)
    assert asks(run) == one


def asks(run):
    with CaptureQueriesContext(connection) as queries:
        register_sheet.register(run)
    return len(queries)


def seen(pdf):
    """Count the pieces of text that are visible, that is, not in PDF text rendering mode 3."""
    reader, mode, kept, count = pypdf.PdfReader(io.BytesIO(pdf)), 0, [], 0
    for operands, operator in pypdf.generic.ContentStream(
        reader.pages[0].get_contents(), reader
    ).operations:
        if operator == b"q":
            kept.append(mode)
        elif operator == b"Q":
            mode = kept.pop()
        elif operator == b"Tr":
            mode = operands[0]
        elif operator in (b"Tj", b"TJ"):
            count += mode != 3
    return count
