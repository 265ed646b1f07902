"""Questions of Moodle and GIFT: what is brought in, what is left out and why, and wrong files."""

import random

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from elearning.authoring import issuing
from elearning.authoring.importing import bringing
from elearning.authoring.importing.questions import FileRefused
from elearning.models import Module, Question
from history.models import Event
from tests.elearning.modules import GIFT, make_module, pool, single
from tests.filling import filled_form
from tests.test_access_matrix import Written

MANY = """
// A comment, and a category
$CATEGORY: $course$/Early Help/Signs

::One:: Which is a sign? { =Bruises #Look closer. ~A new coat#Not by itself. ~Nothing }

Who is right\\: you \\= me? {=a\\~b ~c\\{d\\}}

::All:: Which are signs? {~%50%Bruises ~%50%Hunger ~%-100%Homework}

::Part:: Which is the best? {=This ~%50%That}

Bruises heal. {T}

::Never:: [html]<p>Homework <b>is</b> a sign.</p>{FALSE#No.#Right. ####Read again.}

Match them. {=Tier 1 -> Universal =Tier 2 -> Early Help =Tier 3 -> Intensive}

Early Help begins with the {=family ~police} and their wishes.

How many? {#3:1}

Write about it. {}

Name one. {=Bruises =Hunger}

A text that asks nothing.

Twice. {=Same ~Same}

Cut off {=a ~b
"""
KINDS = ["single", "single", "multiple", "true_false", "true_false", "matching", "single"]


def test_gift_is_read_question_by_question():
    read = bringing.read_file(MANY.encode())
    assert [each.kind for each in read.to_bring] == KINDS
    assert read.categories == ["Signs"]
    one, escapes, several, true, false, match, gap = read.to_bring
    options = [each["value"] for each in one.value["options"]]
    assert [each["text"] for each in options] == ["Bruises", "A new coat", "Nothing"]
    assert [each["is_right"] for each in options] == [True, False, False]
    assert options[0]["feedback"] == "Look closer."
    assert escapes.words == "Who is right: you = me?"
    assert [each["value"]["text"] for each in escapes.value["options"]] == ["a~b", "c{d}"]
    assert several.notes == ["Marks taken off for wrong answers are left out."]
    assert true.value["is_true"] is True and false.value["is_true"] is False
    assert false.words == "Homework is a sign." and "Read again." in false.value["feedback"]
    assert false.notes == ["What is said to a right or wrong answer is left out."]
    assert [each["value"]["partner"] for each in match.value["pairs"]] == [
        "Universal", "Early Help", "Intensive",
    ]  # fmt: skip
    assert gap.words == "Early Help begins with the _____ and their wishes."
    assert {each.name: each.reason for each in read.left_out} == {
        "Part": "It gives part of the marks for some answers. Here an answer is right or wrong.",
        "How many?": "It is answered by a number.",
        "Write about it.": "It is answered by an essay.",
        "Name one.": "It is answered by writing words.",
        "A text that asks nothing.": "It has no answers: it is a text, no question.",
        "Twice.": "Two of them say the same. Change one.",
        "Cut off": "Its } is missing.",
    }
    assert len(read.found) == len(read.to_bring) + len(read.left_out) == 14


def moodle(*questions):
    return f"<?xml version='1.0' encoding='UTF-8'?><quiz>{''.join(questions)}</quiz>".encode()


def asked(kind, inside, text="&lt;p&gt;Which?&lt;/p&gt;", name="Signs"):
    return (
        f"<question type='{kind}'><name><text>{name}</text></name>"
        f"<questiontext format='html'><text>{text}</text></questiontext>{inside}</question>"
    )


def answer(text, fraction, feedback=""):
    return (
        f"<answer fraction='{fraction}'><text>{text}</text>"
        f"<feedback><text>{feedback}</text></feedback></answer>"
    )


TWO = answer("Bruises", 100, "Yes.") + answer("Coat", 0)


