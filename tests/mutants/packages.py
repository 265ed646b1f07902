"""Mutants of packages: what is refused, what is saved, and who is let near."""

from tests.mutants.mutant import Mutant

TESTS = "tests/elearning/packages"
ARCHIVE, MANIFEST = "elearning/packages/archive.py", "elearning/packages/manifest.py"
BRINGING, VERDICT = "elearning/packages/bringing.py", "elearning/packages/verdict.py"
SAVING, HOSTING = "elearning/playing/saving.py", "elearning/playing/hosting.py"
PLAYING = "test_playing.py"


def replaced(name, file, old, new, test):
    return Mutant(f"packages: {name}", file, ((old, new),), f"{TESTS}/{test}")


MUTANTS = [
    replaced(
        "reports do not take turns",
        SAVING,
        "@transaction.atomic\ndef _take(",
        "def _take(",
        "test_playing_races.py::test_an_old_window_that_waits_for_a_new_one_is_refused",
    ),
    replaced(
        "half of a sign reaches the database",
        SAVING,
        '.encode(errors="replace").decode()',
        "",
        f"{PLAYING}::test_text_that_no_database_keeps_stops_nothing",
    ),
    replaced(
        "a score may be no number",
        "elearning/playing/reports.py",
        "    return number if math.isfinite(number) else None",
        "    return number",
        f"{PLAYING}::test_a_score_that_is_no_number_stops_nothing",
    ),
    replaced(
        "what is read again is opened",
        SAVING,
        "    if attempt.state != State.BEGUN:\n        found = attempt",
        "    if False:\n        found = attempt",
        f"{PLAYING}::test_what_is_read_again_changes_nothing_of_the_attempt",
    ),
    replaced(
        "a zip without a row stays",
        BRINGING,
        "        storage.delete(package.upload_path)\n        raise",
        "        raise",
        "test_bringing_in.py::test_a_file_whose_row_cannot_be_written_is_deleted",
    ),
    replaced(
        "a path may climb out",
        ARCHIVE,
        'leads_out = path.startswith("/") or ".." in parts or "\\0" in path',
        'leads_out = path.startswith("/") or "\\0" in path',
        "test_archives.py::test_a_bad_zip_is_refused_with_its_own_sentence",
    ),
    replaced(
        "sizes are believed",
        ARCHIVE,
        "                    if self.read_bytes > MOST_UNPACKED:",
        "                    if False:",
        "test_archives.py::test_sizes_are_counted_while_a_file_is_read",
    ),
    replaced(
        "links are files",
        ARCHIVE,
        "    if stat.S_ISLNK(entry.external_attr >> 16):",
        "    if False:",
        "test_archives.py::test_a_bad_zip_is_refused_with_its_own_sentence",
    ),
    replaced(
        "a resource may be elsewhere",
        MANIFEST,
        "    if split.scheme or split.netloc:\n        return None",
        "    if split.scheme or split.netloc:\n        return href",
        "test_manifests.py::test_a_manifest_that_cannot_be_played_is_refused",
    ),
    replaced(
        "half of a package is noted",
        BRINGING,
        "            files = list(_unpack(archive, package, storage))",
        "            files = list(_unpack(archive, package, storage))[:1]",
        "test_bringing_in.py::test_a_package_is_brought_in_with_its_parts",
    ),
    replaced(
        "files of a bad package stay",
        BRINGING,
        "    for name in _names_below(storage, package.sha256):\n        storage.delete(name)\n",
        "",
        "test_bringing_in.py::test_nothing_of_one_that_is_found_bad_in_the_worker_is_kept",
    ),
    replaced(
        "files of another module go with a bad package",
        BRINGING,
        "    if not folder or Package.objects.filter(sha256=folder, state=State.READY).exists():",
        "    if not folder:",
        "test_bringing_in.py::test_a_bad_one_leaves_the_same_package_of_another_module_alone",
    ),
    replaced(
        "a low score that is called completed is done",
        VERDICT,
        "        return Verdict.PASSED if score >= mark else Verdict.FAILED\n"
        "    return Verdict.NOT_YET\n\n\ndef of_part_2004",
        "        return Verdict.PASSED\n    return Verdict.NOT_YET\n\n\ndef of_part_2004",
        "test_verdicts.py::test_scorm_12",
    ),
    replaced(
        "an older message replaces a newer one",
        SAVING,
        "        if number <= state.sequences.get(element, 0):\n            continue\n",
        "",
        f"{PLAYING}::test_messages_that_arrive_out_of_order_leave_the_newest",
    ),
    replaced(
        "two windows report at once",
        SAVING,
        "    if str(fresh.session) != session:",
        "    if False:",
        f"{PLAYING}::test_a_second_window_takes_over_and_the_first_is_refused",
    ),
    replaced(
        "what comes after a pass counts",
        SAVING,
        "    if fresh.state != State.BEGUN:\n        return fresh\n",
        "",
        f"{PLAYING}::test_failing_after_a_pass_changes_nothing",
    ),
    replaced(
        "an idle hour counts",
        SAVING,
        "    gap = min(max(now - (state.last_at or now), dt.timedelta()), LONGEST_GAP)",
        "    gap = max(now - (state.last_at or now), dt.timedelta())",
        f"{PLAYING}::test_an_idle_hour_adds_at_most_five_minutes",
    ),
    replaced(
        "anybody saves",
        HOSTING,
        '    if request.headers.get("Origin") != settings.CONTENT_ORIGIN:',
        "    if False:",
        f"{PLAYING}::test_saving_asks_for_the_runners_origin_and_session",
    ),
    replaced(
        "tokens last for ever",
        "elearning/playing/tokens.py",
        "    return None if is_over else Play(attempt, item, folder, token)",
        "    return Play(attempt, item, folder, token)",
        f"{PLAYING}::test_a_token_that_is_altered_or_over_opens_nothing",
    ),
    replaced(
        "a long range is answered whole",
        "lms/storage/ranges.py",
        "    return first, min(last, size - 1, first + MOST - 1)",
        "    return first, min(last, size - 1)",
        f"{PLAYING}::test_what_a_long_range_asks_for_is_cut",
    ),
    replaced(
        "the site's pages answer on the content host",
        "elearning/playing/content_urls.py",
        "urlpatterns = [",
        'from django.urls import include\nurlpatterns = [\n    path("", include("lms.urls")),',
        f"{PLAYING}::test_the_content_host_serves_its_addresses_alone",
    ),
]
