"""Mutants of how the site is run: what it must be told, what it remembers and what it answers."""

from tests.mutants.mutant import Mutant

HOUSE = "tests/test_house.py::"


def running(name, file, old, new, test):
    return Mutant(f"running: {name}", file, ((old, new),), test)


MUTANTS = [
    running(
        "editors that are opened at once share a parser",
        "lms/apps.py",
        "        rich_text.parse_apart()\n",
        "",
        "tests/lms/test_rich_text.py"
        "::test_a_text_that_is_opened_amid_another_changes_nothing_of_it",
    ),
    running(
        "whoever waited for a typeface builds it once more",
        "lms/printing/fonts.py",
        "            if not made.exists():\n",
        "            if True:\n",
        "tests/lms/test_fonts.py::test_a_typeface_that_many_ask_for_at_once_is_built_once",
    ),
    running(
        "production starts without knowing its proxies",
        "lms/settings/production.py",
        "if not LMS_TRUSTED_PROXIES.isdecimal():",
        "if LMS_TRUSTED_PROXIES and not LMS_TRUSTED_PROXIES.isdecimal():",
        f"{HOUSE}test_production_refuses_to_start_half_set_up",
    ),
    running(
        "the example leaves out how many proxies there are",
        ".env.example",
        "LMS_TRUSTED_PROXIES=1\n",
        "",
        f"{HOUSE}test_what_the_environment_may_set_is_in_its_example",
    ),
    running(
        "the cache forgets tries after 300 addresses",
        "lms/settings/base.py",
        '"MAX_ENTRIES": 200_000',
        '"MAX_ENTRIES": 300',
        "tests/lms/test_counting_cache.py::"
        "test_nine_tries_are_remembered_after_5000_other_addresses",
    ),
    running(
        "a restart of PostgreSQL leaves dead connections",
        "lms/settings/base.py",
        '    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True\n',
        "",
        "tests/lms/test_postgresql.py::"
        "test_a_page_waits_for_a_lock_for_seconds_and_its_connection_is_tried",
    ),
    running(
        "a page waits for a lock without end",
        "lms/wsgi.py",
        "limit_waiting()\n",
        "\n",
        "tests/lms/test_postgresql.py::"
        "test_a_page_waits_for_a_lock_for_seconds_and_its_connection_is_tried",
    ),
    running(
        "a probe by IP is no allowed host",
        "lms/settings/base.py",
        '    "lms.web.probes.ProbeMiddleware",\n',
        "",
        "tests/lms/test_probes.py::test_a_probe_by_ip_is_answered",
    ),
    running(
        "a site that cannot save is ready",
        "lms/web/probes.py",
        '"/readyz": lambda: health.can_save(),',
        '"/readyz": lambda: True,',
        "tests/lms/test_probes.py::test_who_cannot_save_lives_and_is_not_ready",
    ),
    running(
        "search engines open the links of emails",
        "lms/web/robots.py",
        '    "/approvals/",\n',
        "",
        "tests/lms/test_robots.py::"
        "test_search_engines_are_asked_to_leave_out_what_is_not_for_everybody",
    ),
]
