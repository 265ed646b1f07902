"""Test what search engines are asked to leave out."""

from urllib.robotparser import RobotFileParser

import pytest


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "is_open"),
    [
        ("/", True),
        ("/courses/", True),
        ("/protocols/thresholds/", True),
        ("/cms/", False),
        ("/my/name/", False),
        ("/agency/", False),
        ("/approvals/made-up/", False),
        ("/certificates/verify/0000111122223333/", False),
        ("/record/made-up/", False),
        ("/protocols/alerts/", True),
        ("/protocols/alerts/stop/made-up/", False),
        ("/search/?q=x", False),
    ],
)
def test_search_engines_are_asked_to_leave_out_what_is_not_for_everybody(client, path, is_open):
    answer = client.get("/robots.txt")
    assert answer["Content-Type"].startswith("text/plain")
    rules = RobotFileParser()
    rules.parse(answer.text.splitlines())
    assert rules.can_fetch("anybody", path) is is_open
