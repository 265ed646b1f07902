"""Test the words of whole kinds of text: templates, sentences in code, emails, page titles."""

import ast
import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from bs4 import BeautifulSoup

from lms.formatting import pounds
from lms.mail import templates
from tests.databases import ROOT
from tests.factories import PostFactory
from tests.test_access_matrix import back_office
from tests.test_house import ROOMS

# In words.md: "email", never "mail" or "e-mail"; sums have a £. The server that takes our emails is
# a mail server to everybody.
NOT_OUR_WORDS = re.compile(
    r"\b(e-mails?|mails?|mailed|mailing|GBP|outbox)\b(?! server)(?!['\"=:_./-])", re.IGNORECASE
)
MARKUP = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]+>", re.DOTALL)
SAID_IN_MARKUP = re.compile(r'(?:aria-label|title|alt|words|about|key|placeholder)="([^"]*)"')
# Names of models and of columns in others' files; what developers and operators read.
IN_CODE = {
    "agencies/apps.py: Mail", "lms/models.py: Mail", "home/demonstration/__init__.py",
    "lms/jobs/worker.py", "lms/mail/models.py", "lms/mail/outbox.py",
    "lms/management/commands/worker.py",
}  # fmt: skip


def sentences_of(source):
    """Yield the strings of a module that could be read: with a space or a capital letter."""
    tree = ast.parse(source)
    defines = ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef
    bodies = [node.body for node in ast.walk(tree) if isinstance(node, defines) and node.body]
    docstrings = {id(body[0].value) for body in bodies if isinstance(body[0], ast.Expr)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        is_read = " " in node.value.strip() or node.value[:1].isupper()
        if is_read and id(node) not in docstrings:
            yield node.value


def read_aloud(template):
    """Return what a template says: its text, and the attributes that are read out."""
    said = " ".join(SAID_IN_MARKUP.findall(template))
    return f"{MARKUP.sub(' ', template)} {said}"


@pytest.mark.parametrize("room", ROOMS)
def test_what_code_says_is_in_our_words(room):
    found = [
        f"{path.relative_to(ROOT)}: {sentence}"
        for path in sorted((ROOT / room).rglob("*.py"))
        if "migrations" not in path.parts
        for sentence in sentences_of(path.read_text())
        if NOT_OUR_WORDS.search(sentence)
    ]
    assert [each for each in found if not each.startswith(tuple(IN_CODE))] == []


def test_what_templates_say_is_in_our_words():
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in sorted((ROOT / "templates").rglob("*"))
        if path.suffix in {".html", ".txt"}
        for match in NOT_OUR_WORDS.finditer(read_aloud(path.read_text()))
    ]
    assert found == []


@pytest.mark.parametrize("kind", templates.kinds())
def test_what_emails_and_their_lists_say_is_in_our_words(kind):
    of = templates.kinds()[kind]
    explained = " ".join(f"{what} {sample}" for what, sample in templates.explained(kind).values())
    words = re.sub(r"https?://\S+", "", f"{of.title} {of.sent} {explained}")
    assert NOT_OUR_WORDS.findall(words) == []


@pytest.mark.parametrize(
    "words",
    ["E-mail address", "Wording of mails", "It was mailed to them.", "Owed: GBP 80", "The outbox"],
)
def test_words_that_are_not_ours_are_found(words):
    assert NOT_OUR_WORDS.search(words)


# Emails to an office, to managers and to addresses whose name we do not know.
TO_NOBODY_BY_NAME = {
    "alerts_confirm", "approval_asked", "approval_reminder", "below_minimum",
    "bookings_without_prerequisite", "check_phone_numbers", "delivery_answered",
    "evaluation_of_manager", "job_waiting", "manager_waiting", "place_waits_for_job",
    "please_tell", "protocol_alert", "runs_miscounted", "trainer_has_left",
}  # fmt: skip


@pytest.mark.parametrize("kind", templates.kinds())
def test_an_email_to_a_person_begins_with_dear(kind):
    begins = templates.ours(kind).text.splitlines()[0]
    assert (begins == "Dear {{ name }},") == (kind not in TO_NOBODY_BY_NAME)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", templates.kinds())
def test_an_email_has_one_heading_one_button_and_its_facts_in_a_table(kind):
    told = {name: sample for name, (_, sample) in templates.explained(kind).items()}
    if told.get("pre_course_link"):
        told["link"] = ""  # never both: the link to join follows the answers
    subject, text = templates.render(kind, told)
    page = BeautifulSoup(templates.as_html(subject, text), "html.parser")
    assert [heading.get_text() for heading in page.find_all("h1")] == [subject]
    assert len(page.find_all("a", style=templates.BUTTON)) <= 1
    facts = [label.get_text() for label in page.find_all("th")]
    assert [name for name in ("Course", "When", "Where") if f"\n{name}: " in text] == [
        label for label in facts if label in ("Course", "When", "Where")
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("When: Monday\nTuesday", [["When", "Monday<br/>Tuesday"]]),
        ("Course: <b>\nWhere: Online", [["Course", "&lt;b&gt;"], ["Where", "Online"]]),
        ("Join here: https://a.example.org/", []),
        ("It has ended. Because: of this", []),
        ("Your place is confirmed.\nWhen: Monday", []),
    ],
)
def test_only_lines_with_a_short_label_are_facts(text, table):
    page = BeautifulSoup(templates.as_html("S", text), "html.parser")
    rows = page.find_all("th")
    assert [[th.get_text(), th.find_next("td").decode_contents()] for th in rows] == table


