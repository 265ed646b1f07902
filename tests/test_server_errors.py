"""Test that an answer of 5xx that a test does not expect fails it."""

import threading
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.factories import ProtocolPageFactory

unexpected = pytest.mark.xfail(strict=True, raises=AssertionError, reason="as it should")


def ask_for_what_is_not_made_yet(client):
    page = ProtocolPageFactory()
    assert client.get(f"{page.path_of_page}editions/1/pdf/").status_code == 503


@unexpected
@pytest.mark.django_db
def test_an_unexpected_answer_to_the_client_fails(client):
    ask_for_what_is_not_made_yet(client)


@unexpected
@pytest.mark.django_db
@pytest.mark.server_errors(500)
def test_another_than_the_expected_one_fails(client):
    ask_for_what_is_not_made_yet(client)


@pytest.mark.django_db
@pytest.mark.server_errors(500, 503)
def test_an_expected_one_does_not(client, seen_server_errors):
    ask_for_what_is_not_made_yet(client)
    assert [status for status, _ in seen_server_errors] == [503]


@contextmanager
def a_broken_site():
    class Broken(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(500)
            self.end_headers()

        def log_message(self, *said):
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Broken) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        yield server.server_address[1]
        thread.join()


@unexpected
def test_an_unexpected_answer_of_a_served_site_fails():
    with a_broken_site() as port:
        connection = HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/")
        assert connection.getresponse().status == 500
        connection.close()


def test_what_was_seen_is_of_the_test_before_it_no_more(seen_server_errors):
    assert seen_server_errors == []
