"""Mutants of what every mail carries: Reply-To, one charset, a subject of its own, its button."""

from tests.mutants.mutant import Mutant

HEADERS = "tests/lms/test_mail_headers.py"


def replaced(name, file, old, new, test):
    return Mutant(name, file, ((old, new),), test)


MUTANTS = [
    replaced(
        "mail: no address for answers",
        "lms/mail/outbox.py",
        "headers=HEADERS | _reply_to() | kept",
        "headers=HEADERS | kept",
        f"{HEADERS}::test_an_answer_to_any_mail_reaches_the_office",
    ),
    replaced(
        "mail: no address for answers when sent again",
        "lms/mail/outbox.py",
        "headers=_reply_to() | mail.headers",
        "headers=mail.headers",
        f"{HEADERS}::test_a_mail_of_an_older_version_has_it_when_it_is_sent_again",
    ),
    replaced(
        "mail: the charset of a calendar part twice",
        "lms/models.py",
        "    if not parameters:\n",
        "    if True:\n",
        f"{HEADERS}::test_a_calendar_part_names_its_method_and_its_charset_once",
    ),
    replaced(
        "mail: two kinds with one subject",
        "templates/emails/approval_reminder.txt",
        "Still to decide:",
        "Please decide:",
        f"{HEADERS}::test_no_two_kinds_of_mail_have_one_subject",
    ),
    replaced(
        "mail: the sign-in code is not in the subject",
        "agencies/signing_in.py",
        'if code := context.get("code"):',
        'if code := "":',
        "tests/lms/test_account_mails.py::"
        "test_a_sign_in_code_is_large_in_the_page_and_in_the_subject_that_is_sent",
    ),
    replaced(
        "mail: the preferences of Wagtail are the button",
        "templates/wagtailadmin/notifications/base.txt",
        "You can choose which of these emails you get.\n",
        "",
        f"{HEADERS}::test_no_email_of_wagtail_has_its_preferences_as_a_button",
    ),
]
