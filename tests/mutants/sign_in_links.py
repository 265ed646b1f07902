"""Mutants of the link that signs a caller in once."""

from tests.mutants.mutant import Mutant

TESTS = "tests/agencies/test_sign_in_links.py"
VERBS = "agencies/sign_in_links/sign_in_links.py"
DIES = "test_an_old_link_dies_when_another_is_sent_or_the_account_changes"


def replaced(name, file, old, new, test):
    return Mutant(f"sign-in link: {name}", file, ((old, new),), f"{TESTS}::{test}")


MUTANTS = [
    replaced("it lives on", VERBS, "    links.revoke(person, PURPOSE)\n", "", f"{DIES}[newer]"),
    replaced(
        "an address that was changed and changed back leaves it",
        "agencies/accounts.py",
        "        links.revoke(person, SIGN_IN_LINK)\n",
        "        pass\n",
        f"{DIES}[corrected_there_and_back]",
    ),
    replaced(
        "it signs in whoever has another address now",
        VERBS,
        " or person.email != link.sent_to:",
        ":",
        f"{DIES}[changed_by_the_person]",
    ),
    replaced(
        "it signs in a closed account",
        VERBS,
        "not access.may_sign_in(person) or person.email",
        "person.email",
        f"{DIES}[invented]",
    ),
    replaced(
        "it is good for longer",
        VERBS,
        "dt.timedelta(minutes=60)",
        "dt.timedelta(minutes=90)",
        "test_it_is_good_for_60_minutes",
    ),
    replaced(
        "it works twice",
        VERBS,
        "    links.redeem(link)\n",
        "",
        "test_opening_shows_whom_it_signs_in_and_the_button_does_so_once_in_any_browser",
    ),
    replaced(
        "it passes by the second factor",
        "agencies/sign_in_links/views.py",
        "    return perform_login(request, Login(user=person, email=email))",
        "    from allauth.account.adapter import get_adapter\n\n"
        "    get_adapter().login(request, person)\n"
        '    return render(request, "agencies/sign_in_link.html", {})',
        "test_staff_still_give_their_second_factor",
    ),
    replaced(
        "opening it signs in",
        "agencies/sign_in_links/views.py",
        '    if request.method == "POST" and not refused:',
        "    if not refused:",
        "test_opening_shows_whom_it_signs_in_and_the_button_does_so_once_in_any_browser",
    ),
    replaced(
        "any number an hour",
        VERBS,
        "MOST_AN_HOUR = 3",
        "MOST_AN_HOUR = 9",
        "test_three_an_hour_are_sent_to_a_person",
    ),
    replaced(
        "the office has it sent elsewhere",
        VERBS,
        'letter.template in ("", KIND)',
        "not letter.template",
        "test_staff_neither_read_the_link_nor_have_it_sent_elsewhere",
    ),
]
