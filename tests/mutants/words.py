"""Mutants of the words on screen: taken out, a test of their kind must fail."""

from tests.mutants.mutant import Mutant

WORDS = "tests/test_words_on_screen.py"


def replaced(name, file, old, new, test):
    return Mutant(f"words: {name}", file, ((old, new),), f"{WORDS}::{test}")


MUTANTS = [
    replaced(
        "a menu says mails",
        "agencies/back_office/wording.py",
        'menu_label = "Wording of emails"',
        'menu_label = "Wording of mails"',
        "test_what_code_says_is_in_our_words",
    ),
    replaced(
        "a page says e-mail",
        "templates/components/footer.html",
        ">Email the training office<",
        ">E-mail the training office<",
        "test_what_templates_say_is_in_our_words",
    ),
    replaced(
        "an email greets with a bare name",
        "templates/emails/job_confirmed.txt",
        "Dear {{ name }},",
        "{{ name }},",
        "test_an_email_to_a_person_begins_with_dear",
    ),
    replaced(
        "facts are no table",
        "lms/mail/templates.py",
        "    if FACT.fullmatch(lines[0]):",
        "    if False:",
        "test_an_email_has_one_heading_one_button_and_its_facts_in_a_table",
    ),
    replaced(
        "a title of the back office has the framework's name",
        "templates/wagtailadmin/admin_base.html",
        "{% block branding_title %}",
        "{% block branding %}",
        "test_no_page_of_the_back_office_ends_its_title_with_the_frameworks_name",
    ),
    replaced(
        "a credit has its minus after the pound",
        "lms/formatting.py",
        "{'-' if amount < 0 else ''}£{abs(amount):,.2f}",
        "£{amount:,.2f}",
        "test_a_sum_has_its_sign_before_the_pound",
    ),
    replaced(
        "a main address can be removed",
        "templates/account/email.html",
        '{% if not address.primary %}<button class="govuk-button govuk-button--warning"',
        '{% if True %}<button class="govuk-button govuk-button--warning"',
        "test_only_what_can_be_done_to_an_address_has_a_button",
    ),
    replaced(
        "a wrong code is said below the key",
        "templates/mfa/totp/activate_form.html",
        '  {% include "components/error_summary.html" %}\n',
        "",
        "test_what_is_wrong_is_said_above_the_heading",
    ),
]
