"""Test whose address limits count, behind any number of proxies and whatever their header says."""

import pytest
from django.test import Client, RequestFactory

from lms.web.client_address import UNKNOWN, client_address

PROXY = "10.0.0.1"


def counted(settings, proxies, said, remote=PROXY):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    header = {} if said is None else {"HTTP_X_FORWARDED_FOR": said}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=remote, **header))


@pytest.mark.parametrize(
    ("proxies", "said", "address"),
    [
        (0, "203.0.113.9", PROXY),
        (0, "6.6.6.6, 203.0.113.9", PROXY),
        (1, None, PROXY),
        (1, "", PROXY),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6,203.0.113.9", "203.0.113.9"),
        (2, "203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", "203.0.113.9"),  # past the outer proxy, as a probe of ours asks
    ],
)
def test_only_what_our_own_proxies_added_is_believed(settings, proxies, said, address):
    assert counted(settings, proxies, said) == address


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("203.0.113.9:54321", "203.0.113.9"),
        ("[2001:db8::9]:443", "2001:db8::9"),
        ("[2001:db8::9]", "2001:db8::9"),
        ("2001:db8::9", "2001:db8::9"),
        ("2001:db8::9%eth0", "2001:db8::9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("[::ffff:203.0.113.9]:443", "203.0.113.9"),
        ("64:ff9b::cb00:7109", "203.0.113.9"),
    ],
)
def test_an_address_is_read_however_a_proxy_writes_it(settings, said, address):
    assert counted(settings, 1, said) == address


UNREADABLE = ["unknown", "_hidden", "999.1.1.1", "1.2.3.4;x", "for=1.2.3.4", "x" * 9000, " , ", ","]


@pytest.mark.parametrize("said", UNREADABLE)
def test_what_is_no_address_counts_as_the_proxy(settings, said):
    assert counted(settings, 1, said) == PROXY


@pytest.mark.parametrize("remote", ["", "unix:", "garbage"])
def test_through_a_socket_everybody_counts_together_and_nobody_is_refused(settings, remote):
    assert counted(settings, 0, None, remote) == UNKNOWN
    assert counted(settings, 1, "203.0.113.9", remote) == "203.0.113.9"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("proxies", "said"), [(2, "203.0.113.9"), (1, "unknown"), (1, "[2001:db8::9]")]
)
def test_every_page_that_counts_answers(settings, proxies, said):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    stranger = Client(headers={"X-Forwarded-For": said})
    assert stranger.get("/search/?q=neglect").status_code == 200
    assert stranger.get("/certificates/verify/ABCD-EFGH/").status_code == 404
    sent = stranger.post("/accounts/login/", {"login": "somebody@example.org"})
    assert sent.status_code == 302
