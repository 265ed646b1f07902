"""Test the words of whole kinds of text: templates, sentences in code, emails, page titles."""

import ast
import re

import pytest
from bs4 import BeautifulSoup

from lms.formatting import pounds
from lms.mail import templates
from tests.databases import ROOT
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
    "protocol_alert", "runs_miscounted", "trainer_has_left",
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
