"""Test that no save of the back office undoes another that was made while its form was open.

Every form that shows what a record says comes from the routes: one that is not in CASES fails
until it is. Two people open it, each changes another field, and both changes are there in the end.
"""

import threading

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group
from django.core import signing
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from django.views.generic.edit import BaseUpdateView
from wagtail.admin.views import generic

from agencies.access import TRAINING_ADMINISTRATORS
from agencies.back_office.overtaken import OvertakenMixin
from agencies.models import Board, ConcernContacts
from courses.models import BookingPolicy, Venue
from courses.scheduling import trainers
from history.models import Event
from lms.models import Mail
from lms.web.overtaken import INCOMPLETE
from protocols.models import ProtocolPolicy
from tests import test_recorded as recorded
from tests.elearning.modules import make_module, make_recording
from tests.factories import (
    AgeGroupFactory,
    AgencyFactory,
    AssessmentDomainFactory,
    BookingFactory,
    CourseFactory,
    FeeFactory,
    IndicatorFactory,
    LevelFactory,
    MaterialFactory,
    PersonFactory,
    PostFactory,
    ProtocolPageFactory,
    QuestionFactory,
    RoleGroupFactory,
    RunFactory,
    SectorFactory,
    SessionFactory,
    TierFactory,
    TopicFactory,
    TrainerFactory,
    VenueFactory,
    in_days,
)
from tests.filling import filled_form
from tests.servers import at_once
from tests.test_access_matrix import Written

pytestmark = pytest.mark.django_db


def thing(factory, **values):
    return lambda: factory(**values).pk


CHOICE = {"name": "Theirs"}, {"position": "7"}
# What makes the record, what the first changes, what the second changes.
CASES = {
    "run/edit/<int:pk>/": (
        thing(RunFactory, places=12), {"places": "20"}, {"joining_instructions": "Bring lunch"},
    ),
    "course/edit/<int:pk>/": (
        thing(CourseFactory, summary="It was."), {"title": "Theirs"}, {"summary": "Mine."},
    ),
    "module/edit/<int:pk>/": (
        lambda: make_module().pk, {"title": "Theirs"}, {"summary": "Mine."},
    ),
    "recording/edit/<int:pk>/": (
        lambda: make_recording().pk, {"title": "Theirs"}, {"transcript": "Mine."},
    ),
    "venue/edit/<int:pk>/": (thing(VenueFactory), {"address": "9 Theirs Road"}, {"travel": "Bus"}),
    "level/edit/<int:pk>/": (thing(LevelFactory), *CHOICE),
    "sector/edit/<int:pk>/": (thing(SectorFactory), *CHOICE),
    "rolegroup/edit/<int:pk>/": (thing(RoleGroupFactory), *CHOICE),
    "fee/edit/<int:pk>/": (thing(FeeFactory, a_day=80), {"a_day": "70.00"}, {"a_day": "60.00"}),
    "material/edit/<int:pk>/": (thing(MaterialFactory), {"title": "Theirs"}, {"position": "7"}),
    "question/edit/<int:pk>/": (thing(QuestionFactory), {"words": "Theirs?"}, {"position": "7"}),
    "trainer/edit/<int:pk>/": (
        thing(TrainerFactory, is_available=True), {"is_available": None}, {"notes": "Mine"},
    ),
    "agency/edit/<int:pk>/": (
        thing(AgencyFactory), {"name": "Theirs"}, {"domains-0-name": "mine.example.org"},
    ),
    "job/edit/<int:pk>/": (
        thing(PostFactory), {"title": "Theirs"}, {"line_manager_email": "mine@example.org"},
    ),
    "users/edit/<int:pk>/": (
        thing(PersonFactory), {"name": "Their Words"}, {"email": "mine@example.org"},
    ),
    "telephone/<int:pk>/correct/": (
        thing(PersonFactory), {"name": "Their Words"}, {"telephone": "01632 960 123"},
    ),
    "wording/<slug:kind>/": (
        lambda: "job_confirmed", {"subject": "Theirs: {{ agency }}"},
        {"text": "{{ name }}, mine."},
    ),
    "indicator/edit/<int:pk>/": (
        thing(IndicatorFactory), {"text": "Theirs"}, {"ends_on": "31/03/2099"},
    ),
    "tier/edit/<int:pk>/": (
        thing(TierFactory, meaning="It was.", response="It was."),
        {"meaning": "Theirs"}, {"response": "Mine"},
    ),
    "assessmentdomain/edit/<int:pk>/": (thing(AssessmentDomainFactory), *CHOICE),
    "agegroup/edit/<int:pk>/": (thing(AgeGroupFactory), *CHOICE),
    "snippets/protocols/topic/edit/<int:pk>/": (
        thing(TopicFactory), {"name": "Theirs"}, {"slug": "mine"},
    ),
    "design/edit/<int:pk>/": (
        lambda: recorded.design().pk, {"heading": "Theirs"}, {"name": "Mine"},
    ),
    "settings/agencies/board/<int:pk>/": (
        lambda: Board.load().pk, {"name": "Theirs"}, {"email": "mine@example.org"},
    ),
    "settings/agencies/concerncontacts/<int:pk>/": (
        lambda: ConcernContacts.load().pk, {"hub_name": "Theirs"}, {"out_of_hours_name": "Mine"},
    ),
    "settings/courses/bookingpolicy/<int:pk>/": (
        lambda: BookingPolicy.load().pk, {"offer_days": "3"}, {"approval_days": "4"},
    ),
    "protocols/coming/<int:pk>/day/": (
        lambda: recorded.approved_for_later().pk, {"on": "2099-03-01"}, {"on": "2099-03-02"},
    ),
    "settings/protocols/protocolpolicy/<int:pk>/": (
        lambda: ProtocolPolicy.load().pk, {"answer_days": "9"}, {"answer_days": "8"},
    ),
}  # fmt: skip


