"""Rules of the house: names, folders, docstrings, settings and how a database is opened."""

import os
import re
import subprocess
import sys
from collections import Counter

import pytest
from django.apps import apps
from django.conf import global_settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from history.models import Event
from lms.settings import base
from lms.settings.renamed import ENVIRONMENT, refuse_old_variables
from tests import docstrings
from tests.databases import ROOT
from tests.servers import at_once

ROOMS = [
    "agencies", "assurance", "certificates", "courses", "elearning", "history", "home", "lms",
    "privacy", "protocols", "record", "search",
]  # fmt: skip
NOWHERE = {"common", "core", "utils", "util", "services", "helpers", "misc"}


def python_files():
    for room in ROOMS:
        yield from sorted((ROOT / room).rglob("*.py"))


def test_nothing_is_called_by_a_name_that_says_nothing():
    named = [p for p in python_files() if {p.stem, *p.relative_to(ROOT).parts} & NOWHERE]
    assert named == []


BARE = {
    "of", "read", "told", "asked", "said", "kept", "standing", "took", "saw", "turn",
    "Row", "Line", "Words",
}  # fmt: skip
# A store or a file is read; the others are moved by changes under way.
MAY_BE_BARE = {
    "agencies/mergers.py: of",
    "certificates/content_store.py: read",
    "lms/spreadsheets/reading.py: read",
    "lms/storage/content_store.py: read",
    "protocols/drafts/copies.py: read",
    "search/backend.py: Words",
}


def test_no_function_and_no_class_has_a_bare_common_word_for_a_name():
    defines = re.compile(r"^ *(?:def|class) (\w+)", re.MULTILINE)
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in python_files()
        for name in BARE & set(defines.findall(path.read_text()))
    }
    assert found <= MAY_BE_BARE


def test_each_docstring_begins_with_a_verb_or_names_the_thing():
    assert docstrings.in_folders() == []


@pytest.mark.parametrize(
    "opening",
    [
        "What dead workers had in hand waits again.",
        "Who may do what?",
        "Which pages say these words?",
        "The same of one who is signed in.",
        "Locks.",
        "Has everybody approved this very text?",
        "Not those of today: another run may be copying one.",
    ],
)
def test_a_riddle_is_no_docstring(opening):
    assert docstrings.fault(opening)


@pytest.mark.parametrize(
    "opening",
    [
        "Move a live booking to another live state.",
        "Duplicate-submit guard.",
        "Requests to lapse: the run has begun.",
    ],
)
def test_a_sentence_with_a_verb_or_a_noun_is_a_docstring(opening):
    assert docstrings.fault(opening) is None


def test_every_refusal_derives_from_one_base():
    classes = re.compile(r"^class (\w*Refused)\((\w+)\)", re.M)
    found = dict(each for path in python_files() for each in classes.findall(path.read_text()))
    # An address that cannot receive mail is for the sender of mails, and shown to nobody.
    assert (found.pop("Refused"), found.pop("AddressRefused")) == ("Exception", "ValueError")
    assert set(found.values()) == {"Refused"}


def test_every_room_is_installed():
    installed = {app.name for app in apps.get_app_configs()}
    assert set(ROOMS) <= installed


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="says how SQLite is opened")
@pytest.mark.django_db
def test_sqlite_keeps_what_it_was_told_and_waits_its_turn():
    pragmas = ["journal_mode", "synchronous", "busy_timeout", "foreign_keys"]
    with connection.cursor() as cursor:
        said = {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas}
    full = 2
    assert said == {
        "journal_mode": "wal",
        "synchronous": full,
        "busy_timeout": 20_000,
        "foreign_keys": 1,
    }


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="says how SQLite begins")
def test_what_writes_on_sqlite_takes_the_lock_at_its_beginning(own_database):
    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        pass
    assert queries[0]["sql"] == "BEGIN IMMEDIATE"


def test_those_who_write_at_once_wait_for_each_other(own_database):
    def read_then_write(number):
        with transaction.atomic():
            seen = Event.objects.count()
            Event.objects.create(action="tried", thing_type="x", thing_id=number, by_process="RACE")
            return seen

    outcomes = at_once(20, read_then_write)
    assert [each for each in outcomes if isinstance(each, Exception)] == []
    assert Event.objects.count() == 20


def test_no_page_opens_a_transaction_by_itself():
    assert connection.settings_dict["ATOMIC_REQUESTS"] is False


@pytest.mark.django_db
def test_a_page_that_only_reads_takes_no_write_lock(client):
    pages = ("/protocols/thresholds/", "/accounts/login/")
    for page in pages:  # the very first page writes down the board's own settings
        client.get(page)
    with CaptureQueriesContext(connection) as queries:
        for page in pages:
            assert client.get(page).status_code == 200
    verbs = {query["sql"].split()[0] for query in queries}
    assert verbs <= {"SELECT"}


