"""Packages that are played: what is saved, in which order, and what it means."""

import json

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from elearning.authoring import issuing
from elearning.learning import learning
from elearning.models import Attempt, ItemState, Rule
from elearning.packages import bringing
from elearning.playing import saving, tokens
from tests.elearning.modules import make_module
from tests.elearning.packages.made import item, manifest, packed, resource
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


def issued(parts=1, standard="1.2", rule=Rule.AS_IT_SAYS, **more):
    names = [f"p{number}" for number in range(1, parts + 1)]
    kind = "scormtype" if standard == "1.2" else "scormType"
    files = {
        "imsmanifest.xml": manifest(
            standard,
            items="".join(item(name, name.upper(), **more) for name in names),
            resources="".join(resource(name, f"{name}.html", kind=kind) for name in names),
        )
    } | {f"{name}.html": f"<p>{name}</p>" for name in names}
    module = make_module(pools=[], pass_mark=80)
    office = PersonFactory()
    package = bringing.receive(module, ContentFile(packed(files).getvalue(), "a.zip"), by=office)
    bringing.bring_in.func(package.pk)
    package.refresh_from_db()
    return issuing.issue_package(package, rule, by=office, what_changed="First.")


def begun(version, part="p1", person=None):
    person = person or PostFactory().person
    attempt = learning.begin(version.module, by=person)
    return ItemState.objects.get_or_create(attempt=attempt, key=part)[0]


def say(state, session, number, ends=False, **changed):
    changed = {name.replace("__", "."): value for name, value in changed.items()}
    attempt = saving.take(state.pk, str(session), number, changed, ends=ends)
    return saving.settle(attempt, ends=ends) if attempt else None


def now(state):
    state.refresh_from_db()
    return Attempt.objects.get(pk=state.attempt_id).state


def test_passed_finishes_the_attempt():
    state = begun(issued())
    session = saving.open_session(state)
    say(state, session, 1, cmi__core__lesson_status="incomplete", cmi__core__score__raw="40")
    assert now(state) == "begun"
    say(state, session, 2, cmi__core__lesson_status="passed", cmi__core__score__raw="85")
    assert now(state) == "passed"
    assert Attempt.objects.get().score == 85


def test_failed_ends_the_attempt_when_its_session_ends():
    state = begun(issued())
    session = saving.open_session(state)
    say(state, session, 1, cmi__core__lesson_status="failed")
    assert now(state) == "begun"
    say(state, session, 2, ends=True, cmi__core__exit="")
    assert now(state) == "failed"


def test_completed_with_too_low_a_score_is_not_done():
    state = begun(issued())
    session = saving.open_session(state)
    said = {"cmi__core__lesson_status": "completed", "cmi__core__score__raw": "79"}
    say(state, session, 1, ends=True, **said)
    assert now(state) == "failed"


def test_failing_after_a_pass_changes_nothing():
    state = begun(issued())
    session = saving.open_session(state)
    say(state, session, 1, cmi__core__lesson_status="passed")
    say(state, session, 2, ends=True, cmi__core__lesson_status="failed")
    assert now(state) == "passed"
    assert state.reported["cmi.core.lesson_status"] == "passed"


def test_messages_that_arrive_out_of_order_leave_the_newest():
    state = begun(issued())
    session = saving.open_session(state)
    say(state, session, 2, cmi__core__lesson_location="page 9", cmi__suspend_data="new")
    say(state, session, 1, cmi__core__lesson_location="page 8", cmi__core__exit="suspend")
    say(state, session, 2, cmi__core__lesson_location="page 7")
    now(state)
    assert state.reported["cmi.core.lesson_location"] == "page 9"
    assert state.reported["cmi.core.exit"] == "suspend"
    assert state.bookmark == "new"


def test_a_second_window_takes_over_and_the_first_is_refused():
    state = begun(issued())
    first = saving.open_session(state)
    second = saving.open_session(state)
    with pytest.raises(saving.TakenOver, match="another window"):
        say(state, first, 1, cmi__core__lesson_status="failed")
    say(state, second, 1, cmi__core__lesson_status="passed")
    assert now(state) == "passed"


def test_a_bookmark_longer_than_the_standard_is_kept_and_found_again(content):
    state = begun(issued())
    session = saving.open_session(state)
    say(state, session, 1, cmi__suspend_data='"' * 40_000)
    page = content.get(f"/play/{tokens.make_token(state.pk, 'x')}/")
    assert page.context["starts"]["data"]["cmi.suspend_data"] == '"' * 40_000
    assert page.context["starts"]["data"]["cmi.core.entry"] == "resume"