FAILS_ON_PURPOSE = "cms/failwhale/"


@pytest.mark.parametrize(
    ("amount", "words"), [(80, "£80"), (12.5, "£12.50"), (1020, "£1,020"), (-80, "-£80")]
)
def test_a_sum_has_its_sign_before_the_pound(amount, words):
    assert pounds(amount) == words


def test_no_template_writes_a_time_as_the_framework_does():
    """Fail for "3:18 p.m.": the filter `day_and_time` writes 3:18pm."""
    wrong = re.compile(r"\|\s*(?:date|time):[\"'][^\"']*[aAP][\"']")
    pages = sorted((ROOT / "templates").rglob("*.html"))
    assert [str(path) for path in pages if wrong.search(path.read_text())] == []


# Of the framework's English, what people read on the pages of their own account.
FRAMEWORKS = re.compile(
    r"Make Primary|Re-send|Email Address\b|Addresses\b|Two-Factor|Authenticator App|Activate|"
    r"Recovery Codes|Generate|Sign Out|Confirm Access|reauthenticate|Verify Your|Inactive|"
    r"Incorrect code|This field is required"
)
ACCOUNT = [
    "/accounts/email/", "/accounts/2fa/", "/accounts/2fa/totp/activate/",
    "/accounts/2fa/totp/deactivate/", "/accounts/2fa/recovery-codes/",
    "/accounts/2fa/recovery-codes/generate/", "/accounts/2fa/reauthenticate/",
    "/accounts/logout/", "/accounts/inactive/", "/accounts/check/", "/accounts/file/?of=/x.csv",
    "/my/sessions/",
]  # fmt: skip


OF_AN_APP = {"/accounts/2fa/totp/deactivate/", "/accounts/2fa/recovery-codes/"}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ACCOUNT)
@pytest.mark.parametrize("has_app", [False, True])
def test_pages_of_ones_own_account_are_in_our_words(client, address, has_app):
    person = PostFactory().person
    client.force_login(person)
    if has_app:
        TOTP.activate(person, "A" * 32)
        RecoveryCodes.activate(person)
        proven(client)
    page = client.get(address, follow=True)
    if page.status_code == 404:
        assert not has_app and address in OF_AN_APP
        return
    main = BeautifulSoup(page.content, "html.parser")
    assert not FRAMEWORKS.findall(f"{main.title.get_text()} {main.main.get_text()}")


@pytest.mark.django_db
def test_only_what_can_be_done_to_an_address_has_a_button(client):
    """Show nothing for a main address alone, and each button beside the address it is about."""
    person = PostFactory(person__email="first@example.org").person
    EmailAddress.objects.get_or_create(
        user=person, email="first@example.org", defaults={"primary": True, "verified": True}
    )
    client.force_login(person)
    assert buttons_of(client.get("/accounts/email/")) == []
    EmailAddress.objects.create(user=person, email="second@example.org", verified=True)
    EmailAddress.objects.create(user=person, email="third@example.org", verified=False)
    assert buttons_of(client.get("/accounts/email/")) == [
        "Make this my main address: second@example.org",
        "Remove second@example.org",
        "Send a new code to third@example.org",
        "Remove third@example.org",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("/accounts/email/", {"action_add": "", "email": "x"}),
        ("/accounts/2fa/totp/activate/", {"code": "12"}),
        ("/accounts/2fa/reauthenticate/", {"code": "12"}),
    ],
)
def test_what_is_wrong_is_said_above_the_heading(client, address, sent):
    person = PostFactory().person
    client.force_login(person)
    if "reauthenticate" in address:
        TOTP.activate(person, "A" * 32)
    proven(client)
    page = BeautifulSoup(client.post(address, sent).content, "html.parser")
    assert page.title.get_text().strip().startswith("Error: ")
    [summary] = page.select(".govuk-error-summary")
    assert summary.find_next("h1") is not None
    assert not summary.get_text(" ", strip=True).endswith(".")


def buttons_of(page):
    """List the buttons about single addresses."""
    cards = BeautifulSoup(page.content, "html.parser").select(".govuk-summary-card button")
    return [" ".join(button.get_text().split()) for button in cards]


def proven(client):
    """Note the second factor in the session of the client."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time()}]
    session.save()


@pytest.mark.django_db
@pytest.mark.parametrize("address", [each for each in back_office() if each != FAILS_ON_PURPOSE])
def test_no_page_of_the_back_office_ends_its_title_with_the_frameworks_name(
    client, office, address
):
    office.is_superuser = True
    office.save()
    answer = client.get(f"/{address}")
    if answer.status_code != 200 or "text/html" not in answer.headers["Content-Type"]:
        return
    if (title := BeautifulSoup(answer.content, "html.parser").title) is not None:
        assert not title.get_text().strip().endswith("Wagtail")
