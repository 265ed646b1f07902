"""Mutants of what keeps an account, its sessions and its files to their owner."""

from tests.mutants.mutant import Mutant

OWN = "tests/agencies/test_own_account.py"


def replaced(name, file, old, new, test, tests=OWN):
    return Mutant(f"accounts: {name}", file, ((old, new),), f"{tests}::{test}")


MUTANTS = [
    replaced(
        "addresses are changed without a proof",
        "agencies/signing_in.py",
        "            raise ReauthenticationRequired\n",
        "            pass\n",
        "test_a_session_that_is_open_changes_no_address[make main]",
    ),
    replaced(
        "signing in is a proof for addresses",
        "agencies/signing_in.py",
        "after_sign_in=app != SECOND_FACTOR",
        "after_sign_in=False",
        "test_a_session_that_is_open_changes_no_address[remove]",
    ),
    replaced(
        "a proof lasts for ever",
        "agencies/own_account/proving.py",
        "not 0 <= age < app_settings.REAUTHENTICATION_TIMEOUT",
        "not proofs",
        "test_after_the_code_the_change_is_made_without_asking_again_for_an_hour[remove]",
    ),
    replaced(
        "a removed address is not told",
        "agencies/own_account/addresses.py",
        "[user.email, *gone])",
        "[user.email])",
        "test_both_addresses_are_told_and_history_keeps_it[remove-person.address_removed-both2]",
    ),
    replaced(
        "the office changes an address in silence",
        "agencies/accounts.py",
        "        addresses.tell_main_address(person, before.email, person.email)\n",
        "",
        "test_both_addresses_are_told_when_the_office_changes_one",
    ),
    replaced(
        "lists are given to any session",
        "agencies/own_account/middleware.py",
        "        if proving.is_due(request, after_sign_in=False):\n",
        "        if False:\n",
        "test_no_list_of_the_back_office_is_given_later_without_a_proof[csv]",
    ),
    replaced(
        "a code of somebody else in the same browser is taken",
        "agencies/own_account/proving.py",
        ' or state.get("user_id") != str(request.user.pk)',
        "",
        "test_the_code_of_one_person_is_none_for_another_in_the_same_browser",
    ),
]
