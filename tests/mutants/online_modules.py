"""Mutants of doing online modules: begin, answer, pass, merge, erase."""

from tests.mutants.mutant import Mutant

TESTS = "tests/elearning"
LEARNING, CHECKING = "elearning/learning/learning.py", "elearning/learning/checking.py"
STANDING, NIGHTLY = "elearning/learning/standing.py", "elearning/learning/nightly.py"
GRANTING = "elearning/learning/granting.py"
ENDING, ASKING = "elearning/learning/ending.py", "elearning/learning/asking.py"


def replaced(name, file, old, new, test):
    return Mutant(f"online modules: {name}", file, ((old, new),), f"{TESTS}/{test}")


MUTANTS = [
    replaced(
        "two answers do not take turns",
        CHECKING,
        "@transaction.atomic\ndef give(",
        "def give(",
        "test_learning_races.py::test_an_answer_waits_for_the_one_that_is_being_given",
    ),
    replaced(
        "two who begin do not take turns",
        LEARNING,
        "@transaction.atomic\ndef begin(",
        "def begin(",
        "test_learning_races.py::test_a_module_is_begun_once",
    ),
    replaced(
        "a module is begun twice",
        LEARNING,
        "    return now.live or _begin(now, by)",
        "    return _begin(now, by)",
        "test_learning.py::test_a_module_is_begun_once_however_often_the_button_is_pressed",
    ),
    replaced(
        "followers are not asked",
        STANDING,
        "each.why_not(self.module, self.person) for each in attempt_followers]",
        "each.why_not(self.module, self.person) for each in attempt_followers if False]",
        "test_learning.py::test_a_follower_says_why_not_and_whoever_has_begun_finishes",
    ),
    replaced(
        "a check is begun with lessons left",
        CHECKING,
        "    if not is_done_with_items(attempt):",
        "    if False:",
        "test_learning.py::test_lessons_are_finished_in_any_order_each_once",
    ),
    replaced(
        "a check is drawn twice",
        CHECKING,
        "    if attempt.check_begun_at:\n        return attempt\n",
        "",
        "test_learning_pages.py::test_a_draw_stays_the_same_on_reload_and_a_new_attempt_draws_anew",
    ),
    replaced(
        "an answer is replaced",
        CHECKING,
        "    if answer.given_at:\n        if answer.given != given:",
        "    if False:\n        if answer.given != given:",
        "test_learning_pages.py::test_an_answer_cannot_be_changed_from_another_tab_or_by_back",
    ),
    replaced(
        "a page of another attempt answers",
        "elearning/learning/views/check.py",
        'is_this = request.POST.get("asked", "") == str(shown.pk)',
        "is_this = True",
        "test_learning_pages.py::test_a_tab_of_an_earlier_attempt_answers_no_question_of_the_new_one",
    ),
    replaced(
        "a page of another attempt finishes a lesson",
        "elearning/learning/views/lessons.py",
        'if request.POST.get("attempt") != str(attempt.pk):',
        "if False:",
        "test_learning_pages.py::test_a_page_of_an_ended_attempt_changes_nothing",
    ),
    replaced(
        "an attempt that has ended goes on",
        ENDING,
        "    if fresh.state != State.BEGUN:",
        "    if False:",
        "test_learning.py::test_nothing_is_done_to_an_attempt_that_has_ended",
    ),
    replaced(
        "79.5 per cent are 80",
        "elearning/learning/verdict.py",
        "    score = 100 * right // asked",
        "    score = round(100 * right / asked)",
        "test_verdict.py::test_a_score_is_rounded_down_and_compared_with_the_mark",
    ),
    replaced(
        "some of the right options are enough",
        "elearning/learning/verdict.py",
        "        return sorted(given) == right",
        "        return bool(given) and set(given) <= set(right)",
        "test_verdict.py::test_an_answer_is_right_as_a_whole_or_not_at_all",
    ),
    replaced(
        "what is to be ordered is listed in its order",
        "elearning/learning/draw.py",
        "    return found if found != list(things) else [*found[1:], found[0]]",
        "    return found",
        "test_verdict.py::test_what_is_to_be_ordered_or_matched_is_never_shown_in_its_order",
    ),
    replaced(
        "the page has the key in its values",
        "elearning/learning/forms.py",
        "        self.ask(list(enumerate(question.texts, 1)))",
        "        self.ask(list(zip(question.shown, question.texts, strict=True)))",
        "test_learning_pages.py::test_the_key_is_not_in_the_page_of_a_question",
    ),
    replaced(
        "what is right is told before they have passed",
        ASKING,
        "        told = is_chosen or self._tells_key",
        "        told = True",
        "test_learning_pages.py"
        "::test_what_was_wrong_is_said_with_its_lesson_and_never_what_would_be_right",
    ),
    replaced(
        "there is no pause after a failed check",
        STANDING,
        "if self.again_from and timezone.now() < self.again_from:",
        "if False:",
        "test_learning.py::test_after_a_failed_check_the_lessons_stay_done_and_the_draw_is_new",
    ),
    replaced(
        "attempts are never used up",
        STANDING,
        "        return self.is_between and len(self.failed) >= self.allowed",
        "        return False",
        "test_learning.py"
        "::test_when_attempts_are_used_up_person_and_office_are_told_and_the_office_can_give_one",
    ),
    replaced(
        "a wrong address undoes the last answer",
        "elearning/learning/notices.py",
        "    if outbox.can_reach(attempt.person):",
        "    if attempt.person:",
        "test_learning.py::test_an_address_that_receives_nothing_does_not_undo_the_last_answer",
    ),
    replaced(
        "a pass is done again before its time",
        STANDING,
        "            if timezone.localdate() < again_on:",
        "            if False:",
        "test_learning.py::test_a_pass_is_done_again_only_as_a_refresher_and_stays_as_it_was",
    ),
    replaced(
        "lessons stay done across a major version",
        LEARNING,
        "    if not standing.are_one_line(last.version, attempt.version, now.versions):\n"
        "        return\n",
        "",
        "test_learning.py::test_lessons_stay_done_on_a_newer_version_unless_it_is_major",
    ),
    replaced(
        "an idle hour counts as learning",
        ENDING,
        "gap = min(max(now - attempt.last_at, dt.timedelta()), LONGEST_GAP)",
        "gap = max(now - attempt.last_at, dt.timedelta())",
        "test_learning.py::test_time_is_measured_in_gaps_of_at_most_5_minutes",
    ),
    replaced(
        "a closed module is begun",
        STANDING,
        "if self.newest is None or not (self.module.is_open or self.is_between):",
        "if self.newest is None:",
        "test_learning.py::test_whoever_has_begun_finishes",
    ),
    replaced(
        "a choice is made twice",
        LEARNING,
        "        if chosen[situation] != choice:",
        "        if False:",
        "test_learning.py::test_a_choice_is_made_once_and_only_where_somebody_is",
    ),
    replaced(
        "a scenario is finished without choosing",
        LEARNING,
        '    if item["kind"] == "scenario" and not has_ended(state):',
        "    if False:",
        "test_learning.py::test_a_scenario_is_done_by_choosing_to_its_end",
    ),
    replaced(
        "a minor version ends attempts",
        NIGHTLY,
        "        is_major=True,\n",
        "",
        "test_learning.py::test_neither_a_minor_nor_a_withdrawn_version_ends_an_attempt",
    ),
    replaced(
        "somebody is reminded of what ends tonight",
        NIGHTLY,
        '    return still.exclude(pk__in=due_to_lapse().values("pk")).order_by("pk")',
        '    return still.order_by("pk")',
        "test_learning.py::test_nobody_is_reminded_of_what_is_over",
    ),
    replaced(
        "merged accounts have two live attempts",
        "elearning/merging.py",
        "            self._keep_one_live(moving, module)\n",
        "",
        "test_merging_attempts.py::test_of_two_that_are_begun_the_one_that_is_further_stays",
    ),
    replaced(
        "merged accounts count their rounds apart",
        "elearning/merging.py",
        "            self._count_anew(moving, module)\n",
        "",
        "test_merging_attempts.py::test_all_attempts_are_counted_in_the_order_of_time",
    ),
    replaced(
        "erased answers are counted twice",
        "elearning/privacy.py",
        "        given = [row for row in there if row.given_at]",
        "        given = [row for row in rows if row.given_at]",
        "test_answers_erased.py::test_rows_that_are_handed_over_twice_count_once",
    ),
    replaced(
        "an attempt is given to somebody who has one left",
        GRANTING,
        "    if not now.are_used_up:",
        "    if False:",
        "test_granting.py::test_it_is_given_once_however_often_the_button_is_pressed",
    ),
    replaced(
        "somebody counts their own module as done",
        GRANTING,
        "    if person == by:",
        "    if False:",
        "test_granting.py::test_nobody_gives_themself_an_attempt_or_counts_a_module_as_done",
    ),
    replaced(
        "what was granted is not counted among attempts used up",
        "elearning/models/attempts.py",
        'F("allowed") + F("granted")',
        'F("allowed")',
        "test_granting.py::test_the_list_agrees_with_what_each_is_told",
    ),
    Mutant(
        "online modules: a lead sees what was begun before the job",
        "elearning/models/attempts.py",
        ((', starts_on__lte=OuterRef("begun_on"))', ")"),),
        "tests/courses/test_module_pages.py::test_a_lead_sees_progress_of_their_own_staff_alone",
    ),
    Mutant(
        "online modules: somebody is told each night that a refresher is open",
        "courses/completion/refreshing.py",
        (("        refresher_told_at=None, person__is_active", "        person__is_active"),),
        "tests/courses/test_refreshing.py::test_somebody_is_told_once_on_the_day_on_which_it_opens",
    ),
    Mutant(
        "online modules: a module without a version is chosen for a course",
        "courses/rules/kinds.py",
        (("    if not module.versions.not_withdrawn().exists():", "    if False:"),),
        "tests/courses/test_module_form.py"
        "::test_a_module_that_cannot_be_done_is_refused_at_its_field",
    ),
]
