"""Fail every test that the site answers with 5xx, unless the test says that it expects to be.

`@pytest.mark.server_errors(503)` names what is expected. Browsers of tests/browser complain by
themselves (tests/browser/watching.py).
"""

from http.client import HTTPConnection

import pytest
from django.test import Client

SEEN = []


@pytest.fixture(scope="session", autouse=True)
def seen_server_errors():
    """Note each answer of 5xx to Django's test client, and to a connection to a served site."""
    ask, get = Client.request, HTTPConnection.getresponse

    def request(client, **asked):
        answer = ask(client, **asked)
        note(answer.status_code, f"{asked.get('REQUEST_METHOD', 'GET')} {asked.get('PATH_INFO')}")
        return answer

    def getresponse(connection):
        answer = get(connection)
        if type(connection) is HTTPConnection:  # Others, of an object store, are not to our site.
            note(answer.status, f"port {connection.port}")
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "request", request)
        patch.setattr(HTTPConnection, "getresponse", getresponse)
        yield SEEN


def note(status, of):
    if status >= 500:
        SEEN.append((status, of))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    try:
        result = yield
    finally:
        seen = SEEN.copy()
        SEEN.clear()
    expected = {status for mark in item.iter_markers("server_errors") for status in mark.args}
    unexpected = [f"{status} for {of}" for status, of in seen if status not in expected]
    assert not unexpected, f"Unexpected, and not marked as server_errors: {unexpected}"
    return result
