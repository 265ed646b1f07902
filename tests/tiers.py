"""Decide which tests run on PostgreSQL, and name those that take too long: docs/testing.md."""

import os
import re
from pathlib import Path

import pytest

LONGEST = 20  # Seconds. A test that takes longer is marked `long` with the reason.

# By reason, the files that `make test` runs on SQLite alone. All other files run on PostgreSQL too,
# and so does every test that asks for `own_database`. `make stress` runs everything on PostgreSQL.
ONLY_ON_SQLITE = {
    "no queries": """
        agencies/test_birth_dates agencies/test_names agencies/test_nhs_numbers
        certificates/test_codes certificates/test_gallery certificates/test_rendering
        courses/test_calendar courses/test_meeting_reports courses/test_proof
        courses/test_deadlines courses/test_meeting_matching search/test_file_text
        lms/test_charts lms/test_content_store lms/test_downloads lms/test_fonts lms/test_periods
        lms/test_phone_numbers lms/test_reminder_days lms/test_serve lms/test_spreadsheets
        lms/test_tables lms/test_ui protocols/test_blocks test_mutants test_templates
    """,
    "documents and letters, drawn from queries that other files run": """
        courses/test_paper lms/test_letters protocols/test_edition_pdf protocols/test_pictures
        record/test_training_record
    """,
    "pages and forms; the verbs and queries behind them have test files of their own": """
        agencies/test_back_office agencies/test_concern_contacts agencies/test_outbox
        agencies/test_pages agencies/test_signing_in agencies/test_wording
        certificates/test_back_office certificates/test_designs_office certificates/test_views
        courses/test_agency_pages courses/test_back_office courses/test_booking_pages
        courses/test_charges_office courses/test_evaluation_office courses/test_evidence_pages
        courses/test_meeting_pages courses/test_offer_pages courses/test_register_pages
        courses/test_run_office courses/test_typing home/test_demonstration_pages
        home/test_editing home/test_front_door home/test_worried
        protocols/test_agency_protocols protocols/test_approver_by_address
        protocols/test_cascade_office protocols/test_pressed_twice protocols/test_protocol_pages
        protocols/test_secondary_views protocols/test_steps_office
        protocols/test_thresholds_office record/test_my_learning search/test_search_page
        test_bad_input test_recorded
    """,
    "all but a few of their statements run on PostgreSQL in other files": """
        agencies/test_accounts assurance/test_coverage assurance/test_days_given
        assurance/test_views certificates/test_issuing courses/test_approving courses/test_needs
        courses/test_offers courses/test_pre_course courses/test_queries_under_lock
        courses/test_register_corrections courses/test_register_sent courses/test_reminding
        courses/test_requests history/test_actions protocols/test_approving
        protocols/test_chasing protocols/test_chasing_drafts protocols/test_refusals
        test_registries test_walls
    """,
    "files to take away, each of a list or report whose query runs in test_lists": """
        test_exports test_export_words
    """,
    "permissions, decided in Python at each address": "test_access_matrix",
    "uploaded files, stored outside the database": "test_wrong_files",
}
# What such a test must not contain.
RAW_SQL = re.compile(r"\.cursor\(|\bvendor\b|transaction=True")
FILES = {name for names in ONLY_ON_SQLITE.values() for name in names.split()}
# Functions of the other files whose statements run on PostgreSQL in tests that stay; written by
# `make statements`, which measures all of them. A new function runs on both.
COVERED = Path(__file__).with_name("covered_on_postgresql.txt")
FUNCTIONS = set() if os.environ.get("ALL_STATEMENTS") else set(COVERED.read_text().split())


def is_changed_by_a_database(item):
    """Return whether `make test` runs this test on PostgreSQL as well as on SQLite."""
    if not {"browser", "everyone"}.isdisjoint(item.path.parts):
        return False
    if "own_database" in item.fixturenames:
        return True
    function = function_of(item)
    return function.partition("::")[0] not in FILES and function not in FUNCTIONS


def function_of(item):
    """Return the file and function of a test: 'courses/test_told::test_a_thing'."""
    return item.nodeid.partition("[")[0].replace(".py::", "::").removeprefix("tests/")


def pytest_addoption(parser):
    parser.addoption(
        "--slow-fails",
        action="store_true",
        help=f"fail, not only report, when a test not marked `long` takes over {LONGEST} s",
    )


def pytest_terminal_summary(terminalreporter):
    slow = slow_tests(terminalreporter)
    if slow:
        terminalreporter.section(f"tests over {LONGEST} s that are not marked `long`")
    for name, seconds in slow.items():
        terminalreporter.line(f"{seconds:.0f} s {name}")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--slow-fails") and reporter and slow_tests(reporter):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def slow_tests(reporter):
    """Map each test over the limit and not marked `long` to its seconds, without its fixtures."""
    reports = [*reporter.stats.get("passed", []), *reporter.stats.get("failed", [])]
    return {
        report.nodeid: report.duration
        for report in reports
        if report.when == "call" and report.duration > LONGEST and "long" not in report.keywords
    }
