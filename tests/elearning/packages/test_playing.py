"""Packages that are played: what is saved, in which order, and what it means."""

import json

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from elearning.learning import nightly
from elearning.models import Attempt, ItemState, Rule
from elearning.playing import saving
from lms.models import Mail
from tests.elearning.packages.playing import Playing, issued
from tests.factories import PersonFactory, PostFactory

pytestmark = pytest.mark.django_db
ORIGIN = "http://modules.localhost"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "packages": {
            "BACKEND": "lms.storage.durable_files.DurableFileSystemStorage",
            "OPTIONS": {"location": tmp_path / "packages"},
        }
    }


@pytest.fixture
def content(settings):
    """Return a client of the content host, which keeps no cookie."""
    settings.ROOT_URLCONF = "elearning.playing.content_urls"
    settings.MIDDLEWARE = ["django.middleware.security.SecurityMiddleware"]
    settings.ALLOWED_HOSTS = ["modules.localhost"]
    return Client(headers={"host": "modules.localhost", "origin": ORIGIN})


def test_passed_finishes_the_attempt():
    part = Playing(issued())
    session = part.open()
    part.say(session, 1, cmi__core__lesson_status="incomplete", cmi__core__score__raw="40")
    assert part.now == "begun"
    part.say(session, 2, cmi__core__lesson_status="passed", cmi__core__score__raw="85")
    assert part.now == "passed"
    assert Attempt.objects.get().score == 85


def test_failed_ends_the_attempt_when_its_session_ends():
    part = Playing(issued())
    session = part.open()
    part.say(session, 1, cmi__core__lesson_status="failed")
    assert part.now == "begun"
    part.say(session, 2, ends=True, cmi__core__exit="")
    assert part.now == "failed"


def test_completed_with_too_low_a_score_is_not_done():
    part = Playing(issued())
    session = part.open()
    said = {"cmi__core__lesson_status": "completed", "cmi__core__score__raw": "79"}
    part.say(session, 1, ends=True, **said)
    assert part.now == "failed"


def test_failing_after_a_pass_changes_nothing():
    part = Playing(issued())
    session = part.open()
    part.say(session, 1, cmi__core__lesson_status="passed")
    part.say(session, 2, ends=True, cmi__core__lesson_status="failed")
    assert part.now == "passed"
    assert part.state.reported["cmi.core.lesson_status"] == "passed"


def test_messages_that_arrive_out_of_order_leave_the_newest():
    part = Playing(issued())
    session = part.open()
    part.say(session, 2, cmi__core__lesson_location="page 9", cmi__suspend_data="new")
    part.say(session, 1, cmi__core__lesson_location="page 8", cmi__core__exit="suspend")
    part.say(session, 2, cmi__core__lesson_location="page 7")
    assert part.state.reported["cmi.core.lesson_location"] == "page 9"
    assert part.state.reported["cmi.core.exit"] == "suspend"
    assert part.state.bookmark == "new"


def test_a_second_window_takes_over_and_the_first_is_refused():
    part = Playing(issued())
    first = part.open()
    second = part.open()
    with pytest.raises(saving.TakenOver, match="another window"):
        part.say(first, 1, cmi__core__lesson_status="failed")
    part.say(second, 1, cmi__core__lesson_status="passed")
    assert part.now == "passed"


def test_a_bookmark_longer_than_the_standard_is_kept_and_found_again(content):
    part = Playing(issued())
    session = part.open()
    part.say(session, 1, cmi__suspend_data='"' * 40_000)
    page = content.get(f"/play/{part.token}/")
    assert page.context["starts"]["data"]["cmi.suspend_data"] == '"' * 40_000
    assert page.context["starts"]["data"]["cmi.core.entry"] == "resume"


def test_a_module_of_many_parts_is_complete_only_when_all_are():
    version = issued(parts=3)
    person = PostFactory().person
    for number, name in enumerate(("p1", "p2", "p3"), 1):
        part = Playing(version, name, person)
        part.say(part.open(), 1, cmi__core__lesson_status="completed")
        assert part.now == ("completed" if number == 3 else "begun")
        assert part.state.done_at


