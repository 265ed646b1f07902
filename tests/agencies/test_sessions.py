"""Test when sessions end, what counts as use of one, and that everybody can end their own."""

import datetime as dt

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from agencies.access import TRAINING_ADMINISTRATORS
from agencies.models import Board, OpenSession
from agencies.own_account import sessions
from agencies.own_account.middleware import POLLS
from history.models import Event
from tests.agencies.signing import sign_in, totp_code
from tests.databases import ROOT
from tests.factories import PersonFactory, PostFactory, RunFactory

pytestmark = pytest.mark.django_db
PAGE = "/my/jobs/"
SECRET = "JBSWY3DPEHPK3PXP"


def staff():
    return PersonFactory(is_staff=True, groups=[TRAINING_ADMINISTRATORS])


def lead():
    return PostFactory(is_lead=True).person


def trainer():
    person = PersonFactory()
    RunFactory(trainers=[person])
    return person


WITH_POWER = [staff, lead, trainer]


@pytest.fixture
def at(monkeypatch):
    """`at(hours=2)`: set the time of sessions to so long after now."""
    now = timezone.now()

    def set_time(**how_long):
        monkeypatch.setattr("time.time", (now + dt.timedelta(**how_long)).timestamp)

    set_time()
    return set_time


def is_in(client, page=PAGE):
    return client.get(page).status_code == 200


@pytest.mark.parametrize("person", WITH_POWER)
def test_who_has_power_over_others_is_signed_out_after_two_hours_without_use(client, at, person):
    person = person()
    client.force_login(person)
    at(minutes=119)
    assert is_in(client)
    at(minutes=119 + 119)
    assert is_in(client)
    at(minutes=119 + 119 + 120)
    answer = client.get(PAGE, follow=True)
    assert answer.redirect_chain[0][0] == f"/accounts/login/?next={PAGE}"
    assert "because you had not used the site for a while" in answer.text
    event = Event.objects.about(person).first()
    assert (event.action, event.by_process, event.now) == (
        "person.session_over", "SESSIONS", {"why": "idle"},
    )  # fmt: skip


@pytest.mark.parametrize("person", WITH_POWER)
def test_they_are_signed_out_twelve_hours_after_signing_in_however_busy(client, at, person):
    client.force_login(person())
    for hour in range(12):
        at(hours=hour)
        assert is_in(client)
    at(hours=12)
    assert not is_in(client)


def test_the_board_can_choose_other_times(client, at, settings):
    settings.LMS_SESSION_HOURS, settings.LMS_SESSION_IDLE_MINUTES = 1, 20
    client.force_login(lead())
    at(minutes=19)
    assert is_in(client)
    assert "haven’t used the site for 20 minutes" in client.get(PAGE).text
    at(minutes=39)
    assert not is_in(client)


def test_others_stay_for_fourteen_days_and_not_longer_for_using_it(client, at):
    client.force_login(PersonFactory())
    until = Session.objects.get().expire_date
    at(days=6)
    assert is_in(client)
    assert "be signed out" not in client.get(PAGE).text
    assert abs(client.session.get_expiry_age() - 8 * 24 * 3600) < 5
    assert until - timezone.now() > dt.timedelta(days=13)


def test_who_becomes_a_lead_meanwhile_is_one_within_five_minutes_of_use(client, at):
    person = PersonFactory()
    client.force_login(person)
    PostFactory(person=person, is_lead=True)
    at(minutes=6)
    assert is_in(client)
    at(minutes=6 + 120)
    assert not is_in(client)


def test_use_is_written_at_most_once_in_five_minutes(client, at):
    client.force_login(lead())
    session = OpenSession.objects.get()
    at(minutes=4)
    client.get(PAGE)
    session.refresh_from_db()
    assert session.last_used_at == session.signed_in_at
    at(minutes=5)
    client.get(PAGE)
    session.refresh_from_db()
    assert session.last_used_at - session.signed_in_at == dt.timedelta(minutes=5)


