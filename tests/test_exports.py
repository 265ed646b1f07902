"""Test that every spreadsheet export says what it contains and can be read safely.

Every address that answers `?export=csv` with a file has to be in the list below.
"""

import re

import pytest

from certificates.designs import designing
from certificates.models import DesignVersion
from lms.spreadsheets.writing import FORMULA
from tests.factories import (
    AgeGroupFactory,
    AgencyFactory,
    AssessmentDomainFactory,
    BookingFactory,
    CertificateFactory,
    ChargeFactory,
    CourseFactory,
    EvaluationFactory,
    EvidenceFactory,
    FeeFactory,
    IndicatorFactory,
    LevelFactory,
    MailFactory,
    MarkFactory,
    MaterialFactory,
    PersonFactory,
    PostFactory,
    ProtocolPageFactory,
    QuestionFactory,
    RoleGroupFactory,
    RunFactory,
    SectorFactory,
    TierFactory,
    TopicFactory,
    TrainerFactory,
    VenueFactory,
    in_days,
)
from tests.sheets import read_csv, read_xlsx
from tests.test_access_matrix import back_office, routes
from tests.worlds import world

pytestmark = pytest.mark.django_db

EXPORTS = [
    "/cms/agegroup/", "/cms/agency/", "/cms/assessmentdomain/", "/cms/booking/",
    "/cms/certificate/", "/cms/charge/", "/cms/course/", "/cms/design/", "/cms/evidence/",
    "/cms/fee/", "/cms/indicator/", "/cms/job/", "/cms/level/", "/cms/material/", "/cms/module/",
    "/cms/outbox/", "/cms/question/", "/cms/recording/",
    "/cms/reports/aging-pages/", "/cms/reports/attendance/",
    "/cms/reports/days-given/", "/cms/reports/evaluation/", "/cms/reports/locked/",
    "/cms/reports/personal-data/", "/cms/reports/site-history/",
    "/cms/reports/topics-in-training/", "/cms/reports/workflow/", "/cms/reports/workflow_tasks/",
    "/cms/rolegroup/", "/cms/run/", "/cms/sector/", "/cms/shared_domain/", "/cms/tier/",
    "/cms/trainer/", "/cms/users/", "/cms/venue/",
]  # fmt: skip
# Read by a finance system, so its period is in its name: tests/courses/test_charges_office.py.
FOR_A_MACHINE = {"cms/charge/finance/<str:moment>.csv"}
# A lead's export of their agency, tested below.
OF_A_LEAD = {"agency/staff.csv", "agency/training/staff.csv"}
READERS = {"csv": read_csv, "xlsx": read_xlsx}
EVIL = "=1+1"
FAULT = "cms/failwhale/"  # Wagtail's address for testing the error page
PYTHONS_WORDS = ("True", "False", "None")
IS_AMOUNT = re.compile(r"^£?-?\d+\.\d+$")
IS_DAY = re.compile(r"^\d{4}-\d\d-\d\d|^\d{1,2}/\d{1,2}/\d{4}$")


@pytest.fixture(scope="module")
def superuser(django_db_setup, django_db_blocker):
    """Create an object of each kind, named like a spreadsheet formula, and who may see them."""
    with world(django_db_blocker):
        superuser = PersonFactory(name=EVIL, is_staff=True, is_superuser=True)
        create_everything(superuser)
        yield superuser


@pytest.fixture
def everything(superuser, client, settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client.force_login(superuser)


def create_everything(office):
    sector, venue = SectorFactory(name=EVIL), VenueFactory(name=EVIL, address=EVIL)
    agency = AgencyFactory(name=EVIL, sector=sector)
    topic = TopicFactory(name=EVIL)
    course = CourseFactory(title=EVIL, code="@C", level=LevelFactory(name=EVIL), topics=[topic])
    course.protocols_taught.add(ProtocolPageFactory(title=EVIL, topics=[topic]))
    past = RunFactory(
        course=course, venue=venue, starts_at=in_days(-9), closed_at=in_days(-8), trainers=[office]
    )
    profession = RoleGroupFactory(name=EVIL)
    booking = BookingFactory(run=past, person__name=EVIL, agency=agency, role_group=profession)
    MarkFactory(booking=booking)
    PostFactory(person=office, agency=agency, title=EVIL, role_group=profession)
    QuestionFactory(words=EVIL, course=course)
    EvaluationFactory(booking=booking)
    ChargeFactory(booking=booking, cost_code=EVIL)
    FeeFactory(sector=sector)
    TrainerFactory(person=office, subjects=[course])
    MaterialFactory(title=EVIL, course=course)
    EvidenceFactory(person=office, course=course, title=EVIL)
    CertificateFactory(holder=office, title=EVIL, agency=EVIL)
    designing.add(EVIL, DesignVersion(), by=office)
    MailFactory(subject=EVIL, last_error=EVIL)
    IndicatorFactory(
        text=EVIL,
        tier=TierFactory(name=EVIL, slug="t"),
        domain=AssessmentDomainFactory(name=EVIL, slug="d"),
        age_group=AgeGroupFactory(name=EVIL, slug="a"),
    )


def addresses_of_files(client):
    """List the addresses that export a file, without the `results/` twin of each list."""
    lists = {f"/{a}" for a in back_office() if not a.endswith("results/") and a != FAULT}
    return sorted(address for address in lists if gives_file(client.get(f"{address}?export=csv")))


def gives_file(answer):
    """Return whether this is a CSV file with columns.

    Wagtail's lists that offer no export answer with a file without any.
    """
    is_file = answer.headers.get("Content-Type", "").startswith("text/csv")
    return is_file and bool(read_csv(answer).headings)


@pytest.mark.long(reason="asks every address of the back office for its file")
def test_every_export_is_in_the_list(client, everything, settings):
    settings.LMS_EXPORT_RATE = "1000/h/user"
    found = addresses_of_files(client)
    assert found == sorted(EXPORTS), "Say in tests/test_exports.py what this file says of itself"
    named = {address for address, _ in routes() if "csv" in address or "xlsx" in address}
    assert named == FOR_A_MACHINE | OF_A_LEAD


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("address", EXPORTS)
def test_a_file_says_what_it_holds_and_reads_right(client, everything, address, kind):
    file = READERS[kind](client.get(f"{address}?export={kind}"))
    assert file.title
    assert list(file.about) == ["Period", "Filters", "Made"]
    assert all(file.about.values())
    assert all(file.headings)
    cells = [cell for row in [file.headings, *file.rows] for cell in row]
    assert not {cell for cell in cells if would_be_calculated(cell)}
    assert not {True, False, "True", "False", "None"} & {
        cell for cell in cells if cell not in (0, 1)
    }
    assert not [cell for cell in cells if "GBP" in str(cell)]
    if kind == "xlsx":
        assert not [cell for cell in cells if isinstance(cell, str) and IS_AMOUNT.match(cell)]
        assert not [cell for cell in cells if isinstance(cell, str) and IS_DAY.match(cell)]


def would_be_calculated(cell):
    return isinstance(cell, str) and cell.startswith(FORMULA) and not is_number(cell)


def is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True
