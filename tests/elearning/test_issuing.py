"""Versions of modules: issued whole, numbered, and never changed."""

import pytest

from elearning.authoring import issuing
from elearning.models import Module, QuestionVersion
from tests.elearning.modules import lesson, make_issued, make_module, pool, single
from tests.factories import PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return PersonFactory()


def test_a_version_keeps_the_content_as_it_was(editor):
    version = make_issued(by=editor)
    module = version.module
    assert [item["title"] for item in version.items] == ["Noticing", "Asking"]
    assert "What to look for." in version.items[0]["html"]
    module.content[0].value["title"] = "Seeing"
    module.title = "Another"
    module.save()
    version.refresh_from_db()
    assert version.title == "Early Help"
    assert version.items[0]["title"] == "Noticing"


def test_a_version_is_issued_only_of_what_has_changed(editor):
    module = make_issued(by=editor).module
    with pytest.raises(issuing.VersionRefused, match="Nothing has changed since version 1"):
        issuing.issue(module, by=editor, what_changed="Nothing much.")
    Module.objects.update(summary="Another summary.")
    assert issuing.issue(module, by=editor, what_changed="The summary.").number == 2


def test_a_question_keeps_its_version_until_its_words_change(editor):
    first = make_issued(by=editor)
    module = Module.objects.get()
    changed = module.check_questions[0].value["questions"][0].value
    changed["options"][0]["is_right"], changed["options"][1]["is_right"] = False, True
    module.save()
    second = issuing.issue(module, by=editor, what_changed="A wrong key.")
    was, now = (version.pools[0]["questions"] for version in (first, second))
    assert was[0] != now[0] and was[1:] == now[1:]
    corrected = QuestionVersion.objects.get(pk=now[0])
    assert corrected.number == 2
    assert corrected.question == QuestionVersion.objects.get(pk=was[0]).question


@pytest.mark.parametrize(
    ("made", "what_changed", "said"),
    [
        ({"content": [lesson("Noticing")], "pools": []}, "", "Say what has changed."),
        (
            {"pools": [pool([single("Which?", lesson="Elsewhere")])]},
            "First version.",
            "names the lesson ‘Elsewhere’, which is not there",
        ),
    ],
)
def test_what_is_missing_is_said(editor, made, what_changed, said):
    module = make_module(**made)
    with pytest.raises(issuing.VersionRefused, match=said):
        issuing.issue(module, by=editor, what_changed=what_changed)


def test_a_version_is_withdrawn_once_for_a_reason(editor, client):
    version = make_issued(by=editor)
    client.force_login(editor)
    assert client.get(version.module.get_absolute_url()).status_code == 200
    with pytest.raises(issuing.VersionRefused, match="Say why"):
        issuing.withdraw(version, " ", by=editor)
    issuing.withdraw(version, "It taught an old threshold.", by=editor)
    with pytest.raises(issuing.VersionRefused, match="already"):
        issuing.withdraw(version, "Again.", by=editor)
    assert client.get(version.module.get_absolute_url()).status_code == 404
