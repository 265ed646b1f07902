"""Mutants of what keeps an account, its sessions and its files to their owner."""

from tests.mutants.mutant import Mutant

OWN = "tests/agencies/test_own_account.py"
SESSIONS = "tests/agencies/test_sessions.py"
VERBS = "agencies/own_account/sessions.py"


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
    replaced(
        "nobody is signed out for using nothing",
        VERBS,
        "return IDLE if idle_for >= _idle_seconds() else",
        "return",
        "test_who_has_power_over_others_is_signed_out_after_two_hours_without_use[lead]",
        SESSIONS,
    ),
    replaced(
        "a busy session lasts for ever",
        VERBS,
        "        return TOO_LONG\n",
        '        return ""\n',
        "test_they_are_signed_out_twelve_hours_after_signing_in_however_busy[staff]",
        SESSIONS,
    ),
    replaced(
        "trainers are like anybody",
        "courses/apps.py",
        "        POWERS.append(keeps_registers)\n",
        "",
        "test_who_has_power_over_others_is_signed_out_after_two_hours_without_use[trainer]",
        SESSIONS,
    ),
    replaced(
        "a ping is use",
        "agencies/own_account/middleware.py",
        ' or request.path.startswith(f"{BACK_OFFICE}editing-sessions/")',
        "",
        "test_what_a_page_sends_by_itself_is_no_use[ping]",
        SESSIONS,
    ),
    replaced(
        "an autosave is use",
        "agencies/own_account/middleware.py",
        " and not request.path.startswith(BACK_OFFICE)",
        "",
        "test_what_a_page_sends_by_itself_is_no_use[autosave]",
        SESSIONS,
    ),
    replaced(
        "use makes a session last longer than 14 days",
        VERBS,
        "    session.set_expiry(max(1, round(began + settings.SESSION_COOKIE_AGE - now)))\n",
        "",
        "test_others_stay_for_fourteen_days_and_not_longer_for_using_it",
        SESSIONS,
    ),
    replaced(
        "the session of another can be ended",
        "agencies/own_account/models.py",
        "person=viewer, session__expire_date__gt",
        "session__expire_date__gt",
        "test_everybody_sees_their_own_sessions_and_ends_one_or_all_others",
        SESSIONS,
    ),
    replaced(
        "a second factor is asked of nobody outside the back office",
        "agencies/middleware.py",
        "return self.to_second_factor(request) if sessions.has_power(request.user) else None",
        "return None",
        "test_the_board_can_ask_trainers_and_leads_for_a_second_factor[trainer]",
        SESSIONS,
    ),
    replaced(
        "browsers keep what they showed to who was signed in",
        "agencies/own_account/middleware.py",
        "            patch_cache_control(response, private=True, no_store=True)\n",
        "            pass\n",
        "test_back_after_signing_out_shows_nothing_of_the_account[/agency/]",
        "tests/browser/test_signing_out.py",
    ),
    replaced(
        "nobody hears of refusals",
        "agencies/own_account/audit.py",
        "        if is_refused(request, response):\n",
        "        if False:\n",
        "test_a_refusal_within_the_back_office_is_recorded",
        "tests/agencies/test_audit.py",
    ),
    replaced(
        "each press on what is refused is recorded",
        "agencies/own_account/audit.py",
        "if cache.add(",
        "if cache.get_or_set(",
        "test_a_refusal_is_recorded_once_in_five_minutes_without_keys[the back office]",
        "tests/agencies/test_audit.py",
    ),
    replaced(
        "the first administrator must prove their address by a second code",
        "lms/management/commands/createsuperuser.py",
        "primary=True, verified=True",
        "primary=True, verified=False",
        "test_one_code_and_no_password_signs_the_first_administrator_in",
        "tests/agencies/test_createsuperuser.py",
    ),
    replaced(
        "each address of Wagtail's names a draft to board members",
        "protocols/back_office/secret_drafts.py",
        "        if named and secrecy.secret_drafts().filter(pk__in=named).exists():\n",
        "        if False:\n",
        "test_no_address_tells_the_title_of_a_draft[Board members]",
        "tests/protocols/test_secret_drafts.py",
    ),
    replaced(
        "a course names a draft to administrators",
        "courses/back_office/catalogue/catalogue.py",
        "        if page.live or self.shows_drafts:\n",
        "        if True:\n",
        "test_an_administrator_keeps_a_draft_with_its_course_without_reading_its_title",
        "tests/protocols/test_secret_drafts.py",
    ),
    replaced(
        "documents of drafts are public",
        "protocols/wagtail_hooks.py",
        "and secrecy.is_of_draft(document):\n",
        "and False:\n",
        "test_a_document_of_a_draft_is_for_the_office_alone[drafted_again]",
        "tests/protocols/test_secret_drafts.py",
    ),
]
