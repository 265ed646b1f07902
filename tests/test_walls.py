"""Test that imports that climb are refused, for each layer and kind, and that none form a cycle."""

import shutil
import subprocess
import sys
from pathlib import Path

import grimp
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

# The only imports that close a cycle: what Wagtail calls is on the model.
FORCED = {
    ("courses.models.catalogue", "courses.catalogue.listing"): "a Page is model and controller",
    ("protocols.models.pages", "protocols.editions.editions"): "a Page is model and controller",
    ("protocols.models.pages", "protocols.editions.planning"): "a Page is model and controller",
    ("protocols.models.pages", "protocols.editions.views"): "a Page is model and controller",
    ("protocols.models.approvals", "protocols.approval.approval"): "a Task calls back",
    ("protocols.models.approvals", "protocols.approval.outcome"): "a Task calls back",
    ("protocols.models.approvals", "protocols.approval.stuck"): "a Task calls back",
}


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


def test_no_imports_form_a_cycle_but_those_that_wagtail_forces():
    graph = grimp.build_graph(*ROOMS, exclude_type_checking_imports=True, cache_dir=None)
    for importer, imported in FORCED:
        graph.remove_import(importer=importer, imported=imported)
    assert modules_in_cycles(graph) == set()


@pytest.mark.parametrize(("importer", "imported"), FORCED)
def test_each_forced_import_would_close_a_cycle(importer, imported):
    graph = grimp.build_graph(*ROOMS, exclude_type_checking_imports=True, cache_dir=None)
    assert graph.direct_import_exists(importer=importer, imported=imported)
    assert {importer, imported} <= modules_in_cycles(graph)


def modules_in_cycles(graph):
    """Return what is left when modules that import nothing, or nobody imports, are taken away."""
    left = set(graph.modules)
    while True:
        kept = {
            module
            for module in left
            if graph.find_modules_directly_imported_by(module) & left
            and graph.find_modules_that_directly_import(module) & left
        }
        if kept == left:
            return left
        left = kept