# Its form proposes a day and shows the one that was, so that two presses are two reviews.
APART = {"protocols/editions/<int:pk>/still-right/"}


def overtakable():
    """Yield the address of each view below /cms/ that takes the mixin."""
    for address, view in views_below(get_resolver().url_patterns):
        if issubclass(view, OvertakenMixin) and "preview" not in address and "<" in address:
            yield address


def views_below(patterns, before=""):
    for pattern in patterns:
        address = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from views_below(pattern.url_patterns, address)
        elif (view := getattr(pattern.callback, "view_class", None)) and address.startswith("cms/"):
            yield address.removeprefix("cms/"), view


@pytest.fixture
def everything(office):
    office.is_superuser = True
    office.save()
    recorded.WHO["office"] = office
    return office


@pytest.fixture
def sam(everything):
    """Sam, who has everything open that the office's Ola has open."""
    person = PersonFactory(name="Sam Other", is_staff=True, is_superuser=True)
    person.groups.add(Group.objects.get(name=TRAINING_ADMINISTRATORS))
    return person


def test_every_form_of_a_record_is_tried():
    assert set(overtakable()) == CASES.keys() | APART


def test_every_edit_view_refuses_what_was_overtaken():
    """Find each edit view of ours in the routes, except those that refuse everybody."""
    missing = {
        address
        for address in recorded.CHANGES
        if issubclass(view := view_at(address), BaseUpdateView)
        and not issubclass(view, OvertakenMixin)
        and "copy" not in address
    }
    assert missing == set()


def view_at(address):
    return next(
        view for found, view in views_below(get_resolver().url_patterns) if found == address
    )


def opened(client, path):
    page = client.get(path)
    assert page.status_code == 200, page
    return filled_form(page.content, having="shown")


def saved(client, path, values):
    """Post what is not None, as somebody who has seen who gets an email."""
    entered = {name: value for name, value in values.items() if value is not None}
    return client.post(path, {"emails": "send"} | entered)


def errors_on(page):
    return [
        each.text for each in BeautifulSoup(page.content, "html.parser").select(".error-message")
    ]


def counts():
    return Mail.objects.count(), Event.objects.count()


def ours(written):
    """Return what was written, without Wagtail's list of who has a page open."""
    return [sql for sql in written.statements if "wagtailadmin_editingsession" not in sql]


def table_of(page):
    rows = BeautifulSoup(page.content, "html.parser").select(".office-overtaken tbody tr")
    return [[cell.get_text(strip=True) for cell in row.find_all(["th", "td"])] for row in rows]


