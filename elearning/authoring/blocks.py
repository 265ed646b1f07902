"""Define the blocks of a module: lessons, scenarios, and the questions of its check.

Wagtail gives each block of a stream an id that never changes: the key of a lesson, scenario or
question in every version (`ItemState.key`, `Question.key`).
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError

from elearning.authoring.words import alike
from lms.blocks import Body, Prose
from protocols.indicators.block import Indicators

PLAIN = ("bold", "ul", "link")


class Reflection(blocks.StructBlock):
    """Question to think about; what somebody writes is never sent to the server."""

    question = blocks.TextBlock(max_length=600)
    hint = blocks.TextBlock(
        required=False,
        max_length=600,
        help_text="Something to consider. People open it when they have thought.",
    )

    class Meta:
        icon = "comment"
        label = "Pause and think"
        template = "elearning/blocks/reflection.html"


def editions() -> list[tuple[str, str]]:
    """List versions of the protocols that anybody may read, the newest of each first."""
    readable = apps.get_model("protocols", "ProtocolPage").objects.live().public()
    found = apps.get_model("protocols", "Edition").objects.filter(page__in=readable)
    found = found.order_by("title", "-number")
    return [
        (str(pk), f"{title}, version {number}")
        for pk, title, number in found.values_list("pk", "title", "number")
    ]


class Quote(blocks.StructBlock):
    """Words of a protocol, of the version that was chosen: they never change with a newer one."""

    edition = blocks.ChoiceBlock(choices=editions, label="Protocol", search_index=False)
    text = blocks.TextBlock(
        max_length=2000, help_text="Copy the words from the protocol, exactly as they are there."
    )

    class Meta:
        icon = "openquote"
        label = "Quote of a protocol"
        template = "elearning/blocks/quote.html"
        label_format = "{text}"

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        edition = edition_of(value)
        if edition and alike(value["text"]) not in alike(edition.html):
            sentence = f"These words are not in {edition}. Copy them from there"
            raise StructBlockValidationError(block_errors={"text": ValidationError(sentence)})
        return value

    def get_context(self, value: Any, parent_context: Any = None) -> Any:
        return super().get_context(value, parent_context) | {"edition": edition_of(value)}


def edition_of(value: Any) -> Any:
    """Return the version of the protocol that a quote is of."""
    editions = apps.get_model("protocols", "Edition").objects.select_related("page")
    return editions.filter(pk=value["edition"] or None).first()


def recordings() -> list[tuple[str, str]]:
    found = apps.get_model("elearning", "Recording").objects.order_by("title", "pk")
    return [(str(pk), title) for pk, title in found.values_list("pk", "title")]


class RecordingBlock(blocks.StructBlock):
    """Video or sound of ours, with captions and transcript."""

    recording = blocks.ChoiceBlock(
        choices=recordings,
        search_index=False,
        help_text="Add it first under Online modules, Recordings.",
    )

    class Meta:
        icon = "media"
        label = "Video or audio"
        template = "elearning/blocks/recording.html"

    def get_context(self, value: Any, parent_context: Any = None) -> Any:
        return super().get_context(value, parent_context) | {"recording": recording_of(value)}


def recording_of(value: Any) -> Any:
    found = apps.get_model("elearning", "Recording").objects
    return found.filter(pk=value["recording"] or None).first()


class LessonBody(Body):
    """Text on the page of a lesson. No two of its parts share an anchor."""

    reflection = Reflection()
    quote = Quote()
    indicators = Indicators()
    recording = RecordingBlock()

    def get_default(self) -> Any:
        """Return a heading and a text, which a new lesson has for somebody to fill in."""
        return _beginning(self, "section")


def _beginning(stream: blocks.StreamBlock, kind: str) -> Any:
    return blocks.StreamValue(stream, [(kind, stream.child_blocks[kind].get_default())])


class Lesson(blocks.StructBlock):
    title = blocks.CharBlock(max_length=120)
    minutes = blocks.IntegerBlock(
        min_value=1, max_value=120, default=5, help_text="How long it takes to read."
    )
    body = LessonBody(label="What people read")

    class Meta:
        icon = "doc-full"
        label_format = "{title}"
        collapsed = True


class Choice(blocks.StructBlock):
    """Choice in a situation: what follows from it, and which situation is next."""

    text = blocks.CharBlock(max_length=200, help_text="What somebody could do.")
    consequence = Prose(features=PLAIN, help_text="What happens then.")
    goes_to = blocks.IntegerBlock(
        required=False,
        min_value=1,
        help_text="The number of the situation that follows. Blank: the scenario ends.",
    )


class FilledIn(blocks.StructBlock):
    """Block whose lists begin as long as they must be at least."""

    def get_default(self) -> Any:
        value = super().get_default()
        for name, each in self.child_blocks.items():
            if isinstance(each, blocks.ListBlock):
                least = range(each.meta.min_num or 1)
                items = [each.child_block.get_default() for _ in least]
                value[name] = blocks.list_block.ListValue(each, values=items)
        return value


class Situation(FilledIn):
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
        icon = "user"
        label_format = "{title}"
        collapsed = True

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


class Asked(FilledIn):
    """Base of every kind of question: its words, and what is said after the answer."""

    text = Prose(features=PLAIN, label="Question")
    feedback = Prose(
        features=PLAIN,
        required=False,
        help_text="Shown to everybody after they have answered, right or wrong.",
    )
    lesson = blocks.CharBlock(
        required=False,
        max_length=120,
        label="Lesson to read again",
        help_text="The title of a lesson, to which people are led who answer wrongly.",
    )


class Option(blocks.StructBlock):
    text = blocks.CharBlock(max_length=300, label="Answer")
    is_right = blocks.BooleanBlock(required=False, label="This is right")
    feedback = blocks.TextBlock(
        required=False,
        max_length=600,
        help_text="Shown to people who choose it: why it is right, or why not.",
    )


class Single(Asked):
    """Question with one right option."""

    options = blocks.ListBlock(Option(), min_num=2, max_num=8)

    class Meta:
        icon = "radio-full"
        label = "One right answer"
        collapsed = True

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
        collapsed = True

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
        collapsed = True


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
        collapsed = True

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        _refuse_doubles(each["item"] for each in value["pairs"])
        return value


class Order(Asked):
    """Question that puts items in order, by numbers. They are entered in the right order."""

    items = blocks.ListBlock(
        blocks.CharBlock(max_length=200),
        min_num=2,
        max_num=8,
        help_text="In the right order. People get them in another.",
    )

    class Meta:
        icon = "list-ol"
        label = "Put in order"
        collapsed = True

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

    def get_default(self) -> Any:
        """Return a question with one right answer to fill in."""
        return _beginning(self, "single")


class Pool(blocks.StructBlock):
    """Questions on one outcome, of which so many are drawn for each attempt."""

    outcome = blocks.CharBlock(max_length=200, help_text="What these questions ask about.")
    draws = blocks.IntegerBlock(
        min_value=1,
        max_value=50,
        default=1,
        label="Questions to draw",
        help_text="How many of the questions below each person is asked.",
    )
    questions = Questions(min_num=1)

    class Meta:
        icon = "help"
        label = "Questions on one subject"
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
