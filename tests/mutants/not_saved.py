"""Mutants of what the site says when it cannot save."""

from tests.mutants.mutant import Mutant

HERE = "tests/lms/test_cannot_save.py::"
SAID = HERE + "test_what_cannot_be_saved_is_said_not_to_be"
CACHE, FAULTS, HEALTH = "lms/storage/counting_cache.py", "lms/web/faults.py", "lms/web/health.py"


def not_saved(name, file, old, new, test):
    return Mutant(f"not saved: {name}", file, ((old, new),), test)


MUTANTS = [
    not_saved(
        "what cannot be counted is too many tries",
        CACHE,
        "        if COUNTED not in key:\n",
        "        if key:\n",
        f"{SAID}[read-only]",
    ),
    not_saved(
        "a locked database is a fault",
        FAULTS,
        "        return code & 0xFF in SQLITE_CODES\n",
        "        return code & 0xFF in SQLITE_CODES - {5}\n",
        f"{SAID}[locked]",
    ),
    not_saved(
        "what failed after the page is said not to be saved",
        FAULTS,
        'busy, certain = is_busy(error), getattr(request, "failed_in_its_view", False)',
        "busy, certain = is_busy(error), True",
        f"{HERE}test_what_fails_after_the_page_is_not_said_to_be_unsaved",
    ),
    not_saved(
        "the site is healthy on a full database",
        HEALTH,
        "            session.save(force_insert=True)\n            session.delete()\n",
        "",
        f"{SAID}[full]",
    ),
    not_saved(
        "the site is healthy on a full disk",
        HEALTH,
        "    answer = _has_room() and _writes()\n",
        "    answer = _writes()\n",
        f"{HERE}test_a_disk_with_little_room_is_said_to_be_unavailable",
    ),
]
MUTANTS += [
    Mutant(
        "true words: an agency without a lead is said to be asked",
        "agencies/views/people.py",
        (
            (
                '    asked = post.agency if leads.exists() else "the training office"\n',
                "    asked = post.agency\n",
            ),
        ),
        "tests/test_true_words.py::test_who_is_asked_to_confirm_a_job_is_who_has_the_email[False]",
    ),
    Mutant(
        "true words: an email says today",
        "templates/emails/protocol_withdrawn.txt",
        (("has been withdrawn. It is in force", "was withdrawn today. It is in force"),),
        "tests/test_true_words.py"
        "::test_an_email_says_what_is_so_however_late_it_is_sent[protocol_withdrawn]",
    ),
]