def test_an_idle_hour_adds_at_most_five_minutes(time_machine):
    part = Playing(issued())
    session = part.open()
    start = timezone.now()
    for number, minutes in enumerate((1, 62, 64), 1):
        time_machine.move_to(start + timezone.timedelta(minutes=minutes), tick=False)
        part.say(session, number, cmi__core__lesson_location=str(number))
    assert 8 * 60 - 3 <= part.state.seconds <= 8 * 60 + 3


def test_what_was_saved_and_not_settled_is_settled_later():
    part = Playing(issued())
    session = part.open()
    about = part.attempt.pk, part.item.pk
    saving._take(*about, session, 1, {"cmi.core.lesson_status": "passed"})
    assert part.now == "begun"
    part.open()
    assert part.now == "passed"


def test_the_rule_by_declaration_asks_the_learner():
    version = issued(rule=Rule.DECLARED)
    part = Playing(version)
    session = part.open()
    part.say(session, 1, cmi__core__lesson_status="passed")
    assert part.now == "begun"
    saving.declare(part.attempt, by=part.attempt.person)
    assert part.now == "completed"


@pytest.mark.parametrize(
    "changed",
    [
        {"core.lesson_status": "passed"},
        {"cmi.core.score.raw": 85},
        {"cmi.suspend_data": "x" * (saving.LONGEST_VALUE + 1)},
        {f"cmi.interactions.{n}.id": "x" for n in range(saving.MOST_ELEMENTS + 1)},
    ],
)
def test_what_is_no_report_is_refused(changed):
    part = Playing(issued())
    session = part.open()
    with pytest.raises(saving.PlayingRefused):
        part.report(session, 1, changed)


def test_the_content_host_serves_its_addresses_alone(content):
    part = Playing(issued())
    token = part.token
    assert content.get(f"/play/{token}/").status_code == 200
    assert content.get(f"/p/{token}/p1.html").getvalue() == b"<p>p1</p>"
    for address in (
        "/",
        "/learn/",
        "/accounts/login/",
        "/cms/",
        "/healthz",
        "/my/",
        "/p/",
        "/play/",
    ):
        answer = content.get(address)
        assert (answer.status_code, answer.cookies) == (404, {}), address
    assert content.get(f"/p/{token}/gone.html").status_code == 404
    assert content.get(f"/p/{token}/../../uploads/").status_code == 404


def test_the_site_serves_none_of_the_content_hosts_addresses(client):
    part = Playing(issued())
    token = part.token
    client.force_login(part.attempt.person)
    for address in (f"/play/{token}/", f"/p/{token}/p1.html", f"/p/{token}/commit"):
        assert client.get(address).status_code == 404


def test_a_token_that_is_altered_or_over_opens_nothing(content, time_machine):
    part = Playing(issued())
    token = part.token
    altered = token[:-1] + ("A" if token[-1] != "A" else "B")
    time_machine.move_to(timezone.now() + timezone.timedelta(hours=11, minutes=59))
    assert content.get(f"/play/{token}/").status_code == 200
    time_machine.move_to(timezone.now() + timezone.timedelta(minutes=2))
    for wrong in (token, altered, "x"):
        for address in (f"/play/{wrong}/", f"/p/{wrong}/p1.html"):
            assert content.get(address).status_code == 403
        assert content.post(f"/p/{wrong}/commit").status_code == 403


@pytest.mark.parametrize(
    ("origin", "body", "status"),
    [
        (ORIGIN, None, 200),
        ("http://evil.example", None, 403),
        (ORIGIN, "x", 400),
        (ORIGIN, "[]", 400),
        (ORIGIN, '{"session": "x", "number": 1, "changed": {}}', 409),
    ],
)
def test_saving_asks_for_the_runners_origin_and_session(content, origin, body, status):
    part = Playing(issued())
    session = part.open()
    token = part.token
    said = {"session": session, "number": 1, "changed": {"cmi.core.lesson_status": "passed"}}
    answer = content.post(
        f"/p/{token}/commit",
        body or json.dumps(said),
        content_type="text/plain",
        headers={"origin": origin},
    )
    assert answer.status_code == status
    assert part.now == ("passed" if status == 200 else "begun")