def test_a_module_of_many_parts_is_complete_only_when_all_are():
    version = issued(parts=3)
    person = PostFactory().person
    for number, name in enumerate(("p1", "p2", "p3"), 1):
        attempt = learning.begin(version.module, by=person)
        state = ItemState.objects.get_or_create(attempt=attempt, key=name)[0]
        say(state, saving.open_session(state), 1, cmi__core__lesson_status="completed")
        assert now(state) == ("completed" if number == 3 else "begun")
        assert state.done_at


def test_an_idle_hour_adds_at_most_five_minutes(time_machine):
    state = begun(issued())
    session = saving.open_session(state)
    start = timezone.now()
    for number, minutes in enumerate((1, 62, 64), 1):
        time_machine.move_to(start + timezone.timedelta(minutes=minutes), tick=False)
        say(state, session, number, cmi__core__lesson_location=str(number))
    now(state)
    assert 8 * 60 - 3 <= state.seconds <= 8 * 60 + 3


def test_what_was_saved_and_not_settled_is_settled_later():
    state = begun(issued())
    session = saving.open_session(state)
    saving.take(state.pk, str(session), 1, {"cmi.core.lesson_status": "passed"}, ends=False)
    assert now(state) == "begun"
    saving.settle(state.attempt)
    assert now(state) == "passed"


def test_the_rule_by_declaration_asks_the_learner():
    version = issued(rule=Rule.DECLARED)
    state = begun(version)
    session = saving.open_session(state)
    say(state, session, 1, cmi__core__lesson_status="passed")
    assert now(state) == "begun"
    saving.declare(state.attempt, by=state.attempt.person)
    assert now(state) == "completed"


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
    state = begun(issued())
    session = saving.open_session(state)
    with pytest.raises(saving.PlayingRefused):
        saving.take(state.pk, str(session), 1, changed, ends=False)


def test_the_content_host_serves_its_addresses_alone(content):
    state = begun(issued())
    token = tokens.make_token(state.pk, state.attempt.version.package.sha256)
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
    state = begun(issued())
    token = tokens.make_token(state.pk, state.attempt.version.package.sha256)
    client.force_login(state.attempt.person)
    for address in (f"/play/{token}/", f"/p/{token}/p1.html", f"/p/{token}/commit"):
        assert client.get(address).status_code == 404


def test_a_token_that_is_altered_or_over_opens_nothing(content, time_machine):
    state = begun(issued())
    folder = state.attempt.version.package.sha256
    token = tokens.make_token(state.pk, folder)
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
    state = begun(issued())
    session = str(saving.open_session(state))
    token = tokens.make_token(state.pk, "x")
    said = {"session": session, "number": 1, "changed": {"cmi.core.lesson_status": "passed"}}
    answer = content.post(
        f"/p/{token}/commit",
        body or json.dumps(said),
        content_type="text/plain",
        headers={"origin": origin},
    )
    assert answer.status_code == status
    assert now(state) == ("passed" if status == 200 else "begun")


def test_a_save_costs_few_queries(content, django_assert_max_num_queries):
    state = begun(issued())
    session = str(saving.open_session(state))
    said = {"session": session, "number": 1, "changed": {"cmi.core.lesson_location": "2"}}
    with django_assert_max_num_queries(4):
        content.post(
            f"/p/{tokens.make_token(state.pk, 'x')}/commit", said, content_type="application/json"
        )


def test_files_cost_no_query(content, django_assert_num_queries):
    state = begun(issued())
    token = tokens.make_token(state.pk, state.attempt.version.package.sha256)
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
    state = begun(issued())
    token = tokens.make_token(state.pk, state.attempt.version.package.sha256)
    answer = content.get(f"/p/{token}/p1.html", headers={"range": asked})
    assert (answer.status_code, answer.headers.get("Content-Range")) == (status, said)
    assert len(answer.getvalue()) == length


def test_what_a_long_range_asks_for_is_cut(content, monkeypatch):
    monkeypatch.setattr("lms.storage.ranges.MOST", 4)
    state = begun(issued())
    token = tokens.make_token(state.pk, state.attempt.version.package.sha256)
    answer = content.get(f"/p/{token}/p1.html", headers={"range": "bytes=0-"})
    assert answer.headers["Content-Range"] == "bytes 0-3/9"


def test_the_player_frames_the_content_host_alone(client):
    state = begun(issued())
    client.force_login(state.attempt.person)
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
    state = begun(issued(standard="4th", inside=inside))
    page = content.get(f"/play/{tokens.make_token(state.pk, 'x')}/")
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
