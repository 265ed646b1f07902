"""Test that import-linter refuses an import that climbs, for each layer and for each kind."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import ROOT
from tests.test_house import ROOMS

# The importing module, and what it must not import.
CLIMBS = [
    # Between rooms
    ("lms.web.sites", "courses.booking.booking"),
    ("history.models", "agencies.models"),
    ("agencies.access", "courses.models"),
    ("certificates.issuing", "agencies.back_office.listing"),
    ("protocols.cascade.figures", "courses.models"),
    ("courses.rules.deadlines", "assurance.this_week"),
    ("assurance.coverage", "home.search_source"),
    ("search.queries", "protocols.models"),
    ("agencies.access", "search.queries"),
    # Between the processes of a room
    ("courses.models.runs", "courses.rules.deadlines"),
    ("courses.rules.deadlines", "courses.notices.notices"),
    ("courses.notices.notices", "courses.completion.awarding"),
    ("courses.completion.awarding", "courses.evaluation.evaluation"),
    ("courses.evaluation.evaluation", "courses.booking.booking"),
    ("courses.catalogue.requirements", "courses.booking.booking"),
    ("courses.booking.booking", "courses.scheduling.scheduling"),
    ("courses.scheduling.scheduling", "courses.attendance.register"),
    ("protocols.models.editions", "protocols.drafts.content"),
    ("protocols.drafts.content", "protocols.approval.approval"),
    ("protocols.cascade.dissemination", "protocols.approval.approval"),
    ("protocols.readers.alerts", "protocols.approval.approval"),
    ("protocols.indicators.indicators", "protocols.editions.editions"),
    ("protocols.approval.approval", "protocols.editions.editions"),
    # From verbs, queries, rules, notices and models to what is shown
    ("courses.booking.waiting_list", "courses.booking.views.own"),
    ("courses.rules.quotas", "courses.booking.forms.booking"),
    ("courses.models.runs", "courses.back_office.timeline"),
    ("protocols.readers.alerts", "protocols.readers.views.alerts"),
]


@pytest.fixture(scope="module")
def complaints(tmp_path_factory):
    """Return import-linter's output for a copy of the code with all these imports added."""
    copy = tmp_path_factory.mktemp("planted")
    for room in ROOMS:
        leave_out = shutil.ignore_patterns("migrations", "__pycache__", "static")
        shutil.copytree(ROOT / room, copy / room, ignore=leave_out)
    shutil.copy(ROOT / "pyproject.toml", copy)
    for importer, imported in CLIMBS:
        path = copy / f"{importer.replace('.', '/')}.py"
        path.write_text(f"{path.read_text()}\n\nimport {imported}  # planted\n")
    linter = Path(sys.executable).with_name("lint-imports")
    ended = subprocess.run(
        [linter, "--no-cache", "--no-logo"], cwd=copy, capture_output=True, text=True
    )
    assert ended.returncode == 1
    return " ".join(ended.stdout.split())


@pytest.mark.parametrize(("importer", "imported"), CLIMBS)
def test_an_import_that_climbs_is_refused(complaints, importer, imported):
    assert f"{importer} -> {imported}" in complaints