@pytest.mark.parametrize(
    ("question", "kind", "notes"),
    [
        (asked("multichoice", "<single>true</single>" + TWO), "single", []),
        (
            asked(
                "multichoice",
                "<single>false</single>"
                + answer("a", 50) + answer("b", 50) + answer("c", -50)
                + "<correctfeedback><text>Well done</text></correctfeedback>",
            ),
            "multiple",
            [
                "What is said to a right answer is left out.",
                "Marks taken off for wrong answers are left out.",
            ],
        ),
        (asked("truefalse", answer("true", 0) + answer("false", 100)), "true_false", []),
        (
            asked(
                "matching",
                "".join(
                    f"<subquestion><text>{a}</text><answer><text>{b}</text></answer></subquestion>"
                    for a, b in (("Tier 1", "Universal"), ("Tier 2", "Early"), ("", "Extra"))
                ),
            ),
            "matching",
            ["The extra answer ‘Extra’ is left out."],
        ),
    ],
)  # fmt: skip
def test_moodle_is_read_by_kind(question, kind, notes):
    [found] = bringing.read_file(moodle(question)).found
    assert (found.kind, found.reason, found.notes) == (kind, "", notes)
    assert found.words == "Which?"


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        (asked("essay", ""), "It is answered by an essay."),
        (asked("numerical", answer("3", 100)), "It is answered by a number."),
        (asked("shortanswer", answer("3", 100)), "It is answered by writing words."),
        (asked("cloze", ""), "It has gaps in its text."),
        (asked("stack", ""), "We have no kind of question like ‘stack’."),
        (asked("", ""), "We have no kind of question like ‘’."),
        (asked("multichoice", answer("a", 100) + answer("b", 50)), "It gives part of the marks"),
        (asked("multichoice", answer("a", 0) + answer("b", 0)), "No answer is marked as right."),
        (asked("multichoice", answer("a", "many")), "The marks of an answer are no number."),
        (asked("multichoice", answer("a", 100)), "The minimum number of items is 2"),
        (
            asked("multichoice", answer("a" * 301, 100) + answer("b", 0)),
            "at most 300 characters",
        ),
        (
            asked("multichoice", "".join(answer(str(n), 0) for n in range(9)) + answer("x", 100)),
            "The maximum number of items is 8",
        ),
        (
            asked("multichoice", TWO + "<questiontext><file name='a.png'>AA</file></questiontext>"),
            "It has a picture.",
        ),
        (asked("multichoice", TWO, text="&lt;img src='a.png'&gt;Which?"), "It has a picture."),
        (asked("multichoice", TWO, text=""), "It has no text."),
        (asked("truefalse", answer("perhaps", 100)), "It does not say whether"),
    ],
)  # fmt: skip
def test_what_moodle_has_more_of_is_left_out_with_its_reason(question, reason):
    read = bringing.read_file(moodle(question, asked("multichoice", TWO)))
    assert [each.reason for each in read.left_out][0].find(reason) >= 0, read.left_out
    assert len(read.to_bring) == 1


BOMB = b"""<?xml version="1.0"?><!DOCTYPE quiz [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>
<quiz><question type="essay"><name><text>&b;</text></name></question></quiz>"""
OUTSIDE = b"""<!DOCTYPE quiz [<!ENTITY f SYSTEM "file:///etc/passwd">]><quiz>&f;</quiz>"""
WRONG = [
    (b"", "This file is empty"),
    (b"   \n", "This file is empty"),
    (b"PK\x03\x04" + bytes(99), "This file is packed"),
    (b"\x1f\x8b" + bytes(99), "This file is packed"),
    (b"MZ\x90\0" + bytes(200), "This is not a file of questions"),
    (b"%PDF-1.7\n%%EOF\n", "There is no question in this file"),
    (b"Dear colleague, how are you?", "There is no question in this file"),
    (b"<!doctype html><html><body>Hello</body></html>", "damaged or cut off"),
    (b"<html><body>Hello</body></html>", "This is not a file of questions"),
    (b"<quiz></quiz>", "There is no question in this file"),
    (b"<quiz><question type='essay'>", "damaged or cut off"),
    (b"<?xml version='1.0' encoding='klingon'?><quiz/>", "damaged or cut off"),
    (BOMB, "defines entities"),
    (OUTSIDE, "defines entities"),
    (b"a {=b ~c}\n\n" * 501, "more than 500 questions"),
    (b"x" * (bringing.MOST_BYTES + 1), "larger than 5 MB"),
]