BY_THEMSELVES = {
    "ping": ("post", "/cms/editing-sessions/ping/protocols/protocolpage/1/1/", {}),
    "autosave": ("post", "/cms/pages/1/edit/", {"Sec-Fetch-Dest": "empty"}),
    "preview": ("post", "/cms/pages/1/edit/preview/", {"Accept": "application/json"}),
    "kept register": ("get", PAGE, {"Sec-Fetch-Dest": "empty"}),
    "list that asks again and again": ("get", PAGE, {"HX-Request": "true", POLLS: "yes"}),
    "time left": ("get", "/my/sessions/left/", {"Accept": "application/json"}),
}


@pytest.mark.parametrize("request_", BY_THEMSELVES)
def test_what_a_page_sends_by_itself_is_no_use(office, client, at, request_):
    method, address, headers = BY_THEMSELVES[request_]
    at(minutes=119)
    getattr(client, method)(address, headers=headers)
    at(minutes=121)
    assert not is_in(client)


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("get", {"Sec-Fetch-Dest": "document"}),
        ("get", {"Sec-Fetch-Dest": "empty", "HX-Request": "true"}),
        ("post", {"Sec-Fetch-Dest": "empty"}),
    ],
    ids=["page", "words typed", "mark tapped"],
)
def test_what_somebody_does_is_use(client, at, method, headers):
    client.force_login(lead())
    at(minutes=119)
    getattr(client, method)(PAGE, headers=headers)
    at(minutes=121)
    assert is_in(client)


def test_a_page_says_how_long_it_is_good_for_and_staying_is_a_press(client, at):
    client.force_login(lead())
    at(minutes=119)
    assert client.get("/my/sessions/left/", headers={"Accept": "application/json"}).json() == {
        "seconds": 60
    }
    assert client.post("/my/sessions/left/").json() == {"seconds": 7200}
    assert Client().get("/my/sessions/left/").json() == {"seconds": 0}


def test_a_session_from_before_they_were_watched_is_watched_from_its_next_use_on(client, at):
    client.force_login(lead())
    session = client.session
    for key in (sessions.SIGNED_IN_AT, sessions.USED_AT, sessions.IS_SHORT):
        del session[key]
    session.save()
    assert is_in(client)
    assert client.get("/agency/staff.csv")["Location"].startswith("/accounts/check/")
    at(minutes=121)
    assert not is_in(client)


# Ending one's own


AGENTS = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0": "Edge on Windows",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0": (
        "Firefox on Windows"
    ),
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.1 Mobile/15E148 Safari/604.1": "Safari on iPhone",
    "Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "CriOS/142.0 Mobile/15E148 Safari/604.1": "Chrome on iPad",
    "Mozilla/5.0 (Linux; Android 15; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) "
    "SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36": "Samsung Internet on Android",
    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36": "Chrome on Chromebook",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.1 Safari/605.1.15": "Safari on Mac",
    "curl/8": "Unknown device",
    "": "Unknown device",
}


@pytest.mark.parametrize("agent", AGENTS)
def test_a_device_is_named_in_words(agent):
    assert sessions.device_in_words(agent) == AGENTS[agent]


def test_everybody_sees_their_own_sessions_and_ends_one_or_all_others(client, settings):
    person = PersonFactory()
    elsewhere = [Client(headers={"User-Agent": agent}) for agent in list(AGENTS)[:3]]
    settings.ACCOUNT_RATE_LIMITS = False
    for each in [client, *elsewhere]:
        sign_in(each, person.email)
    stranger = Client()
    stranger.force_login(PersonFactory())
    page = client.get("/my/sessions/").text
    assert page.count("Last used") == 4
    assert page.count("End this session") == 3
    assert "Unknown device (this session)" in page
    phone = OpenSession.objects.get(person=person, device="Safari on iPhone")
    client.post(f"/my/sessions/{phone.pk}/end/")
    assert [is_in(each) for each in elsewhere] == [True, True, False]
    answer = client.post("/my/sessions/end-others/", follow=True)
    assert "2 other sessions are ended." in answer.text
    assert [is_in(each) for each in [*elsewhere, client, stranger]] == [False] * 3 + [True] * 2
    assert Event.objects.filter(action="person.session_ended").count() == 3


def test_signing_out_leaves_no_session_in_the_list(client):
    person = PersonFactory()
    sign_in(client, person.email)
    assert OpenSession.objects.filter(person=person).count() == 1
    client.post("/accounts/logout/")
    assert not OpenSession.objects.filter(person=person).exists()


