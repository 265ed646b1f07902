"""Dotted paths that rows of the database may still hold, and what they are called today.

A task that older code has queued is run under its new name. Old names work for one release.
"""

TASKS = {
    "courses.awarding.award_certificates": "courses.completion.awarding.award_certificates",
    "lms.nightly.run_checks": "lms.jobs.nightly.run_checks",
}


def current_path(path: str) -> str:
    """Return the path that a task has today."""
    return TASKS.get(path, path)