@pytest.mark.parametrize(("content", "sentence"), WRONG)
def test_a_wrong_file_gets_a_sentence(content, sentence):
    with pytest.raises(FileRefused, match=sentence):
        bringing.read_file(content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_gift_is_read_in_every_encoding_that_programs_save(encoding):
    [found] = bringing.read_file("Café‘s? {=Né ~c}".encode(encoding)).to_bring
    assert found.words == "Café‘s?"


@pytest.mark.parametrize("seed", range(60))
def test_no_file_makes_the_reader_fail(seed):
    """Cut, double and mix what there is: every outcome is a question, a reason or a sentence."""
    chance = random.Random(seed)
    base = chance.choice([MANY.encode(), moodle(asked("multichoice", TWO), asked("essay", ""))])
    content = bytearray(base)
    for _ in range(chance.randrange(1, 30)):
        at = chance.randrange(len(content))
        change = chance.randrange(3)
        if change == 0:
            content[at] = chance.randrange(256)
        elif change == 1:
            del content[at : at + chance.randrange(9)]
        else:
            content[at:at] = chance.choice(
                [b"{", b"}", b"=", b"~", b"#", b"->", b"::", b"<", b"\\"]
            )
        content = content or bytearray(b"x")
    try:
        read = bringing.read_file(bytes(content))
    except FileRefused:
        return
    assert all(each.reason or each.kind for each in read.found)


@pytest.mark.django_db
def test_what_runs_in_a_page_is_cleaned_away():
    bad = "&lt;p onclick='x()'&gt;Which &lt;script&gt;alert(1)&lt;/script&gt;&lt;/p&gt;"
    [found] = bringing.read_file(moodle(asked("multichoice", TWO, text=bad))).to_bring
    assert "script" not in found.value["text"] and "onclick" not in found.value["text"]


def uploaded(client, module, content, name="questions.txt"):
    file = SimpleUploadedFile(name, content)
    return client.post(f"/cms/module/bring-in/{module.pk}/", {"file": file})


@pytest.mark.django_db
def test_nothing_is_written_before_the_press(client, office):
    module, written = make_module(pools=[]), Written()
    client.get(f"/cms/module/bring-in/{module.pk}/")  # which makes the board's row
    with connection.execute_wrapper(written):
        page = uploaded(client, module, MANY.encode())
    assert "7 questions can be brought in, 7 cannot" in page.text
    assert "It is answered by an essay." in page.text
    assert written.statements == []
    form = filled_form(page.content, having="rows")
    assert form["take"] == [str(n) for n in (1, 2, 3, 5, 6, 7, 8)] and form["outcome"] == "Signs"
    answer = client.post(f"/cms/module/bring-in/{module.pk}/", form)
    assert answer.status_code == 302
    module.refresh_from_db()
    [made] = module.check_questions
    assert [each.block_type for each in made.value["questions"]] == KINDS
    assert made.value["outcome"] == "Signs" and made.value["draws"] == 7
    assert Event.objects.about(module).last().now == {"questions": 7}
    version = issuing.issue(module, by=office, what_changed="First.")
    assert Question.objects.count() == len(version.pools[0]["questions"]) == 7


@pytest.mark.django_db
def test_pressed_twice_nothing_is_there_twice(client, office):
    module = make_module(pools=[pool([single("Own?")])])
    there = module.check_questions[0].id
    form = filled_form(uploaded(client, module, GIFT.encode()).content, having="rows")
    for said in ("2 questions are added", "0 questions are added to the check; 2 were there"):
        page = client.post(
            f"/cms/module/bring-in/{module.pk}/", form | {"pool": there}, follow=True
        )
        assert said in page.text
    module.refresh_from_db()
    assert len(module.check_questions[0].value["questions"]) == 3


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"take": []}, "Tick at least one question"),
        ({"outcome": " "}, "Enter what the new questions ask about"),
        ({"pool": "gone"}, "Choose where to put the questions"),
    ],
)
def test_what_is_wrong_with_the_press_is_said(client, office, change, sentence):
    module = make_module()
    form = filled_form(uploaded(client, module, GIFT.encode()).content, having="rows")
    page = client.post(f"/cms/module/bring-in/{module.pk}/", form | change)
    assert page.status_code == 200 and sentence in page.text
    assert Module.objects.get().draft_sha256 == module.draft_sha256


@pytest.mark.django_db
def test_questions_of_another_module_or_person_are_refused(client, office):
    module, other = make_module(), make_module("other", title="Other")
    form = filled_form(uploaded(client, module, GIFT.encode()).content, having="rows")
    page = client.post(f"/cms/module/bring-in/{other.pk}/", form, follow=True)
    assert "Choose the file again" in page.text
    other.refresh_from_db()
    assert len(other.check_questions) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("content", "sentence"), WRONG[:6])
def test_a_wrong_file_is_refused_at_its_field(client, office, content, sentence):
    page = uploaded(client, make_module(), content)
    assert page.status_code == 200 and sentence in page.text