# A second factor for trainers and leads


@pytest.fixture
def strict():
    board = Board.load()
    board.asks_second_factor = True
    board.save()


@pytest.mark.parametrize("person", [lead, trainer])
def test_the_board_can_ask_trainers_and_leads_for_a_second_factor(client, strict, person):
    person = person()
    client.force_login(person)
    assert client.get("/my/")["Location"] == "/accounts/2fa/totp/activate/"
    assert client.post(PAGE)["Location"] == "/accounts/2fa/totp/activate/"
    assert is_in(client, "/accounts/2fa/totp/activate/")
    TOTP.activate(person, SECRET)
    asked = client.get("/my/?a=1")["Location"]
    assert asked == "/accounts/2fa/reauthenticate/?next=%2Fmy%2F%3Fa%3D1"
    client.post(asked, {"code": totp_code(SECRET), "next": "/my/"})
    assert is_in(client, "/my/")


@pytest.mark.parametrize("person", [lead, trainer])
def test_it_asks_for_none_unless_it_is_set(client, person):
    client.force_login(person())
    assert is_in(client)


def test_it_asks_none_of_those_without_power(client, strict):
    client.force_login(PersonFactory())
    assert is_in(client)


# Nothing is stored by browsers


@pytest.mark.parametrize("page", ["/", "/my/", PAGE, "/agency/", "/courses/", "/agency/staff.csv"])
def test_a_browser_stores_nothing_that_it_shows_to_who_is_signed_in(client, page):
    client.force_login(lead())
    answer = client.get(page)
    assert {"no-store", "private"} <= set(answer["Cache-Control"].split(", "))


def test_what_visitors_read_may_be_stored(client):
    assert "no-store" not in client.get("/").headers.get("Cache-Control", "")


def ended_elsewhere(monkeypatch):
    """Let the session end after the request has read it and before it writes."""
    has_power = sessions.has_power

    def slowly(person):
        Session.objects.all().delete()
        return has_power(person)

    monkeypatch.setattr(sessions, "has_power", slowly)


def test_a_session_that_is_ended_amid_a_request_is_over(client, at, monkeypatch):
    client.force_login(lead())
    at(minutes=6)
    ended_elsewhere(monkeypatch)
    answer = client.get(PAGE)
    assert answer["Location"] == f"/accounts/login/?next={PAGE}"
    assert not OpenSession.objects.exists()


def test_a_session_that_is_ended_while_somebody_says_that_they_are_there_is_over(
    client, at, monkeypatch
):
    client.force_login(lead())
    ended_elsewhere(monkeypatch)
    answer = client.post("/my/sessions/left/", headers={"Accept": "application/json"})
    assert answer.json() == {"seconds": 0}
    assert not OpenSession.objects.exists()


def test_a_clock_that_is_put_back_keeps_no_session_from_being_used_or_ended(client, at):
    client.force_login(lead())
    at(hours=3)
    client.force_login(OpenSession.objects.get().person)
    at()
    assert is_in(client)
    at(minutes=121)
    assert not is_in(client)


# Parts of pages


def no_session(client, person):
    """Visit without having signed in."""


def ended_session(client, person):
    client.force_login(person)
    Session.objects.all().delete()


def without_a_factor(client, person):
    board = Board.load()
    board.asks_second_factor = True
    board.save()
    client.force_login(person)


@pytest.mark.parametrize("come", [no_session, ended_session, without_a_factor])
def test_a_part_of_a_page_is_never_the_page_where_somebody_signs_in(client, come):
    come(client, lead())
    answer = client.get(PAGE, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["HX-Redirect"].startswith("/accounts/")
    assert client.get(PAGE)["Location"] == answer["HX-Redirect"]


def test_every_page_that_asks_again_and_again_says_that_nobody_pressed():
    pages = (ROOT / "templates").rglob("*.html")
    polling = [path for path in pages if 'hx-trigger="every' in path.read_text()]
    assert polling
    for path in polling:
        text = path.read_text()
        header = f'hx-headers=\'{{"{POLLS}": "yes"}}\''
        assert text.count('hx-trigger="every') == text.count(header), path
