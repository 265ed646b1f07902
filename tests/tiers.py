"""Which tests run on which database, and which take too long? docs/testing.md says it in words."""

import pytest

LONGEST = 20  # Seconds. What takes longer says why: `@pytest.mark.long(reason="...")`.

# Files that run on SQLite alone in `make test`; any other runs on PostgreSQL too, and so does every
# test with a database of its own. `make stress` runs all of them on PostgreSQL.
ONLY_ON_SQLITE = {
    "they ask no database": """
        agencies/test_birth_dates agencies/test_names agencies/test_nhs_numbers
        certificates/test_codes certificates/test_gallery certificates/test_rendering
        courses/test_calendar courses/test_meeting_reports courses/test_proof
        lms/test_serve lms/test_tables lms/test_ui protocols/test_blocks test_templates
    """,
    "they look at what is drawn, from statements that other tests send": """
        courses/test_paper lms/test_letters protocols/test_edition_pdf protocols/test_pictures
        record/test_training_record
    """,
    "they press what verbs answer, and those have tests of their own on both": """
        agencies/test_pages certificates/test_views courses/test_booking_pages
        courses/test_meeting_pages courses/test_offer_pages courses/test_register_pages
        courses/test_typing home/test_demonstration_pages protocols/test_approver_by_address
        protocols/test_pressed_twice protocols/test_steps_office record/test_my_learning
    """,
    "they ask who may, at each address, and permissions are rows like any other": """
        test_access_matrix
    """,
    "they upload files, which no database holds": "test_wrong_files",
}
FILES = {name for names in ONLY_ON_SQLITE.values() for name in names.split()}


def is_changed_by_a_database(item):
    """Must it pass on PostgreSQL as well as on SQLite before a change is taken in?"""
    name = item.nodeid.partition(".py::")[0].removeprefix("tests/")
    return name not in FILES or "own_database" in item.fixturenames


def pytest_addoption(parser):
    parser.addoption(
        "--slow-fails",
        action="store_true",
        help=f"Fail if a test without the mark `long` takes over {LONGEST} s; else it is named.",
    )


def pytest_terminal_summary(terminalreporter):
    slow = slow_tests(terminalreporter)
    if slow:
        terminalreporter.section(f"over {LONGEST} s without the mark `long`")
    for name, seconds in slow.items():
        terminalreporter.line(f"{seconds:.0f} s {name}")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--slow-fails") and reporter and slow_tests(reporter):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def slow_tests(reporter):
    """By its name, how many seconds a test took that should take fewer; without its fixtures."""
    reports = [*reporter.stats.get("passed", []), *reporter.stats.get("failed", [])]
    return {
        report.nodeid: report.duration
        for report in reports
        if report.when == "call" and report.duration > LONGEST and "long" not in report.keywords
    }