PRODUCTION = {
    "SECRET_KEY": "a-secret-of-the-tests-" + "x" * 50,
    "ALLOWED_HOSTS": "learning.example.org",
    "SITE_URL": "https://learning.example.org",
    "LMS_TRUSTED_PROXIES": "1",
}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"SECRET_KEY": ""}, "Set SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "Set SECRET_KEY"),
        ({"ALLOWED_HOSTS": ""}, "Set ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "*"}, "Set ALLOWED_HOSTS"),
        ({"SITE_URL": "http://learning.example.org"}, "Set SITE_URL"),
        ({"LMS_TRUSTED_PROXIES": ""}, "Set LMS_TRUSTED_PROXIES"),
        ({"LMS_TRUSTED_PROXIES": "-1"}, "Set LMS_TRUSTED_PROXIES"),
        ({"LMS_TRUSTED_PROXIES": "nginx"}, "Set LMS_TRUSTED_PROXIES"),
        ({"CONTENT_ORIGIN": "http://modules.example.org"}, "Correct CONTENT_ORIGIN"),
        ({"CONTENT_ORIGIN": "https://learning.example.org"}, "Correct CONTENT_ORIGIN"),
        ({"DEBUG": "true"}, "DEBUG is for development only"),
        ({"LMS_DEMONSTRATION_LOGINS": "true"}, "LMS_DEMONSTRATION_LOGINS is for development only"),
        ({"LMS_TEST_CLOCK_FILE": "clock"}, "LMS_TEST_CLOCK_FILE is for tests only"),
        (
            {"LMS_SECOND_FACTOR_REQUIRED": "false"},
            "LMS_SECOND_FACTOR_REQUIRED cannot be turned off",
        ),
    ],
)
def test_production_refuses_to_start_half_set_up(tmp_path, wrong, sentence):
    started = start_production(tmp_path, **wrong)
    assert started.returncode != 0
    assert f"ImproperlyConfigured: {sentence}" in started.stderr


@pytest.mark.parametrize(("old", "new"), ENVIRONMENT.items())
def test_an_old_environment_variable_refuses_the_start_and_names_the_new_one(monkeypatch, old, new):
    monkeypatch.setenv(old, "x")
    with pytest.raises(ImproperlyConfigured, match=f"environment: {old} is now {new}\\.$"):
        refuse_old_variables()


def test_production_refuses_to_start_with_an_old_environment_variable(tmp_path):
    started = start_production(tmp_path, BOARD_MARK="/srv/board/mark.png")
    assert started.returncode != 0
    assert "Rename in the environment: BOARD_MARK is now LMS_BOARD_LOGO." in started.stderr


def test_an_old_setting_refuses_the_start_and_names_the_new_one(tmp_path):
    (tmp_path / "board.py").write_text("from lms.settings.test import *\nNIGHTLY = []\n")
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "board", "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-c", "import django; django.setup()"]
    started = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert started.returncode != 0
    assert "Rename in the settings: NIGHTLY is now LMS_NIGHTLY_JOBS." in started.stderr


def test_every_setting_of_ours_has_our_prefix():
    """Conventional names, such as SITE_URL, keep theirs."""
    conventional = {
        "BASE_DIR", "CONTENT_ORIGIN", "CONTENT_PORT", "DATA_DIR", "ROOT_URLCONF", "SITE_URL",
    }  # fmt: skip
    theirs = re.compile(
        "(LMS|ACCOUNT|ALLAUTH|MFA|WAGTAIL|EMAIL|WHITENOISE|CONTENT_SECURITY|TASKS|LANGUAGE)"
    )
    ours = [name for name in dir(base) if name.isupper() and not hasattr(global_settings, name)]
    assert [name for name in ours if name not in conventional and not theirs.match(name)] == []


def test_production_starts_when_it_is_told_all(tmp_path):
    started = start_production(tmp_path)
    assert (started.returncode, started.stdout) == (0, "False False True")


@pytest.mark.parametrize("count", ["0", "2"])
def test_production_counts_by_the_address_before_the_proxies_that_it_is_told(tmp_path, count):
    look = "from lms.settings import production as p; print(p.ALLAUTH_TRUSTED_PROXY_COUNT, end='')"
    started = start_production(tmp_path, look, LMS_TRUSTED_PROXIES=count)
    assert (started.returncode, started.stdout) == (0, count)


OBJECT_STORE = "s3://board-files/pilot?endpoint=https://s3.example.org&region=eu-west-2"


