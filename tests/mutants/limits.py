"""Mutants of what is made once, and of how much one caller may ask for."""

from tests.mutants.mutant import Mutant

BY_PERSON = "tests/agencies/test_limits_by_person.py::"
PDF = "tests/protocols/test_pdf_made_once.py::"


def limits(name, file, old, new, test):
    return Mutant(f"limits: {name}", file, ((old, new),), test)


MUTANTS = [
    limits(
        "joining and leaving in a loop emails a lead each time",
        "agencies/views/people.py",
        "    if form.is_valid() and may_join(request, form):\n",
        "    if form.is_valid():\n",
        f"{BY_PERSON}test_saying_and_withdrawing_where_one_works_sends_a_lead_few_emails",
    ),
    limits(
        "a header that cannot be read fails the page",
        "agencies/signing_in.py",
        "        return client_address(request)\n",
        "        return super().get_client_ip(request)\n",
        "tests/lms/test_client_address.py::test_every_page_that_counts_answers",
    ),
    limits(
        "a stranger chooses the address that is counted",
        "lms/web/client_address.py",
        'said.split(",")[-count:][0]',
        'said.split(",")[0]',
        "tests/lms/test_client_address.py::test_only_what_our_own_proxies_added_is_believed",
    ),
    limits(
        "addresses of IPv4 written as IPv6 all share one limit",
        "lms/web/client_address.py",
        "        if found.ipv4_mapped:\n",
        "        if False:\n",
        "tests/lms/test_client_address.py::test_an_address_is_read_however_a_proxy_writes_it",
    ),
    limits(
        "a count that was killed while it was written refuses its person",
        "lms/web/rate_limits.py",
        "    if request.user.is_anonymous:\n        return False\n",
        "    return False\n",
        f"{BY_PERSON}"
        "test_a_count_that_was_killed_while_it_was_written_refuses_nobody_who_is_signed_in",
    ),
    limits(
        "a version's PDF is drawn while somebody waits",
        "protocols/editions/views.py",
        "    if (kept := pdfs.kept_of(edition)) is None:\n",
        "    pdfs.make()\n    if (kept := pdfs.kept_of(edition)) is None:\n",
        f"{PDF}test_before_the_worker_has_made_it_nothing_is_drawn_and_the_page_says_so",
    ),
    limits(
        "versions of before have no PDF for ever",
        "lms/settings/base.py",
        '    "protocols.editions.pdfs.make",\n',
        "",
        "tests/upgrades/test_upgrade.py::"
        "test_the_task_the_job_and_the_mail_that_waited_are_finished",
    ),
    limits(
        "the PDF of a withdrawn version does not say so",
        "protocols/editions/pdfs.py",
        "EditionPdf.objects.up_to_date()",
        "EditionPdf.objects",
        f"{PDF}test_what_is_withdrawn_or_put_back_is_made_again_and_says_so",
    ),
    limits(
        "rows of the cache that are over stay",
        "lms/storage/counting_cache.py",
        "WHERE {expires} < %s",
        "WHERE {expires} > %s",
        "tests/lms/test_counting_cache.py::test_what_is_over_is_deleted_by_night_and_nothing_else",
    ),
    limits(
        "the site map names protocols that were never in force",
        "home/for_machines.py",
        '.exclude(pk__in=never.values("pk"))',
        "",
        "tests/home/test_for_machines.py::"
        "test_the_site_map_has_what_anybody_may_read_and_every_address_answers",
    ),
    limits(
        "tied rows are in no order",
        "lms/paging.py",
        '    return rows.order_by(*order, "-pk"',
        "    return rows.order_by(*order, '?', \"-pk\"",
        "tests/test_long_lists.py::test_walking_through_thousands_of_tied_rows_meets_each_once",
    ),
    limits(
        "the order of the site's history leaves ties",
        "lms/paging.py",
        "if isinstance(rows, QuerySet) and rows.query.combinator:",
        "if False:",
        "tests/test_lists.py::test_a_union_of_tables_is_in_the_order_of_all_that_it_selects",
    ),
    limits(
        "a search that is sorted by a column leaves ties",
        "lms/paging.py",
        "if isinstance(rows, BaseSearchResults):",
        "if False:",
        "tests/test_lists.py::test_what_a_search_found_in_the_order_of_a_column_has_its_key",
    ),
    limits(
        "who has a version's PDF gets it again",
        "protocols/editions/views.py",
        "@condition(etag_func=etag)\n",
        "",
        f"{PDF}test_who_has_it_is_told_that_it_is_the_same_and_others_get_it_in_one_piece",
    ),
    limits(
        "cells that are merged downwards are empty below their first row",
        "lms/spreadsheets/reading.py",
        "cell is None and number <= running[at][0]",
        "False",
        "tests/protocols/test_thresholds_import.py::"
        "test_only_cells_that_are_merged_are_filled_in_a_workbook",
    ),
    limits(
        "everybody of one address shares the limit of sign-ins",
        "lms/settings/base.py",
        '    "login": "600/m/ip",\n',
        '    "login": "30/m/ip",\n',
        f"{BY_PERSON}test_300_of_one_address_sign_in_within_five_minutes_and_one_attacker_is_stopped",
    ),
    limits(
        "one address gets an email for each time that it is typed",
        "agencies/signing_in.py",
        "if request and not rate_limits.may(",
        "if False and not rate_limits.may(",
        f"{BY_PERSON}test_an_address_gets_so_many_emails_an_hour_and_a_day_whoever_asks",
    ),
    limits(
        "people of one address share a limit of searches",
        "lms/web/rate_limits.py",
        'request.user.is_authenticated and "/user" in rates',
        'False and "/user" in rates',
        f"{BY_PERSON}test_searches_and_files_are_limited_for_each_person_alone",
    ),
    limits(
        "files are made without a limit",
        "lms/web/rate_limits.py",
        "if is_export(request) and not",
        "if False and not",
        f"{BY_PERSON}test_searches_and_files_are_limited_for_each_person_alone",
    ),
    limits(
        "places are booked and cancelled without a limit",
        "lms/web/rate_limits.py",
        "if is_booking(request) and not",
        "if False and not",
        f"{BY_PERSON}test_booking_and_cancelling_are_limited_for_each_person",
    ),
    limits(
        "who booked is forgotten with an address never proven",
        "agencies/leaving/unproven.py",
        "            if model is not EmailAddress:\n",
        "            if False:\n",
        f"{BY_PERSON}test_an_account_that_never_proved_its_address_is_forgotten_after_seven_days",
    ),
    limits(
        "a manager whom nobody confirmed gets an email of each booking",
        "courses/booking/booking.py",
        "        manager_emails.refuse_too_many(person, manager_email)\n",
        "",
        "tests/courses/test_manager_emails.py::test_a_loop_of_booking_and_cancelling_ends",
    ),
    limits(
        "accounts that others made are forgotten",
        "agencies/leaving/unproven.py",
        "        ~Exists(made.order_by()),\n",
        "",
        f"{BY_PERSON}"
        "test_an_account_that_others_made_is_kept_though_nothing_refers_to_it_yet[met_in_person]",
    ),
    limits(
        "a stranger who types an address keeps its owner out",
        "agencies/own_account/devices.py",
        'f"{mailbox} {device}" if',
        "mailbox if",
        f"{BY_PERSON}test_nobody_is_kept_out_of_the_browser_in_which_they_sign_in",
    ),
    limits(
        "a stranger uses up the codes of who is signed in",
        "agencies/own_account/devices.py",
        "    if request.user.is_authenticated:\n",
        "    if False:\n",
        f"{BY_PERSON}test_who_is_signed_in_gets_a_code_to_their_own_address_whoever_else_asked",
    ),
    limits(
        "who signed in themself is counted apart for every address",
        "agencies/own_account/devices.py",
        "if people and owned.exists()",
        "if people",
        f"{BY_PERSON}test_who_signed_in_themself_is_no_other_person_and_a_forged_cookie_nobody",
    ),
    limits(
        "a tag makes another mailbox",
        "lms/web/rate_limits.py",
        'name.partition("+")[0] or name',
        "name",
        f"{BY_PERSON}"
        "test_one_mailbox_has_one_count_however_its_address_is_written[victim+{}@example.org]",
    ),
    limits(
        "looking at who would be booked counts as booking",
        "lms/web/rate_limits.py",
        "return is_that_step and match",
        "return match",
        f"{BY_PERSON}test_a_lead_who_looks_before_each_booking_is_limited_by_what_they_book",
    ),
    limits(
        "a tag makes another manager",
        "courses/rules/manager_emails.py",
        "if mailbox_of(named) == mailbox",
        "if named == address",
        "tests/courses/test_manager_emails.py::test_a_tag_behind_the_name_makes_no_other_manager",
    ),
]
