"""Test that a load balancer is answered, which asks by IP address and over plain HTTP."""

import pytest

from lms.web import health, probes

pytestmark = pytest.mark.django_db
BY_IP = {"SERVER_NAME": "10.0.0.5", "SERVER_PORT": "8000"}


@pytest.fixture(autouse=True)
def as_in_production(settings):
    settings.ALLOWED_HOSTS = ["learning.example.org"]
    settings.SECURE_SSL_REDIRECT = True


@pytest.mark.parametrize("path", probes.PROBES)
def test_a_probe_by_ip_is_answered(client, path):
    answer = client.get(path, **BY_IP)
    assert (answer.status_code, answer.text) == (200, "ok")
    assert "no-store" in answer["Cache-Control"]
    assert client.head(path, **BY_IP).status_code == 200
    assert client.post(path, **BY_IP).status_code == 405


@pytest.mark.parametrize("path", ["/", "/courses/", "/livez/x", "/healthz/jobs"])
def test_nothing_else_answers_to_an_unknown_host(client, path):
    assert client.get(path, secure=True, **BY_IP).status_code == 400


@pytest.mark.server_errors(503)
def test_who_cannot_save_lives_and_is_not_ready(client, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(health, "can_save", lambda: False)
    assert client.get("/readyz", **BY_IP).status_code == 503
    with django_assert_num_queries(0):
        assert client.get("/livez", **BY_IP).status_code == 200