def test_production_keeps_all_files_in_the_object_store_that_it_is_told(tmp_path):
    look = (
        "import django; from django.core.files.storage import storages as all_of_them;"
        "from lms.settings import production as p; django.setup();"
        "print(*(all_of_them[name].location for name in sorted(p.STORAGES)[:6]), end='')"
    )
    told = {"DJANGO_SETTINGS_MODULE": "lms.settings.production", "LMS_FILES_URL": OBJECT_STORE}
    started = start_production(tmp_path, look, **told)
    folders = ("certificates", "media", "editions", "evidence", "materials", "packages")
    assert started.stdout == " ".join(f"pilot/{name}" for name in folders), started.stderr


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"LMS_FILES_URL": "https://s3.example.org/board-files"}, "Correct LMS_FILES_URL in"),
        (
            {"LMS_FILES_URL": OBJECT_STORE, "AWS_ACCESS_KEY_ID": "a-key"},
            "Set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        ),
    ],
)
def test_production_refuses_a_wrong_object_store(tmp_path, wrong, sentence):
    started = start_production(tmp_path, **wrong)
    assert started.returncode != 0
    assert sentence in started.stderr


LOOK = (
    "from lms.settings import production as p;"
    "print(p.DEBUG, p.LMS_DEMONSTRATION_LOGINS, p.LMS_SECOND_FACTOR_REQUIRED, end='')"
)


def start_production(folder, look=LOOK, **wrong):
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder)} | PRODUCTION | wrong
    return subprocess.run(
        [sys.executable, "-c", look], cwd=ROOT, env=environment, capture_output=True, text=True
    )


# Where a server reads its environment, and what production reads only to refuse it.
READS_ENVIRONMENT = (
    "lms/settings/base.py",
    "lms/settings/production.py",
    "lms/management/commands/serve.py",
)
REFUSED = {"LMS_SECOND_FACTOR_REQUIRED", "LMS_TEST_CLOCK_FILE"}


def test_what_the_environment_may_set_is_in_its_example():
    example = (ROOT / ".env.example").read_text()
    code = "".join((ROOT / name).read_text() for name in READS_ENVIRONMENT)
    read = re.findall(r"\b(?:env(?:\.\w+)?|os\.environ\.get)\(\s*[\"']([A-Z_]+)[\"']", code)
    shown = re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE)
    assert sorted(shown) == sorted(set(read) - REFUSED)
    for name in PRODUCTION:
        assert f"\n{name}=" in example


# They tell of what was: a migration, a change log, a fixture of an earlier version, an alias.
OF_THE_PAST = re.compile(
    r"/migrations/|^CHANGELOG\.md$|^docs/names_in_data\.md$|^lms/(jobs|settings)/renamed\.py$"
    r"|^tests/upgrades/|^tests/old_names\.txt$"
)


def test_no_old_name_is_used():
    names = (ROOT / "tests" / "old_names.txt").read_text().split()
    old = re.compile(r"(?<![\w./-])(" + "|".join(map(re.escape, names)) + r")(?![\w-])")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout
    found = []
    for name in filter(lambda name: not OF_THE_PAST.search(name), listed.splitlines()):
        path = ROOT / name
        if path.suffix in {".py", ".html", ".md", ".toml", ".txt"} and path.is_file():
            found += [f"{name}: {each}" for each in sorted(set(old.findall(path.read_text())))]
    assert found == []


def test_no_folder_holds_more_than_20_modules():
    folders = Counter(p.parent for p in python_files() if p.name != "__init__.py")
    crowded = {
        str(folder.relative_to(ROOT)): number
        for folder, number in folders.items()
        if number > 20 and folder.name != "migrations"
    }
    assert crowded == {}


def test_expected_refusals_have_one_base():
    named = re.compile(r"^class (\w+(?:Refused|Changed))\((\w+)\):", re.MULTILINE)
    bases = {name: base for p in python_files() for name, base in named.findall(p.read_text())}
    del bases["AddressRefused"]  # logged, and told to nobody
    assert len(bases) > 25
    assert [name for name, base in bases.items() if not base.endswith("Refused")] == []


# Validators, storages, paths and choices of fields: the state of migrations names them.
OF_A_FIELD = {
    "agencies.free_text.nhs_numbers",
    "certificates.models",
    "courses.models.evaluation",
    "elearning.authoring.blocks",
    "elearning.models.modules",
    "elearning.models.versions",
    "protocols.indicators.block",
    "protocols.models.editions",
}


def test_migrations_contain_their_own_statements_and_import_no_live_code():
    ours = re.compile(rf"^ *(?:from|import) ((?:{'|'.join(ROOMS)})\b[\w.]*)", re.MULTILINE)
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in python_files()
        if path.parent.name == "migrations"
        for name in ours.findall(path.read_text())
        if name not in OF_A_FIELD
    }
    assert found == set()
