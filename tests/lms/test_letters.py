"""Tests of how mail templates, wordings and contexts are rendered."""

from pathlib import Path

import pytest

from lms.mail import outbox, templates
from lms.mail.templates import MailText
from lms.models import Mail, Wording
from tests.factories import PersonFactory

pytestmark = pytest.mark.django_db
EMAILS = Path("templates/emails")
KINDS = sorted(path.stem for path in EMAILS.glob("*.txt"))


def samples(kind):
    return {name: sample for name, (_, sample) in templates.explained(kind).items()}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_what_its_notice_tells_and_what_it_must(kind):
    """Fail for a template that templates/emails/kinds.toml does not list."""
    words, of = templates.ours(kind), templates.kinds()[kind]
    assert words.names <= set(of.placeholders)
    assert set(of.required) <= words.names
    subject, text = templates.render(kind, samples(kind))
    assert "{" not in subject + text


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_has_placeholders_and_nothing_else(kind):
    text = (EMAILS / f"{kind}.txt").read_text()
    assert "{%" not in text
    assert text.count("{{") == len(templates.PLACEHOLDER.findall(text))


def test_a_line_is_left_out_when_what_it_names_is_empty():
    words = MailText(
        "Hello", "When: {{ when }}\nWhere: {{ where }}, {{ room }}\n\nNote: {{ note }}\n\nBye"
    )
    told = {"when": "today", "where": "here", "room": " ", "note": ""}
    assert templates.fill(words, told) == ("Hello", "When: today\n\nBye\n")


def test_what_is_told_is_words_and_never_a_placeholder():
    words = MailText("{{ name }}", "Dear {{ name }}, {{ other }}")
    told = {"name": "{{ other }}", "other": "{% now %}"}
    assert templates.fill(words, told) == ("{{ other }}", "Dear {{ other }}, {% now %}\n")


def test_a_name_that_nobody_tells_is_a_fault():
    with pytest.raises(templates.UnknownPlaceholder):
        templates.fill(MailText("Hello", "Dear {{ nobody }}"), {})
    with pytest.raises(templates.UnknownPlaceholder, match="agency, job_title"):
        outbox.enqueue("job_confirmed", to="jo@example.org", context={"name": "Jo"})
    with pytest.raises(TypeError, match="not a string: name"):
        told = {"name": PersonFactory(), "agency": "A", "job_title": "B"}
        outbox.enqueue("job_confirmed", to="jo@example.org", context=told)


def test_the_boards_own_words_are_used_and_ours_when_they_no_longer_fit(caplog):
    own = Wording.objects.create(kind="job_confirmed", subject="Yes", text="{{ name }} works.")
    told = {"name": "Jo", "agency": "A", "job_title": "B"}
    assert templates.render("job_confirmed", told) == ("Yes", "Jo works.\n")
    own.text = "{{ of_an_older_version }}"
    own.save()
    assert templates.render("job_confirmed", told)[0] == "Your job at A is confirmed"
    assert "cannot be used" in caplog.text


def test_addresses_in_a_page_can_be_followed_and_nothing_else_can():
    page = templates.as_html(
        "S", "See https://a.example.org/b?c=1&d=2, or jo@example.org.\n\n<b>O'H"
    )
    assert (
        'href="https://a.example.org/b?c=1&amp;d=2">https://a.example.org/b?c=1&amp;d=2</a>,'
        in page
    )
    assert 'href="mailto:jo@example.org">jo@example.org</a>.' in page
    assert "&lt;b&gt;O&#x27;H" in page


def test_mails_posted_together_are_written_at_the_end_with_few_queries(django_assert_num_queries):
    told = {"name": "Jo", "agency": "A", "job_title": "B"}
    templates.board()  # Creates the board's settings.
    with django_assert_num_queries(3), outbox.batch():  # The board, its wording, the mails.
        for number in range(20):
            outbox.enqueue("job_confirmed", to=f"jo{number}@example.org", context=told)
    assert Mail.objects.count() == 20


def test_mails_posted_together_are_all_gone_with_what_fails():
    told = {"name": "Jo", "agency": "A", "job_title": "B"}
    with pytest.raises(ZeroDivisionError), outbox.batch():
        outbox.enqueue("job_confirmed", to="jo@example.org", context=told)
        raise ZeroDivisionError
    assert not Mail.objects.exists()
