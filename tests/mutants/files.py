"""Mutants of what reads uploaded files: attendance reports and tables."""

from tests.mutants.mutant import Mutant

REPORTS = "courses/attendance/imports/reports.py"
READ = "tests/courses/test_meeting_reports.py::"

MARKS = "tests/courses/test_meeting_marks.py::"

PAGES = "tests/courses/test_meeting_pages.py::"

READING, TABLES = "lms/spreadsheets/reading.py", "tests/lms/test_tables.py::"


def files(name, file, old, new, test):
    return Mutant(f"files: {name}", file, ((old, new),), test)


MUTANTS = [
    files(
        "a bare duration is taken for minutes",
        REPORTS,
        "    if unit is None:\n",
        "    unit = times.MINUTE\n    if unit is None:\n",
        f"{READ}test_a_bare_duration_whose_unit_is_not_proven_is_refused",
    ),
    files(
        "a time longer than the meeting is taken",
        REPORTS,
        "        if in_all > longest:\n",
        "        if False:\n",
        f"{READ}test_an_impossible_duration_is_refused",
    ),
    files(
        "a report that is read again in another time zone adds up with itself",
        REPORTS,
        "tuple(problems), has_nameless, written)",
        "tuple(problems), has_nameless)",
        f"{MARKS}test_a_report_that_was_read_in_the_wrong_time_zone_counts_as_it_is_read_last",
    ),
    files(
        "a report of before the upgrade adds up with itself",
        "courses/attendance/imports/earlier.py",
        "(but.digest, _digest_of_facts(but))",
        "(but.digest,)",
        f"{MARKS}test_a_report_that_was_kept_by_what_it_says_is_known_again",
    ),
    files(
        "the second report of a session stands alone",
        "courses/attendance/imports/earlier.py",
        "                there[booking].append(attendee)\n",
        "                pass\n",
        f"{MARKS}test_reports_of_one_session_add_up",
    ),
    files(
        "a mark by hand is taken for one of a report",
        "courses/attendance/imports/earlier.py",
        "        return marking.in_words(mark) == words and mark.marked_at <= at\n",
        "        return True\n",
        f"{MARKS}test_a_mark_changed_by_hand_after_a_report_is_kept_from_the_next",
    ),
    files(
        "who registered for a webinar was in it",
        REPORTS,
        ' or row["attended"].lower() == "no":\n',
        ":\n",
        f"{READ}test_zooms_webinar_takes_those_who_attended_and_the_host_leads",
    ),
    files(
        "whose row cannot be read is absent",
        "courses/attendance/imports/marks.py",
        "if says.kind != Kind.PRESENT and any(each.unread for each in attendees):",
        "if False:",
        f"{PAGES}test_nobody_is_absent_for_a_row_that_cannot_be_read",
    ),
    files(
        "a row below an empty line is lost",
        REPORTS,
        "            after_gap = True\n",
        "            headings = None\n",
        f"{READ}test_rows_below_an_empty_or_broken_line_are_read",
    ),
    files(
        "the separator is the sign that is there most often",
        READING,
        "    if found[best] > 1:\n",
        "    best = max(SEPARATORS, key=text.count)\n    if found[best] >= 0:\n",
        f"{TABLES}test_the_headings_decide_what_separates_the_columns",
    ),
    files(
        "quotation marks that are fine are blamed",
        READING,
        "        if wanted.headings and not has_headings:\n",
        "        if False:\n",
        f"{TABLES}test_quotation_marks_are_blamed_only_where_they_are_wrong",
    ),
    files(
        "Excel's days in CSV are refused",
        "protocols/indicators/sheet.py",
        '"%d-%b-%y", ',
        "",
        "tests/protocols/test_thresholds_import.py::test_a_day_is_read_as_it_is_written_here",
    ),
    files(
        "registers are sorted by first name",
        "courses/rules/completion_rule.py",
        "each.person.sort_key, each.pk",
        "each.person.name, each.pk",
        "tests/courses/test_register.py::test_registers_are_sorted_by_last_name",
    ),
    files(
        "what somebody said of their last name sorts nothing",
        "agencies/models.py",
        "names.sort_key(self.name, self.sort_as)",
        "names.sort_key(self.name)",
        "tests/courses/test_register.py::test_registers_sort_people_as_they_said",
    ),
    files(
        "a last name that is no longer theirs sorts them",
        "agencies/accounts.py",
        'person.sort_as if names.has_last_name(name, person.sort_as) else ""',
        "person.sort_as",
        "tests/agencies/test_pages.py::"
        "test_a_new_name_that_lacks_the_last_name_is_sorted_by_its_own",
    ),
    files(
        "the staff list is sorted by first name",
        "agencies/views/lead.py",
        "(by_pk[pk], pk)",
        "pk",
        "tests/agencies/test_pages.py::test_the_staff_list_is_sorted_by_last_name",
    ),
    files(
        "a stay of two days is taken",
        REPORTS,
        "        if stay.end - stay.start > times.A_DAY:\n",
        "        if False:\n",
        f"{READ}test_an_impossible_duration_is_refused",
    ),
    files(
        "two rows without times add up to more than the meeting",
        REPORTS,
        'minutes + people.minutes_so_far(row["name"], row.email)',
        "minutes",
        f"{READ}test_rows_that_are_longer_than_the_meeting_together_are_not_added_up",
    ),
    files(
        "a unit in a heading is known in Zoom's words alone",
        REPORTS,
        'shapes = ("{} ({})", "{} in {}", "{} {}")',
        'shapes = ("{} (x{})",)',
        f"{READ}test_a_heading_proves_the_unit",
    ),
    files(
        "a length as ISO 8601 writes it is not read",
        "courses/attendance/imports/times.py",
        " or ISO_SPENT.fullmatch(said.lower())",
        "",
        f"{READ}test_minutes",
    ),
    files(
        "columns between bars are not told apart",
        READING,
        'SEPARATORS = "\\t;,|"',
        'SEPARATORS = "\\t;,"',
        "tests/protocols/test_thresholds_import.py::"
        "test_known_headings_tell_what_separates_the_columns",
    ),
    files(
        "headings that are said again are a row",
        "protocols/indicators/sheet.py",
        " and not _says_headings(cells)",
        "",
        "tests/protocols/test_thresholds_import.py::test_headings_that_are_said_again_are_no_row",
    ),
    files(
        "a day is read in few shapes",
        "protocols/indicators/sheet.py",
        'BETWEEN.sub("-", BESIDES.sub("", said).strip())',
        'BETWEEN.sub("-", said)',
        "tests/protocols/test_thresholds_import.py::test_a_day_is_read_as_it_is_written_here",
    ),
    files(
        "any packed file is called a damaged workbook",
        READING,
        "    if kinds:\n",
        "    if False:\n",
        "tests/protocols/test_thresholds_import.py::test_another_packed_file_is_called_what_it_is",
    ),
    files(
        "a formula begins behind a sign that nobody sees",
        "lms/spreadsheets/writing.py",
        "value.lstrip(UNSEEN)",
        "value",
        "tests/lms/test_spreadsheets.py::test_nothing_is_calculated_behind_a_sign_that_nobody_sees",
    ),
    files(
        "a control character hides a formula from the check",
        "lms/spreadsheets/writing.py",
        '        value = ILLEGAL_CHARACTERS_RE.sub("", value)\n',
        "",
        "tests/lms/test_spreadsheets.py::test_nothing_is_calculated_behind_a_sign_that_nobody_sees",
    ),
]
