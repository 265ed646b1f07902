"""Mutants of what keeps one save from undoing another."""

from tests.mutants.mutant import Mutant

HERE = "tests/test_overtaken.py::"
KEPT = HERE + "test_two_changes_made_at_the_same_time_are_both_kept"
RECEIPTS = "tests/protocols/test_overtaken_receipts.py::"
PAGES, PAGE = "tests/lms/test_overtaken_pages.py::", "lms/page_edits.py"
VIEW, FORMS = "agencies/back_office/overtaken.py", "lms/web/overtaken.py"


def overtaken(name, file, old, new, test):
    return Mutant(f"overtaken saves: {name}", file, ((old, new),), test)


MUTANTS = [
    overtaken(
        "one's own autosave of a new page is somebody else's",
        PAGE,
        "        if self.is_own_autosave:\n            return False\n",
        "",
        f"{PAGES}test_a_press_after_ones_own_autosave_of_a_new_page_is_taken",
    ),
    overtaken(
        "another's save of a new page is one's own",
        PAGE,
        '            and sent.get("loaded_revision_id") == str(latest.pk)\n'
        "            and latest.user_id == self.request.user.pk\n",
        "",
        f"{PAGES}test_a_press_after_ones_own_autosave_of_a_new_page_is_taken",
    ),
    overtaken(
        "nothing is compared",
        VIEW,
        "        if not found.is_overtaken:\n",
        "        if found:\n",
        f"{KEPT}[venue/edit/<int:pk>/]",
    ),
    overtaken(
        "the row is not locked",
        VIEW,
        'select_for_update(of=["self"], no_key=True)',
        "all()",
        f"{HERE}test_the_record_is_locked_before_it_is_compared",
    ),
    overtaken(
        "what I did not change goes back to what I saw",
        FORMS,
        "            if _is_changed(form.fields[name], raw, was.get(name))\n",
        "",
        f"{KEPT}[course/edit/<int:pk>/]",
    ),
    overtaken(
        "rows are not compared",
        FORMS,
        "        return any(dict(self.rows[name]) != dict(other.rows[name]) for name in self.rows)",
        "        return False",
        f"{HERE}test_reserves_of_two_people_are_both_kept",
    ),
    overtaken(
        "rows that I added are lost",
        VIEW,
        "        found.lay_on_top(form, formsets)\n",
        "        found.lay_on_top(form, {})\n",
        f"{HERE}test_two_sessions_added_at_the_same_time_are_both_there",
    ),
    overtaken(
        "a second press is refused",
        VIEW,
        "        if shown and found.is_there_already:\n",
        "        if False:\n",
        f"{HERE}test_pressing_twice_saves_once[venue/edit/<int:pk>/]",
    ),
    overtaken(
        "the signature is good for every record",
        VIEW,
        "return f\"{label} {record.pk if record is not None else ''}\"",
        "return label",
        f"{HERE}test_a_signature_of_another_record_is_no_proof",
    ),
    overtaken(
        "a setting's form is not compared",
        "agencies/back_office/recorded.py",
        "class SettingView(OvertakenMixin, EditView)",
        "class SettingView(EditView)",
        f"{HERE}test_every_form_of_a_record_is_tried",
    ),
    overtaken(
        "a page that is saved by hand is not compared",
        PAGE,
        "return self.refused_as_overtaken(form) or super().form_valid(form)",
        "return super().form_valid(form)",
        f"{PAGES}test_a_save_of_an_overtaken_revision_is_refused_and_laid_on_top[StandardPage]",
    ),
    overtaken(
        "a page without a revision is not compared",
        PAGE,
        "return bool(self.latest_revision and self.shown and not known)",
        "return False",
        f"{PAGES}test_a_page_without_a_revision_is_compared_too[StandardPage]",
    ),
    overtaken(
        "a stale page that is put right counts as fresh",
        PAGE,
        "        if not self.is_out_of_date or self.expects_json_response:\n"
        "            return super().form_invalid(form)\n",
        "        if form:\n            return super().form_invalid(form)\n",
        f"{PAGES}test_a_stale_form_that_is_wrong_stays_stale",
    ),
    overtaken(
        "a body that I did not touch goes back to what I saw",
        "lms/web/overtaken_pages.py",
        "if mine[n] != self.shown.get(n) and mine[n] != there[n]",
        "if mine[n] != there[n]",
        f"{PAGES}test_a_body_that_i_did_not_touch_stays_theirs",
    ),
    overtaken(
        "a lead's correction is not compared",
        VIEW,
        "        if not found.is_overtaken or (shown and found.is_there_already):\n",
        "        if sent:\n",
        f"{RECEIPTS}test_corrections_of_two_leads_at_the_same_time_are_both_kept",
    ),
    overtaken(
        "a form that does not say what it showed is taken",
        VIEW,
        "        if not found.is_overtaken:\n            return None\n",
        "        if not found.is_overtaken or not shown:\n            return None\n",
        f"{HERE}test_a_form_that_does_not_say_what_it_showed_is_refused[venue/edit/<int:pk>/-None]",
    ),
    overtaken(
        "a correction that does not say what it showed is taken",
        VIEW,
        "        if not found.is_overtaken or (shown and found.is_there_already):\n",
        "        if not (shown and found.is_overtaken and not found.is_there_already):\n",
        f"{RECEIPTS}test_a_correction_that_does_not_say_what_it_showed_is_refused",
    ),
    overtaken(
        "a page that does not say what it showed is taken",
        PAGE,
        "        return self.shown is None and not (",
        "        return False and not (",
        f"{PAGES}test_a_form_that_does_not_say_what_it_showed_is_refused[StandardPage-None]",
    ),
    overtaken(
        "who changed the joining instructions is not recorded",
        "courses/scheduling/scheduling.py",
        '        "joining_instructions": _digest(run.joining_instructions),\n',
        "",
        "tests/courses/test_scheduling.py"
        "::test_whatever_is_changed_is_in_history_with_who_did_it[joining_instructions]",
    ),
    overtaken(
        "a correction by telephone is not compared",
        "record/telephone/views.py",
        "class CorrectView(OvertakenMixin, ForPersonView):",
        "class CorrectView(ForPersonView):",
        "tests/test_forms_that_overtake.py"
        "::test_every_form_carries_what_it_showed_or_says_why_it_need_not",
    ),
    overtaken(
        "one's own name is not compared",
        "agencies/views/people.py",
        "    form = overtaken.carried_form(request, person, build)\n",
        "    form = build(request.POST or None)\n",
        "tests/agencies/test_overtaken_own.py::test_what_the_office_has_changed_is_said_first[name]",
    ),
]
