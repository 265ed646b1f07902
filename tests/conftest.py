"""Fixtures of all tests, and the order in which tests run."""

import gc
import os

import pytest
from django.core.cache import cache, caches
from django.db import connection
from django.forms import BaseForm
from django.template import Template
from django.test import override_settings
from django.test.signals import template_rendered

from lms.web import sites
from tests import databases
from tests.browsing import Browser
from tests.rooms import is_ours
from tests.server_errors import pytest_runtest_call, seen_server_errors  # noqa: F401
from tests.servers import ServedSite, storages_in
from tests.tiers import (  # noqa: F401  pytest finds its hooks here
    is_changed_by_a_database,
    pytest_addoption,
    pytest_sessionfinish,
    pytest_terminal_summary,
)


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)
        if is_changed_by_a_database(item):
            item.add_marker(pytest.mark.databases)
    # One process begins with these; the others take from the end of what is left to it.
    items.sort(key=lambda item: not is_long(item))


def is_long(item):
    """Return whether the test starts processes or threads, migrates, or is marked as long.

    Two processes that come to the end together would both migrate what `upgrade` loads.
    """
    marked = any(map(item.get_closest_marker, ["browser", "race", "long"]))
    return marked or not {"own_database", "upgrade"}.isdisjoint(item.fixturenames)


def pytest_sessionstart():
    """Switch the garbage collector off while tests are loaded: it takes two fifths of that time."""
    gc.disable()
    # Served sites, workers and whatever else a test starts go to PostgreSQL itself.
    os.environ.pop("LMS_DATABASE_POOLER", None)


def pytest_collection_finish():
    """Keep it off all that is loaded by now: it takes a sixth of the time.

    Python would run it after each 700 objects and go through all that tests left ever so often.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def data_folder(tmp_path_factory):
    """Keep uploads and certificates of this run apart from a developer's own."""
    folder = tmp_path_factory.mktemp("data")
    with override_settings(**storages_in(folder)):
        yield folder


@pytest.fixture(scope="session", autouse=True)
def mail_into_the_outbox(django_test_environment):
    """Send allauth's mails to the outbox: Django's test runner would keep them in memory."""
    with override_settings(EMAIL_BACKEND="lms.mail.outbox.OutboxBackend"):
        yield


@pytest.fixture(autouse=True)
def clean_cache():
    """Rate limits count afresh in each test, and which site it is is asked once in each."""
    yield
    cache.clear()
    caches["memory"].clear()
    sites.known.clear()


@pytest.fixture(scope="session", autouse=True)
def one_minute():
    """Stop the cache of sites from expiring between two counts of queries."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sites, "monotonic", lambda: 0)
        yield


@pytest.fixture(scope="session", autouse=True)
def checking_a_form_writes_nothing():
    """Fail every test in which checking a form of ours writes to the database."""
    check = BaseForm.full_clean

    def full_clean(form):
        if not is_ours(type(form)):
            return check(form)
        with connection.execute_wrapper(refuse_writing):
            return check(form)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseForm, "full_clean", full_clean)
        yield


def refuse_writing(execute, sql, *more):
    if ' "cache" ' in sql:  # allauth's form of signing in counts tries, which are no record.
        return execute(sql, *more)
    assert not sql.startswith(("INSERT", "UPDATE", "DELETE")), f"Checking a form writes: {sql}"
    return execute(sql, *more)


@pytest.fixture(scope="session", autouse=True)
def pages_are_kept_whole(django_test_environment):
    """Keep `response.templates` and `.context` of pages, not of each part, field and base of one.

    Django's client copies the context of all of them: a twentieth of the time of a page.
    """

    def render(template, context):
        if context.template is template and not str(template.name).startswith("django/forms/"):
            template_rendered.send(sender=template, template=template, context=context)
        return template.nodelist.render(context)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", render)
        yield


@pytest.fixture(scope="session")
def database_server(tmp_path_factory):
    return databases.kind(tmp_path_factory.mktemp("databases"))


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, database_server, worker_id):
    """Instead of pytest-django's own: a copy of the migrated database for each process."""
    with django_db_blocker.unblock():
        database = database_server.create(f"{worker_id}_{os.getpid()}")
        with databases.in_use(database, through_a_pooler=True):
            yield
        database_server.drop(database)


@pytest.fixture(scope="session")
def own_name(worker_id):
    """Name each test's own database alike within a process, so that a site can stay on it."""
    return f"{worker_id}_{os.getpid()}_own"


@pytest.fixture
def own_database(django_db_setup, django_db_blocker, database_server, own_name):
    """Create a database for this test alone, where threads meet, and return its DATABASE_URL."""
    with django_db_blocker.unblock():
        database = database_server.create(own_name)
        with databases.in_use(database):
            yield database_server.url(database)
        database_server.drop(database)


@pytest.fixture(scope="session")
def standing_site(database_server, own_name, data_folder):
    """Load the served site once for all tests: that takes longer than most that they do."""
    site = ServedSite(database_server.url(database_server.named(own_name)), data_folder)
    yield site
    site.stop()


@pytest.fixture
def served_site(own_database, standing_site):
    """Serve the site on `own_database`: `served_site.url("/courses/")`."""
    try:
        standing_site.start()
        yield standing_site
    finally:
        standing_site.renew()


@pytest.fixture
def clock(served_site):
    """Share one clock with the served site: `clock.shift(timedelta(days=1))`."""
    with served_site.clock.followed():
        yield served_site.clock


@pytest.fixture
def careless_site(own_database, data_folder):
    """Serve a site whose buttons lead to `tests.careless`: the control of a served rush."""
    with ServedSite(
        own_database, data_folder, DJANGO_SETTINGS_MODULE="tests.careless.settings"
    ).serving() as site:
        yield site


@pytest.fixture(scope="session")
def object_store_server():
    """Run an S3 server for all tests that ask for one."""
    from tests.object_stores import ObjectStore

    server = ObjectStore()
    yield server
    server.stop()


@pytest.fixture
def object_store(object_store_server, monkeypatch):
    """Return an empty object store, which the storages of `object_store.storages` use."""
    from lms.storage import object_store

    monkeypatch.setattr(object_store, "_away_until", 0.0)
    object_store_server.empty()
    return object_store_server


@pytest.fixture
def rounds():
    """Return how often to try a race: a few times in `make test`, many in `make stress`."""
    return int(os.environ.get("ROUNDS", "3"))


@pytest.fixture
def client():
    """Return a client that posts a form as a browser does, instead of pytest-django's own."""
    return Browser()


@pytest.fixture
def office(client, settings):
    """Sign in a training administrator, past the second factor."""
    from agencies.access import TRAINING_ADMINISTRATORS
    from tests.factories import PersonFactory

    settings.LMS_SECOND_FACTOR_REQUIRED = False
    person = PersonFactory(name="Ola Office", is_staff=True, groups=[TRAINING_ADMINISTRATORS])
    client.force_login(person)
    return person