def test_a_save_costs_few_queries(content, django_assert_max_num_queries):
    part = Playing(issued())
    session = part.open()
    said = {"session": session, "number": 1, "changed": {"cmi.core.lesson_location": "2"}}
    with django_assert_max_num_queries(4):
        content.post(f"/p/{part.token}/commit", said, content_type="application/json")


def test_files_cost_no_query(content, django_assert_num_queries):
    part = Playing(issued())
    token = part.token
    with django_assert_num_queries(0):
        assert content.get(f"/p/{token}/p1.html").getvalue() == b"<p>p1</p>"


@pytest.mark.parametrize(
    ("asked", "status", "said", "length"),
    [
        ("bytes=0-1", 206, "bytes 0-1/9", 2),
        ("bytes=3-", 206, "bytes 3-8/9", 6),
        ("bytes=-2", 206, "bytes 7-8/9", 2),
        ("bytes=-99", 206, "bytes 0-8/9", 9),
        ("bytes=8-99", 206, "bytes 8-8/9", 1),
        ("bytes=9-", 416, "bytes */9", 0),
        ("bytes=5-2", 200, None, 9),
        ("bytes=-", 200, None, 9),
        ("lines=1-2", 200, None, 9),
        ("bytes=0-1,4-5", 200, None, 9),
    ],
)
def test_ranges(content, asked, status, said, length):
    part = Playing(issued())
    token = part.token
    answer = content.get(f"/p/{token}/p1.html", headers={"range": asked})
    assert (answer.status_code, answer.headers.get("Content-Range")) == (status, said)
    assert len(answer.getvalue()) == length


def test_what_a_long_range_asks_for_is_cut(content, monkeypatch):
    monkeypatch.setattr("lms.storage.ranges.MOST", 4)
    part = Playing(issued())
    token = part.token
    answer = content.get(f"/p/{token}/p1.html", headers={"range": "bytes=0-"})
    assert answer.headers["Content-Range"] == "bytes 0-3/9"


def test_the_player_frames_the_content_host_alone(client):
    part = Playing(issued())
    client.force_login(part.attempt.person)
    page = client.get("/learn/early-help/play/1/")
    assert f"frame-src {ORIGIN}" in page.headers["Content-Security-Policy"]
    assert "allow-top-navigation" not in page.content.decode()
    assert f'src="{ORIGIN}/play/' in page.content.decode()
    stranger = Client()
    stranger.force_login(PersonFactory())
    assert stranger.get("/learn/early-help/play/1/").status_code == 302


def test_objectives_and_thresholds_are_there_when_a_package_starts(content):
    inside = """<adlcp:dataFromLMS>unit=3</adlcp:dataFromLMS>
      <adlcp:completionThreshold completedByMeasure="true" minProgressMeasure="0.8"/>
      <imsss:sequencing><imsss:objectives>
        <imsss:primaryObjective objectiveID="all" satisfiedByMeasure="true">
          <imsss:minNormalizedMeasure>0.6</imsss:minNormalizedMeasure>
        </imsss:primaryObjective><imsss:objective objectiveID="grip"/>
      </imsss:objectives></imsss:sequencing>"""
    part = Playing(issued(standard="4th", inside=inside))
    page = content.get(f"/play/{part.token}/")
    data = page.context["starts"]["data"]
    assert {
        "cmi.launch_data": "unit=3",
        "cmi.completion_threshold": "0.8",
        "cmi.scaled_passing_score": "0.6",
        "cmi.objectives.0.id": "all",
        "cmi.objectives.1.id": "grip",
        "cmi.entry": "ab-initio",
        "cmi.credit": "credit",
    }.items() <= data.items()