@pytest.mark.parametrize("address", CASES)
def test_two_changes_made_at_the_same_time_are_both_kept(client, everything, sam, address):
    make, theirs, mine = CASES[address]
    path = recorded.path_of(address, [make()])
    mine_open = opened(client, path)
    client.force_login(sam)
    answer = saved(client, path, opened(client, path) | theirs)
    assert answer.status_code == 302, errors_on(answer)
    client.force_login(everything)
    before, written = counts(), Written()
    with connection.execute_wrapper(written):
        page = saved(client, path, mine_open | mine)
    # Nothing is written, nobody is emailed, and the page says who, and both values.
    assert page.status_code == 200
    assert counts() == before and not ours(written)
    text = BeautifulSoup(page.content, "html.parser").get_text(" ", strip=True)
    assert "Sam Other" in text and "has not been saved" in text
    # What the page offers to send is theirs, with mine on top.
    again, wanted = filled_form(page.content, having="shown"), {**theirs, **mine}
    assert {name: again.get(name) for name in wanted} == wanted
    table = table_of(page)
    assert len(table) == len({*theirs, *mine}), table
    # One press lays the change on top of theirs.
    answer = saved(client, path, again)
    assert answer.status_code == 302, errors_on(answer)
    now = opened(client, path)
    assert {name: now.get(name) for name in wanted} == wanted


@pytest.mark.parametrize("address", CASES)
def test_a_save_that_nothing_overtook_is_saved(client, everything, address):
    make, _, mine = CASES[address]
    path = recorded.path_of(address, [make()])
    assert saved(client, path, opened(client, path) | mine).status_code == 302
    assert opened(client, path).items() >= {k: v for k, v in mine.items() if v is not None}.items()


@pytest.mark.parametrize("address", CASES)
def test_pressing_twice_saves_once(client, everything, address):
    make, _, mine = CASES[address]
    path = recorded.path_of(address, [make()])
    values = opened(client, path) | mine
    assert saved(client, path, values).status_code == 302
    before = counts()
    assert saved(client, path, values).status_code == 302
    assert counts() == before


@pytest.mark.parametrize("carried", [None, "", "made:up", "another record's"])
@pytest.mark.parametrize("address", CASES)
def test_a_form_that_does_not_say_what_it_showed_is_refused(client, everything, address, carried):
    """Post a form without what it showed, or with something else: nothing may be written."""
    make, _, mine = CASES[address]
    path = recorded.path_of(address, [make()])
    values = {n: v for n, v in (opened(client, path) | mine).items() if v is not None}
    del values["shown"]
    if carried is not None:
        other = f"/cms/sector/edit/{SectorFactory(name='Of another').pk}/"
        values["shown"] = opened(client, other)["shown"] if "another" in carried else carried
    before, written = counts(), Written()
    with connection.execute_wrapper(written):
        page = client.without_page(path, {"emails": "send"} | values)
    assert page.status_code == 200 and INCOMPLETE in page.text
    assert counts() == before and not ours(written)
    # What was entered is in the form, which can be saved now.
    again, wanted = filled_form(page.content, having="shown"), {**mine}
    assert {name: again.get(name) for name in wanted} == wanted
    assert saved(client, path, again).status_code == 302
    now = opened(client, path)
    assert {name: now.get(name) for name in wanted} == wanted


def overtake(client, everything, sam, path, theirs, mine):
    """Let Sam save `theirs` while `mine` is being entered, and press once; return that page."""
    mine_open = opened(client, path)
    client.force_login(sam)
    answer = saved(client, path, mine_open | theirs)
    assert answer.status_code == 302, errors_on(answer)
    client.force_login(everything)
    before = counts()
    page = saved(client, path, mine_open | mine)
    assert page.status_code == 200 and counts() == before
    again = filled_form(page.content, having="shown")
    answer = saved(client, path, again)
    assert answer.status_code == 302, errors_on(answer)
    return page


def in_form(at):
    return timezone.localtime(at).strftime("%Y-%m-%dT%H:%M")


@pytest.fixture
def run():
    """Make a date of two mornings, with one reserve."""
    run = RunFactory(starts_at=in_days(30), places=20)
    SessionFactory(run=run, name="Second", starts_at=in_days(31), ends_at=in_days(31, "12:30"))
    run.reserves.create(sector=SectorFactory(name="Health"), places=2, release_on=in_days(9).date())
    return run


def path_to(run):
    return f"/cms/run/edit/{run.pk}/"


def moved(line, days):
    starts, ends = in_days(days), in_days(days, "12:30")
    return {
        f"sessions-{line}-starts_at": in_form(starts),
        f"sessions-{line}-ends_at": in_form(ends),
    }


def names_of(run):
    return [session.name for session in run.sessions.order_by("starts_at")]


