"""Map old dotted paths that database rows may still hold to today's.

Tasks queued by older code run under their new name. Old names work for one release.
"""

TASKS = {
    "courses.awarding.award_certificates": "courses.completion.awarding.award_certificates",
    "lms.nightly.run_checks": "lms.jobs.nightly.run_checks",
}


def current_path(path: str) -> str:
    """Return today's path of a task."""
    return TASKS.get(path, path)