@pytest.mark.parametrize("score", ["nan", "inf", "-inf", "1e999", "", "eighty"])
def test_a_score_that_is_no_number_stops_nothing(score):
    part = Playing(issued(standard="4th"))
    said = {"cmi__success_status": "passed", "cmi__score__scaled": score}
    part.say(part.open(), 1, ends=True, **said)
    attempt = Attempt.objects.get()
    assert (attempt.state, attempt.score) == ("passed", None)


@pytest.mark.parametrize("text", ["zero \0 byte", "half \ud83d of a sign"])
def test_text_that_no_database_keeps_stops_nothing(content, text):
    part = Playing(issued())
    changed = {"cmi.suspend_data": text, "cmi.comments": text, "cmi.core.lesson_status": "passed"}
    said = {"session": part.open(), "number": 1, "changed": changed}
    answer = content.post(f"/p/{part.token}/commit", said, content_type="application/json")
    assert answer.json() == {"state": "passed"}
    assert part.state.bookmark.split()[0] == text.split()[0]


def test_what_is_read_again_changes_nothing_of_the_attempt(content):
    part = Playing(issued())
    part.say(session := part.open(), 1, cmi__core__lesson_status="passed", cmi__suspend_data="end")
    before = Attempt.objects.values().get(), ItemState.objects.values().get()
    page = content.get(f"/play/{part.token}/")
    assert page.context["starts"]["data"]["cmi.core.lesson_mode"] == "review"
    assert page.context["starts"]["data"]["cmi.suspend_data"] == "end"
    again = page.context["starts"]["session"]
    for number, window in enumerate((session, again), 2):
        assert part.say(window, number, cmi__core__lesson_status="failed").state == "passed"
    assert (Attempt.objects.values().get(), ItemState.objects.values().get()) == before


def test_opening_the_players_page_writes_nothing(client):
    part = Playing(issued())
    begun = set(ItemState.objects.values_list("pk", flat=True))
    Attempt.objects.update(session=None)
    client.force_login(part.attempt.person)
    assert client.get("/learn/early-help/play/1/").status_code == 200
    assert set(ItemState.objects.values_list("pk", flat=True)) == begun
    assert Attempt.objects.get().session is None


def test_who_declares_is_done_whatever_they_have_opened():
    part = Playing(issued(parts=3, rule=Rule.DECLARED))
    saving.declare(part.attempt, by=part.attempt.person)
    assert part.now == "completed"


def test_more_than_can_be_kept_is_refused(monkeypatch):
    monkeypatch.setattr(saving, "MOST_KEPT", 10)
    part = Playing(issued())
    with pytest.raises(saving.PlayingRefused, match="more than can be kept"):
        part.report(part.open(), 1, {"cmi.comments": "x" * 11})
    assert part.state.reported == {}


def test_who_plays_is_not_told_that_they_have_not_gone_on(time_machine):
    part = Playing(issued())
    time_machine.move_to(timezone.now() + timezone.timedelta(days=20), tick=False)
    assert list(nightly.due_for_reminder()) == [part.attempt]
    part.open()
    assert list(nightly.due_for_reminder()) == []


def test_another_attempt_is_asked_about_without_a_score_that_there_is_not(office, client):
    part = Playing(issued(attempts_allowed=1))
    part.say(part.open(), 1, ends=True, cmi__core__lesson_status="failed")
    page = client.get(reverse("module:grant", args=[part.attempt.pk])).content.decode()
    assert "has used 1 of 1 attempts" in page
    assert "The last score was not reported, and 80% is needed to pass" in page
    learner = Client()
    learner.force_login(part.attempt.person)
    result = learner.get(f"/learn/early-help/attempts/{part.attempt.pk}/").content.decode()
    assert "The module reported no score." in result and "drawn anew" not in result
    assert "None%" not in client.get("/cms/").content.decode() + result
    assert all("None" not in mail.text for mail in Mail.objects.all())
