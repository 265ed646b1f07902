"""Mutants of the registry of personal data and of what is erased in time."""

from tests.mutants.mutant import Mutant

RULES, ERASING = "tests/privacy/test_rules.py", "tests/privacy/test_erasing.py"
COVERAGE = "lms/privacy/coverage.py"
LONG_AGO, OLD = "courses/completion/long_ago.py", "tests/privacy/test_long_ago.py"


def replaced(name, file, old, new, test):
    return Mutant(f"personal data: {name}", file, ((old, new),), test)


MUTANTS = [
    replaced(
        "a model without a rule is not noticed",
        COVERAGE,
        "for label in installed.keys() - rules.keys()",
        "for label in ()",
        f"{RULES}::test_a_model_without_a_rule_fails",
    ),
    replaced(
        "a field without a rule is not noticed",
        COVERAGE,
        "for name in fields.keys() - rule.fields.keys()",
        "for name in ()",
        f"{RULES}::test_a_field_without_a_rule_fails",
    ),
    replaced(
        "a many-to-many without a rule is not noticed",
        COVERAGE,
        "[*model._meta.local_fields, *model._meta.local_many_to_many]",
        "[*model._meta.local_fields]",
        f"{RULES}::test_a_field_without_a_rule_fails[many]",
    ),
    replaced(
        "a key of a person that merging does not know is not noticed",
        COVERAGE,
        "    if is_key and not held.merging:",
        "    if False:",
        f"{RULES}::test_what_names_a_person_says_what_merging_does_to_it",
    ),
    replaced(
        "a number of a person that merging does not know is not noticed",
        COVERAGE,
        "    if is_number and not held.merging:",
        "    if False:",
        f"{RULES}::test_a_number_that_may_be_a_persons_says_what_merging_does_to_it",
    ),
    replaced(
        "a rule for what is gone is not noticed",
        COVERAGE,
        "for name in rule.fields.keys() - fields.keys()",
        "for name in ()",
        f"{RULES}::test_a_rule_for_what_is_gone_fails",
    ),
    replaced(
        "erased though nobody has switched it on",
        "privacy/erasing.py",
        "    if record_type.name not in switched_on():",
        "    if False:",
        f"{ERASING}::test_email_is_deleted_after_24_months_once_the_board_has_switched_it_on",
    ),
    replaced(
        "a night goes on with what was switched off meanwhile",
        "privacy/erasing.py",
        "    if not (record_type.always or kept.is_on):",
        "    if False:",
        f"{ERASING}::test_switched_off_while_it_runs_erases_no_further_batch",
    ),
    replaced(
        "a record type that fails ends it for all",
        "privacy/erasing.py",
        "            first = first or error",
        "            raise",
        f"{ERASING}::test_a_record_type_that_fails_keeps_no_other_waiting",
    ),
    replaced(
        "a batch is not recorded",
        "privacy/erasing.py",
        '        history.record("retention.erased"',
        '        None and history.record("retention.erased"',
        f"{ERASING}::test_each_batch_is_one_transaction_with_one_event_of_numbers_alone",
    ),
    replaced(
        "switched on unseen",
        "privacy/switching.py",
        "    if not _has_seen(record_type, by, seen):",
        "    if False:",
        f"{ERASING}::test_nothing_is_switched_on_unseen_and_what_was_seen_is_of_one_person_type_and"
        "_hour",
    ),
    replaced(
        "what was promised can be switched off",
        "privacy/switching.py",
        "    if record_type.always:",
        "    if False:",
        f"{ERASING}::test_what_was_promised_cannot_be_switched_off",
    ),
    Mutant(
        "personal data: email that waits is deleted",
        "lms/privacy/general.py",
        (
            ("MAIL_KEPT).exclude(state=Mail.QUEUED)", "MAIL_KEPT)"),
            ("pk__in=chosen).exclude(state=Mail.QUEUED)", "pk__in=chosen)"),
        ),
        f"{ERASING}::test_email_is_deleted_after_24_months_once_the_board_has_switched_it_on",
    ),
    replaced(
        "email that was sent again is not deleted",
        "lms/privacy/general.py",
        "        Mail.objects.filter(resend_of__in=chosen).update(resend_of=None)\n",
        "",
        f"{ERASING}::test_email_is_deleted_after_24_months_once_the_board_has_switched_it_on",
    ),
    replaced(
        "links that still work are deleted",
        "lms/privacy/general.py",
        "Q(used_at__lt=before)",
        "Q(used_at__lt=now)",
        f"{ERASING}::test_links_are_deleted_a_year_after_they_were_used_or_expired",
    ),
    replaced(
        "whoever has a job is taken for somebody who left",
        LONG_AGO,
        "        Post.objects.filter(works),\n",
        "",
        f"{OLD}::test_any_activity_since_keeps_everything",
    ),
    replaced(
        "an evidence file that others sent too is deleted",
        LONG_AGO,
        "    for name in set(names) - used:\n",
        "    for name in set(names):\n",
        f"{OLD}::test_a_file_of_evidence_goes_unless_others_sent_the_same",
    ),
    replaced(
        "a promise of the registry is not kept",
        LONG_AGO,
        '    (Mark, "booking__person", Q(), {"corrected_because": ""}),\n',
        "",
        f"{OLD}::test_all_that_the_registry_promises_of_training_records_is_done",
    ),
    replaced(
        "the PDF of an erased certificate stays",
        "certificates/erasing.py",
        "        FILES.delete(name)\n",
        "        pass\n",
        f"{OLD}::test_a_certificate_loses_name_and_pdf_and_can_still_be_checked",
    ),
    replaced(
        "turns of those who had a place are erased",
        LONG_AGO,
        "run__ends_at__lt=now - TURNS_KEPT, confirmed_at=None",
        "run__ends_at__lt=now - TURNS_KEPT",
        f"{OLD}::test_a_turn_on_an_old_waiting_list_can_no_longer_be_seen",
    ),
    replaced(
        "a page of usage reads all pages",
        "lms/paging.py",
        ".distinct()[which]",
        ".distinct()",
        "tests/test_lists.py::test_a_page_of_usage_reads_the_records_of_that_page_alone",
    ),
    replaced(
        "choosers divide in an order that ties",
        "agencies/wagtail_hooks.py",
        "chooser.Paginator = workflows.Paginator = Paginator\n",
        "",
        "tests/test_lists.py::test_no_view_of_wagtail_divides_by_a_paginator_of_another_order",
    ),
]
