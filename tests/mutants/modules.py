"""Mutants of how online modules are written, issued and given out."""

from tests.mutants.mutant import Mutant

EDITOR = "tests/elearning/test_editor.py::"
OFFICE = "tests/elearning/test_versions_office.py::"
RANGES, SERVED = "lms/storage/ranges.py", "tests/elearning/test_ranges.py::"
ISSUING = "elearning/authoring/issuing.py"
FILES = "elearning/authoring/views.py"
MERGING = "lms/streams/merging.py"
TOGETHER = EDITOR + "test_two_who_write_at_once_undo_nothing_of_each_other"


def modules(name, file, old, new, test):
    return Mutant(f"modules: {name}", file, ((old, new),), test)


MUTANTS = [
    modules(
        "a draft that nobody looked at is issued",
        ISSUING,
        "    if seen and seen != now:\n",
        "    if False:\n",
        OFFICE + "test_what_was_not_looked_at_is_not_issued",
    ),
    modules(
        "a version is issued of nothing new",
        ISSUING,
        "    if last and last.withdrawn_at is None and last.sha256 == sha256:\n",
        "    if False:\n",
        "tests/elearning/test_issuing.py::test_a_version_is_issued_only_of_what_has_changed",
    ),
    modules(
        "a video is issued without captions",
        ISSUING,
        "        yield from why_not_ready(recording)\n",
        "        pass\n",
        OFFICE + "test_all_that_is_missing_is_said_at_once",
    ),
    modules(
        "a version shows the pictures of the back office",
        "elearning/authoring/drawing.py",
        "copies.led_to(html, found, FILES)",
        "html",
        OFFICE + "test_a_version_keeps_its_files_whatever_becomes_of_the_originals",
    ),
    modules(
        "an answer is as long as is asked for",
        RANGES,
        ", first + MOST - 1)",
        ")",
        SERVED + "test_a_video_is_played_in_parts_to_its_end",
    ),
    modules(
        "past the end is served",
        RANGES,
        "    if first >= size:\n",
        "    if False:\n",
        SERVED + "test_a_range_is_at_most_as_long_as_one_answer",
    ),
    modules(
        "a range of another file is mixed in",
        RANGES,
        '    if request.headers.get("If-Range", etag) != etag:\n',
        "    if False:\n",
        SERVED + "test_a_file_is_served_whole_and_kept_for_ever",
    ),
    modules(
        "the beginning of an address finds a file",
        FILES,
        "    if not kept or mark != kept.mark:\n",
        "    if not kept:\n",
        SERVED + "test_an_address_that_is_guessed_finds_nothing",
    ),
    modules(
        "a page runs on this site",
        FILES,
        "    is_shown = kept.content_type in SHOWN\n",
        "    is_shown = True\n",
        SERVED + "test_what_could_run_on_this_site_is_given_out_to_keep",
    ),
    modules(
        "a recording of a draft is for everybody",
        FILES,
        'user_has_permission(request.user, "view")',
        "actions",
        SERVED + "test_a_recording_that_is_in_no_version_is_for_the_office",
    ),
    modules(
        "what the other added is lost",
        MERGING,
        "        if key not in mine and differs(part):\n",
        "        if False:\n",
        TOGETHER,
    ),
    modules(
        "what I did not change goes back to what I saw",
        MERGING,
        "    return entered if is_mine else now\n",
        "    return entered\n",
        TOGETHER,
    ),
    modules(
        "what the other removed comes back",
        MERGING,
        "        elif differs(part):  # ",
        "        else:  # ",
        TOGETHER,
    ),
    modules(
        "a stream that was cut off is taken for empty",
        "lms/web/overtaken.py",
        "    except (KeyError, ValueError):\n        return True\n",
        "    except (KeyError, ValueError):\n        return False\n",
        EDITOR + "test_a_stream_that_was_cut_off_stays_as_it_is",
    ),
    modules(
        "questions go into another module",
        "elearning/back_office/bringing.py",
        " into {self.module.pk}",
        "",
        "tests/elearning/test_importing.py::test_questions_of_another_module_or_person_are_refused",
    ),
    modules(
        "questions are brought in twice",
        "elearning/authoring/importing/bringing.py",
        "        if said not in asked:\n",
        "        if said:\n",
        "tests/elearning/test_importing.py::test_pressed_twice_nothing_is_there_twice",
    ),
    modules(
        "part marks are taken for right",
        "elearning/authoring/importing/questions.py",
        "        if len(right) != 1 or not whole:\n",
        "        if False:\n",
        "tests/elearning/test_importing.py::"
        "test_what_moodle_has_more_of_is_left_out_with_its_reason",
    ),
    modules(
        "a quote is of any words",
        "elearning/authoring/blocks.py",
        'alike(value["text"]) not in alike(edition.html)',
        "not edition.html",
        "tests/elearning/test_recordings.py::test_a_quote_is_in_the_version_that_it_names",
    ),
]
