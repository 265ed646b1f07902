"""Prepare a question of a check for its page: without its key until it is answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe

from elearning.learning import draw, verdict
from elearning.models import Answer, Attempt

if TYPE_CHECKING:
    from uuid import UUID

TRUE_OR_FALSE = ["False", "True"]


def drawn(html: str) -> SafeString:
    """Mark as safe what was drawn from an editor's rich text when its version was issued."""
    return mark_safe(html)  # noqa: S308


@dataclass(frozen=True)
class Line:
    """One option, pair or item, as somebody has answered it.

    `is_right` is None where that is not told: what they did not choose, until they have passed.
    """

    text: str
    partner: str = ""
    is_chosen: bool = True
    is_right: bool | None = None
    feedback: str = ""


class Asked:
    """Question of an attempt, with its options in the order of that attempt."""

    def __init__(self, answer: Answer, seed: UUID) -> None:
        self.answer = answer
        self._content: dict[str, Any] = answer.question_version.content
        self.shown = draw.shown(self._content, seed, answer.question_version_id)

    @property
    def kind(self) -> str:
        return str(self._content["kind"])

    @property
    def html(self) -> SafeString:
        return drawn(self._content["html"])

    @property
    def words(self) -> str:
        return " ".join(strip_tags(self._content["html"]).split())

    @property
    def texts(self) -> list[str]:
        """List what can be chosen, in the order in which it is shown."""
        every = {
            "single": lambda: [each["text"] for each in self._content["options"]],
            "multiple": lambda: [each["text"] for each in self._content["options"]],
            "true_false": lambda: TRUE_OR_FALSE,
            "matching": lambda: [each["partner"] for each in self._content["pairs"]],
            "order": lambda: self._content["items"],
        }[self.kind]()
        return [every[number] for number in self.shown]

    @property
    def items(self) -> list[str]:
        """List the items that are matched to what is shown."""
        return [pair["item"] for pair in self._content.get("pairs", [])]

    @property
    def lesson(self) -> str:
        """Return the key of the lesson to read again; empty if there is none."""
        return str(self._content["lesson"])


class Answered(Asked):
    """Question that has been answered, with what is said of it."""

    def __init__(self, answer: Answer, attempt: Attempt) -> None:
        super().__init__(answer, attempt.seed)
        self._tells_key = attempt.state == Attempt.State.PASSED

    @property
    def is_right(self) -> bool:
        return bool(self.answer.is_right)

    @property
    def feedback(self) -> SafeString:
        return drawn(self._content["feedback"])

    @property
    def lines(self) -> list[Line]:
        given = self.answer.given
        if self.kind in ("single", "multiple"):
            return self._options(set(given) if self.kind == "multiple" else {given})
        if self.kind == "true_false":
            is_true = self._content["is_true"]
            return [
                self._line(TRUE_OR_FALSE[each], given is bool(each), is_true is bool(each), "")
                for each in self.shown
            ]
        if self.kind == "matching":
            pairs = self._content["pairs"]
            return [
                Line(
                    pairs[item]["item"],
                    pairs[partner]["partner"],
                    is_right=verdict.is_pair(self._content, item, partner),
                )
                for item, partner in enumerate(given)
            ]
        items = self._content["items"]
        return [Line(items[each], is_right=self.is_right) for each in given]

    @property
    def in_order(self) -> list[str]:
        """List the right order, once the attempt has passed."""
        is_told = self.kind == "order" and self._tells_key and not self.is_right
        return list(self._content["items"]) if is_told else []

    def _options(self, given: set[int]) -> list[Line]:
        options = self._content["options"]
        return [
            self._line(
                options[number]["text"],
                number in given,
                options[number]["is_right"],
                options[number]["feedback"],
            )
            for number in self.shown
        ]

    def _line(self, text: str, is_chosen: bool, is_right: bool, feedback: str) -> Line:
        told = is_chosen or self._tells_key
        return Line(
            text,
            is_chosen=is_chosen,
            is_right=is_right if told else None,
            feedback=feedback if told else "",
        )
