"""Mutants of the register: one bad line keeps no other back, and nobody completes by mistake."""

from tests.mutants.mutant import Mutant

PAGES = "tests/courses/test_register_pages.py"
COUNTING = "tests/courses/test_counting_complete.py"


def replaced(name, file, old, new, test):
    return Mutant(f"register: {name}", file, ((old, new),), test)


TAPS = "tests/browser/test_register_taps.py"


MUTANTS = [
    replaced(
        "a tap is not kept on the device",
        "styles/register.js",
        "Promise.all([keeping, change(marks, gone)])",
        "Promise.all([keeping])",
        f"{TAPS}::test_taps_that_cannot_be_sent_outlive_a_walk_in_and_a_kill",
    ),
    replaced(
        "the store is opened anew for each tap",
        "styles/register/queue.js",
        "  opened = database;\n",
        "",
        f"{TAPS}::test_a_page_that_is_left_at_once_takes_the_last_tap_along",
    ),
    replaced(
        "taps wait until Save is pressed",
        "styles/register.js",
        "    keepRow(row, { isTyping });\n    show();\n    sendSoon();\n",
        "    keepRow(row, { isTyping });\n    show();\n",
        f"{TAPS}::test_taps_are_sent_without_save_and_are_there_after_a_walk_in_and_a_kill",
    ),
    replaced(
        "who lacks minutes keeps all waiting",
        "styles/register.js",
        "    if (isToBeSent) return;\n",
        "    if (isToBeSent || lacking().length) return;\n",
        f"{TAPS}::test_who_lacks_minutes_keeps_nobody_waiting[late]",
    ),
    replaced(
        "what was sent is not on the page that is kept",
        "styles/register.js",
        "(mark.settled && !data.kept)",
        "mark.settled",
        f"{TAPS}::test_a_register_that_was_saved_is_whole_without_a_network",
    ),
    replaced(
        "an error of the server is not said",
        "styles/register/sending.js",
        '{ hindered: "error" }',
        '{ hindered: "no network" }',
        f"{TAPS}::test_an_error_of_the_server_is_said_and_the_marks_wait",
    ),
    replaced(
        "each tap is heard",
        "styles/register.js",
        "    sayWhenQuiet();\n",
        "    if (isTakenOver && isToBeHeard) say(sentence());\n",
        f"{TAPS}::test_taps_are_heard_once_when_they_are_saved",
    ),
    replaced(
        "one wrong line of the form keeps all back",
        "courses/attendance/views/register.py",
        "session, form.altered(), expected=form.expected, rest",
        "session, {} if form.errors else form.altered(), expected=form.expected, rest",
        f"{PAGES}::test_wrong_minutes_are_told_kept_on_the_form_and_keep_no_other_back",
    ),
    replaced(
        "one who lost the place keeps all back",
        "courses/attendance/register.py",
        "if pk not in refused and marking.as_marked",
        "if not refused and marking.as_marked",
        f"{PAGES}::test_who_cancelled_meanwhile_is_named_and_the_other_marks_are_still_there",
    ),
    replaced(
        "one slip of the keys keeps all back",
        "courses/attendance/views/paper.py",
        "session, form.seen, expected",
        "session, {} if form.errors else form.seen, expected",
        "tests/courses/test_typing.py::test_a_slip_is_told_on_its_line_and_keeps_no_other_back",
    ),
    replaced(
        "one wrong line keeps every correction back",
        "courses/attendance/views/register.py",
        'if form.is_valid() or (form.is_bound and "reason" not in form.errors):',
        "if form.is_valid():",
        "tests/courses/test_register_corrections.py"
        "::test_a_line_with_an_error_keeps_no_other_correction_back",
    ),
    replaced(
        "a mark that the page has just saved counts as somebody else's",
        "courses/attendance/forms/register.py",
        ' or str(self.entered.get(pk, "")) == there',
        "",
        f"{PAGES}::test_wrong_minutes_are_told_kept_on_the_form_and_keep_no_other_back",
    ),
    replaced(
        "all others present takes in who lacks a valid mark",
        "courses/attendance/forms/register.py",
        "        chosen = self._posted()\n",
        "        chosen = self.entered\n",
        f"{PAGES}::test_a_choice_that_there_is_not_marks_nobody_and_keeps_no_other_back",
    ),
    replaced(
        "a sent mark with an id of another register is taken",
        "courses/attendance/offline.py",
        "return Answer(before.state) if is_same else Answer(REFUSED, USED_ELSEWHERE)",
        "return Answer(before.state)",
        "tests/courses/test_register_sent.py"
        "::test_an_id_used_for_something_else_is_refused_and_keeps_no_other_back",
    ),
    replaced(
        "signing off while a session runs asks nobody",
        "courses/attendance/views/register.py",
        'request.method == "POST" and (ends_at is None or "sure" in request.POST)',
        'request.method == "POST"',
        f"{PAGES}::test_while_a_session_runs_signing_off_asks_and_says_what_follows",
    ),
    replaced(
        "signing off asks after the end too",
        "courses/attendance/register.py",
        "if each.starts_at <= now < each.ends_at]",
        "if each.starts_at <= now]",
        f"{PAGES}::test_after_the_end_signing_off_does_not_ask",
    ),
    replaced(
        "who was never there counts as complete",
        "courses/attendance/counting.py",
        "    if not line.came:\n",
        "    if False:\n",
        f"{COUNTING}::test_it_is_refused_for_whom_it_is_not_meant",
    ),
    replaced(
        "who is absent now still counts as complete",
        "courses/rules/completion_rule.py",
        "bool(self.booking.complete_because) and self.came",
        "bool(self.booking.complete_because)",
        f"{COUNTING}::test_marked_absent_before_signing_off_it_does_not_count",
    ),
    replaced(
        "a correction to absent leaves the old reason",
        "courses/attendance/register.py",
        "    counted.take_off(gone, by=by)\n",
        "",
        f"{COUNTING}::test_a_correction_that_leaves_too_little_keeps_it_and_one_to_absent_ends_it",
    ),
    replaced(
        "taken back after signing off, the certificate stays",
        "courses/attendance/counting.py",
        "        counted.take_off([line.booking], by=by)\n        if run.closed_at:\n",
        "        counted.take_off([line.booking], by=by)\n        if False:\n",
        f"{COUNTING}::test_taken_back_it_loses_the_completion_and_the_certificate_with_the_reason",
    ),
    replaced(
        "anybody counts as complete",
        "courses/attendance/counting.py",
        "Run.objects.registers_of(by).lock(booking.run)",
        "Run.objects.lock(booking.run)",
        f"{COUNTING}::test_who_lost_the_place_and_who_does_not_keep_the_register",
    ),
    replaced(
        "a walk-in's name is optional",
        "courses/attendance/forms/register.py",
        'self.fields["name"].required = self.fields["agency"].required = True',
        "pass",
        "tests/courses/test_register_walk_ins.py"
        "::test_the_page_asks_for_the_name_and_agency_of_whom_it_does_not_know",
    ),
    replaced(
        "signing off leaves the reason of a time that is gone",
        "courses/attendance/register.py",
        "        _count_no_longer(lines, by=by)\n        completions",
        "        completions",
        f"{COUNTING}::test_marked_absent_before_signing_off_it_does_not_count",
    ),
]