def test_a_moved_date_stays_moved_and_people_are_told_once(client, everything, sam, run):
    BookingFactory(run=run)
    theirs, mine = moved(0, 29), {"joining_instructions": "Bring lunch"}
    page = overtake(client, everything, sam, path_to(run), theirs, mine)
    run.refresh_from_db()
    assert run.starts_at.date() == in_days(29).date()
    assert run.joining_instructions == "Bring lunch"
    # The second tells of the joining instructions, which are told too, and not of the day again.
    first, second = Mail.objects.order_by("pk")
    assert (first.template, second.template) == ("run_moved", "run_moved")
    assert "This date has changed: the times." in first.text
    assert "This date has changed: the joining instructions." in second.text
    table = {row[0]: row[1:] for row in table_of(page)}
    assert table["Joining instructions"] == ["Empty", "Bring lunch"]
    assert any(label.startswith("Session ") for label in table), table


def test_a_session_that_somebody_added_stays(client, everything, sam, run):
    theirs = moved(2, 32) | {"sessions-2-name": "Theirs"}
    overtake(client, everything, sam, path_to(run), theirs, {"sessions-1-name": "Mine"})
    assert names_of(run) == ["", "Mine", "Theirs"]


def test_two_sessions_added_at_the_same_time_are_both_there(client, everything, sam, run):
    theirs = moved(2, 32) | {"sessions-2-name": "Theirs"}
    mine = moved(2, 33) | {"sessions-2-name": "Mine"}
    overtake(client, everything, sam, path_to(run), theirs, mine)
    assert names_of(run) == ["", "Second", "Theirs", "Mine"]


def test_a_session_that_somebody_removed_does_not_come_back(client, everything, sam, run):
    theirs = {"sessions-1-DELETE": "on"}
    overtake(client, everything, sam, path_to(run), theirs, {"joining_instructions": "Lunch"})
    assert names_of(run) == [""]


def test_a_session_that_i_change_while_it_is_removed_is_a_new_one(client, everything, sam, run):
    theirs = {"sessions-1-DELETE": "on"}
    overtake(client, everything, sam, path_to(run), theirs, {"sessions-1-name": "Mine"})
    assert names_of(run) == ["", "Mine"]


def test_a_session_that_i_remove_while_it_is_changed_is_removed(client, everything, sam, run):
    theirs, mine = {"sessions-1-name": "Theirs"}, {"sessions-1-DELETE": "on"}
    page = overtake(client, everything, sam, path_to(run), theirs, mine)
    assert names_of(run) == [""]
    assert any("Theirs" in row[1] and row[2] == "Removed" for row in table_of(page))


def test_reserves_of_two_people_are_both_kept(client, everything, sam, run):
    theirs = {"reserves-0-places": "3"}
    mine = {
        "reserves-1-sector": SectorFactory(name="Police").pk,
        "reserves-1-places": "4",
        "reserves-1-release_on": in_days(8).date().isoformat(),
    }
    overtake(client, everything, sam, path_to(run), theirs, mine)
    kept = {reserve.sector.name: reserve.places for reserve in run.reserves.all()}
    assert kept == {"Health": 3, "Police": 4}


def test_trainers_that_somebody_put_on_stay(client, everything, sam, run):
    person = PersonFactory()
    theirs = {"trainers": person.email}
    overtake(client, everything, sam, path_to(run), theirs, {"places": "25"})
    assert run.trainers.get() == person


def test_domains_of_two_people_are_both_kept(client, everything, sam):
    agency = AgencyFactory()
    agency.domains.create(name="was.example.org")
    path = f"/cms/agency/edit/{agency.pk}/"
    theirs = {"domains-0-name": "theirs.example.org"}
    overtake(client, everything, sam, path, theirs, {"domains-1-name": "mine.example.org"})
    names = agency.domains.order_by("name").values_list("name", flat=True)
    assert list(names) == ["mine.example.org", "theirs.example.org"]


def test_a_signature_of_another_record_is_no_proof(client, everything):
    one, other = TrainerFactory(), TrainerFactory()  # Both say the same.
    values = opened(client, f"/cms/trainer/edit/{one.pk}/") | {"notes": "Mine"}
    page = saved(client, f"/cms/trainer/edit/{other.pk}/", values)
    assert page.status_code == 200 and INCOMPLETE in page.text
    other.refresh_from_db()
    assert other.notes == ""


def test_a_form_that_was_wrong_still_carries_what_it_showed(client, everything, sam):
    venue = VenueFactory(travel="Bus")
    path = f"/cms/venue/edit/{venue.pk}/"
    wrong = saved(client, path, opened(client, path) | {"name": "", "access": "A lift"})
    assert wrong.status_code == 200
    client.force_login(sam)
    assert saved(client, path, opened(client, path) | {"travel": "Train"}).status_code == 302
    client.force_login(everything)
    page = saved(client, path, filled_form(wrong.content, having="shown") | {"name": "Mine"})
    again = filled_form(page.content, having="shown")
    assert (again["travel"], again["access"], again["name"]) == ("Train", "A lift", "Mine")


