"""Define the blocks of a module: lessons, scenarios, and the questions of its check.

Wagtail gives each block of a stream an id that never changes: the key of a lesson, scenario or
question in every version (`ItemState.key`, `Question.key`).
"""

from __future__ import annotations

from typing import Any

from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError

from lms.blocks import Contacts, KeyPoints, Picture, Process, Prose, Roles, Section, Warning

PLAIN = ("bold", "ul", "link")


class Reflection(blocks.StructBlock):
    """Question to think about; what somebody writes is never sent to the server."""

    question = blocks.TextBlock(max_length=600)
    hint = blocks.TextBlock(required=False, max_length=600)

    class Meta:
        icon = "comment"
        label = "Pause and think"
        template = "elearning/blocks/reflection.html"


class LessonBody(blocks.StreamBlock):
    section = Section()
    key_points = KeyPoints()
    process = Process()
    roles = Roles()
    contacts = Contacts()
    warning = Warning()
    picture = Picture()
    reflection = Reflection()


class Lesson(blocks.StructBlock):
    title = blocks.CharBlock(max_length=120)
    minutes = blocks.IntegerBlock(min_value=1, max_value=120, default=5)
    body = LessonBody()

    class Meta:
        icon = "doc-full"
        label_format = "{title}"


class Choice(blocks.StructBlock):
    """Choice in a situation: what follows from it, and which situation is next."""

    text = blocks.CharBlock(max_length=200)
    consequence = Prose(features=PLAIN)
    goes_to = blocks.IntegerBlock(
        required=False,
        min_value=1,
        help_text="The number of the situation that follows. Blank: the scenario ends.",
    )


class Situation(blocks.StructBlock):
    title = blocks.CharBlock(max_length=120)
    text = Prose(features=PLAIN)
    choices = blocks.ListBlock(Choice(), min_num=2, max_num=5)


class Scenario(blocks.StructBlock):
    """Situations with choices, each on a page of its own. Every situation can be reached."""

    title = blocks.CharBlock(max_length=120)
    minutes = blocks.IntegerBlock(min_value=1, max_value=60, default=5)
    introduction = Prose(features=PLAIN, required=False)
    situations = blocks.ListBlock(Situation(), min_num=1)

    class Meta:
        icon = "decline"
        label_format = "{title}"

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        wrong = list(_wrong_ways(value["situations"]))
        if wrong:
            raise StructBlockValidationError(non_block_errors=wrong)
        return value


def _wrong_ways(situations: Any) -> Any:
    """Yield a sentence for each choice that leads nowhere or back, and situation never reached."""
    reached = {1}
    for number, situation in enumerate(situations, 1):
        for choice in situation["choices"]:
            goes_to = choice["goes_to"]
            if goes_to and goes_to > len(situations):
                yield f"Situation {number} leads to situation {goes_to}, which is not there."
            elif goes_to and goes_to <= number:
                yield f"Situation {number} leads back to {goes_to}. Lead to a later one."
            elif goes_to:
                reached.add(goes_to)
    for number in range(2, len(situations) + 1):
        if number not in reached:
            yield f"No choice leads to situation {number}."


class Content(blocks.StreamBlock):
    """Content of a module, in the order in which it is read."""

    lesson = Lesson()
    scenario = Scenario()


class Asked(blocks.StructBlock):
    """Base of every kind of question: its words, and what is said after the answer."""

    text = Prose(features=PLAIN, help_text="The question.")
    feedback = Prose(
        features=PLAIN,
        required=False,
        help_text="Said to everybody who has answered, right or wrong.",
    )
    lesson = blocks.CharBlock(
        required=False,
        max_length=120,
        help_text="Title of the lesson to read again, for whoever answered wrongly.",
    )


class Option(blocks.StructBlock):
    text = blocks.CharBlock(max_length=300)
    is_right = blocks.BooleanBlock(required=False)
    feedback = blocks.TextBlock(required=False, max_length=600)


class Single(Asked):
    """Question with one right option."""

    options = blocks.ListBlock(Option(), min_num=2, max_num=8)

    class Meta:
        icon = "radio-full"
        label = "One right answer"

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        _refuse_doubles(each["text"] for each in value["options"])
        if sum(bool(each["is_right"]) for each in value["options"]) != 1:
            raise StructBlockValidationError(non_block_errors=["Tick one option as right."])
        return value


class Multiple(Asked):
    """Question with one or more right options, all of which must be chosen."""

    options = blocks.ListBlock(Option(), min_num=2, max_num=8)

    class Meta:
        icon = "tasks"
        label = "Several right answers"

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        _refuse_doubles(each["text"] for each in value["options"])
        right = sum(bool(each["is_right"]) for each in value["options"])
        if not right or right == len(value["options"]):
            sentence = "Tick each option that is right, and leave at least one that is not."
            raise StructBlockValidationError(non_block_errors=[sentence])
        return value


class TrueFalse(Asked):
    is_true = blocks.BooleanBlock(required=False, label="The statement is true")

    class Meta:
        icon = "check"
        label = "True or false"


class Matching(Asked):
    """Question that matches each item to its partner, chosen from a list."""

    pairs = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("item", blocks.CharBlock(max_length=200)),
                ("partner", blocks.CharBlock(max_length=200)),
            ]
        ),
        min_num=2,
        max_num=8,
    )

    class Meta:
        icon = "link"
        label = "Match"

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        _refuse_doubles(each["item"] for each in value["pairs"])
        return value


class Order(Asked):
    """Question that puts items in order, by numbers. They are entered in the right order."""

    items = blocks.ListBlock(blocks.CharBlock(max_length=200), min_num=2, max_num=8)

    class Meta:
        icon = "list-ol"
        label = "Put in order"

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        _refuse_doubles(value["items"])
        return value


def _refuse_doubles(texts: Any) -> None:
    known = [" ".join(str(each).lower().split()) for each in texts]
    if len(set(known)) < len(known):
        sentence = "Two of them say the same. Change one."
        raise StructBlockValidationError(non_block_errors=[sentence])


class Questions(blocks.StreamBlock):
    single = Single()
    multiple = Multiple()
    true_false = TrueFalse()
    matching = Matching()
    order = Order()


class Pool(blocks.StructBlock):
    """Questions on one outcome, of which so many are drawn for each attempt."""

    outcome = blocks.CharBlock(max_length=200, help_text="What these questions ask about.")
    draws = blocks.IntegerBlock(min_value=1, max_value=50, label="Questions to draw")
    questions = Questions(min_num=1)

    class Meta:
        icon = "help"
        label_format = "{outcome}"

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        if value["draws"] > len(value["questions"]):
            sentence = "It draws more questions than there are. Add some, or draw fewer."
            raise StructBlockValidationError(non_block_errors=[sentence])
        return value


class Check(blocks.StreamBlock):
    """Check at the end of a module."""

    pool = Pool()
