"""Test that history records only actions whose words a room has registered."""

import ast
import re

import pytest

import history
from courses.models import Booking, DeliveryRequest, Evidence
from history import actions
from history.models import Event
from protocols.models import Approval
from tests.factories import AgencyFactory
from tests.test_house import python_files


def test_an_action_that_no_room_has_registered_is_refused(db):
    with pytest.raises(actions.UnknownAction, match="agency.painted"):
        history.record("agency.painted", AgencyFactory(), by="TEST")
    with pytest.raises(actions.UnknownAction):
        history.record_each("agency.painted", [(AgencyFactory(), {}, {})], by="TEST")
    assert not Event.objects.exists()


def test_in_production_it_is_logged_and_recorded_under_its_name(db, settings, caplog):
    settings.LMS_DEVELOPMENT = False
    agency = AgencyFactory()
    history.record("agency.painted", agency, by="TEST")
    assert "agency.painted" in caplog.text
    [event] = Event.objects.about(agency)
    assert actions.in_words(event.action) == "agency: painted"


def test_two_rooms_cannot_register_one_action_with_different_words():
    with pytest.raises(ValueError, match="post.joined is registered twice"):
        actions.register({"post.joined": "Painted"})
    assert actions.in_words("post.joined") == "Said where they work"


def test_every_action_recorded_in_the_code_is_registered():
    unknown = {
        f"{path.name}:{call.lineno} {action}"
        for path in python_files()
        for call in calls_of_record(path)
        for action in patterns_in(call.args[0])
        if not any(re.fullmatch(action, known) for known in actions.WORDS)
    }
    assert unknown == set()


@pytest.mark.parametrize(
    ("what", "states"),
    [
        ("booking", Booking.State),
        ("evidence", Evidence.State),
        ("delivery", DeliveryRequest.State),
        ("approval", set(Approval.State) - {Approval.State.WAITING}),
    ],
)
def test_every_state_that_is_recorded_is_registered(what, states):
    assert {f"{what}.{state}" for state in states} <= actions.WORDS.keys()


def test_every_registered_action_is_recorded_somewhere():
    said = "".join(p.read_text() for p in python_files() if p.name != "history_actions.py")
    built = {"approval.", "booking.", "delivery.", "evidence.", ".added", ".changed"}
    unused = [
        action
        for action in actions.WORDS
        if f'"{action}"' not in said
        and not any(action.startswith(part) or action.endswith(part) for part in built)
    ]
    assert unused == []


def calls_of_record(path):
    for node in ast.walk(ast.parse(path.read_text())):
        name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        if name in ("history.record", "history.record_each"):
            yield node


def patterns_in(argument):
    """Yield a pattern for each literal; a name has been given its action elsewhere."""
    if isinstance(argument, ast.Constant):
        yield re.escape(argument.value)
    elif isinstance(argument, ast.IfExp):
        yield from patterns_in(argument.body)
        yield from patterns_in(argument.orelse)
    elif isinstance(argument, ast.JoinedStr):
        parts = (
            re.escape(p.value) if isinstance(p, ast.Constant) else r"\w+" for p in argument.values
        )
        yield "".join(parts)