def test_what_is_carried_tells_nothing(client, everything):
    venue = VenueFactory(travel="By the back door, code 4711")
    carried = opened(client, f"/cms/venue/edit/{venue.pk}/")["shown"]
    assert "4711" not in signing.b64_decode(carried.split(":")[0].lstrip(".").encode()).decode(
        "latin-1"
    )


def test_a_review_that_somebody_else_has_just_recorded_is_said_first(client, everything, sam):
    edition = ProtocolPageFactory().edition_in_force
    path = f"/cms/protocols/editions/{edition.pk}/still-right/"
    mine_open = opened(client, path)
    client.force_login(sam)
    theirs = {"next_review_on": "2099-05-01", "note": "All of it."}
    assert saved(client, path, opened(client, path) | theirs).status_code == 302
    client.force_login(everything)
    before = counts()
    page = saved(client, path, mine_open | {"note": "The figures."})
    assert page.status_code == 200 and "Sam Other" in page.text
    assert counts() == before and edition.found_right.count() == 1
    assert ["Next review until now", "Friday 1 May 2099", "You did not change it"] in table_of(page)
    again = filled_form(page.content, having="shown")
    assert again["note"] == "The figures."
    assert saved(client, path, again).status_code == 302
    assert edition.found_right.count() == 2


# What another door writes while the form is open: the page must say it, too.


def test_a_change_through_another_door_is_seen(client, everything, run):
    mine_open = opened(client, path_to(run))
    person = PersonFactory()
    trainers.put_on(run, person, by=everything)
    page = saved(client, path_to(run), mine_open | {"places": "25"})
    assert ["Trainers' email addresses", person.email, "You did not change it"] in table_of(page)


@pytest.mark.race
@pytest.mark.parametrize("locked", [True, False])
def test_of_two_saves_at_once_one_is_told(own_database, settings, monkeypatch, rounds, locked):
    """Save two changes of one venue at once; without the lock the control must lose one."""
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    if not locked:
        monkeypatch.setattr(OvertakenMixin, "post", careless_post(threading.Barrier(2, timeout=5)))
    lost = 0
    for _ in range(rounds):
        venue = VenueFactory(travel="It was", access="It was")
        clients = [signed_in(), signed_in()]
        path = f"/cms/venue/edit/{venue.pk}/"
        forms = [
            opened(client, path) | {name: "New"}
            for client, name in zip(clients, ("travel", "access"), strict=True)
        ]

        def save(number, clients=clients, forms=forms, path=path):
            return saved(clients[number], path, forms[number]).status_code

        outcomes = at_once(2, save)
        venue.refresh_from_db()
        changed = (venue.travel, venue.access).count("New")
        if locked:
            assert sorted(outcomes) == [200, 302] and changed == 1
        lost += sorted(outcomes) == [302, 302] and changed < 2
    assert locked or lost, "The control lost nothing, so the race proves nothing"


def signed_in():
    person = PersonFactory(is_staff=True, is_superuser=True, groups=[TRAINING_ADMINISTRATORS])
    client = Client()
    client.force_login(person)
    return client


def careless_post(meeting):
    """Compare without a lock, wait until the other has compared too, and save."""

    def post(view, request, *args, **kwargs):
        view.object = view.get_object()
        if answer := view.refused_as_overtaken():
            return answer
        meeting.wait()
        return generic.EditView.post(view, request, *args, **kwargs)

    return post


def test_the_record_is_locked_before_it_is_compared(client, everything, monkeypatch):
    """Check on both databases that the lock is asked for first."""
    asked = []
    select_for_update = QuerySet.select_for_update

    def watched(rows, *args, **kwargs):
        asked.append(rows.model)
        return select_for_update(rows, *args, **kwargs)

    compare = OvertakenMixin.refused_as_overtaken

    def compared(view):
        assert asked[:1] == [Venue], "It was compared before it was locked"
        return compare(view)

    monkeypatch.setattr(QuerySet, "select_for_update", watched)
    monkeypatch.setattr(OvertakenMixin, "refused_as_overtaken", compared)
    path = f"/cms/venue/edit/{VenueFactory().pk}/"
    assert saved(client, path, opened(client, path) | {"name": "New"}).status_code == 302
