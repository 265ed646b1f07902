"""Forms of the questions of a check.

What is chosen goes by its number on the page: its number in the question would tell the key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

if TYPE_CHECKING:
    from elearning.learning.asking import Asked


class QuestionForm(forms.Form):
    """Base of the forms; `asked` says which question the page showed."""

    def __init__(self, said: Any, question: Asked) -> None:
        super().__init__(said)
        self.question = question
        self.ask(list(enumerate(question.texts, 1)))

    def ask(self, choices: list[tuple[int, str]]) -> None:
        raise NotImplementedError

    @property
    def given(self) -> Any:
        """The answer, as `Answer.given` has it; of a valid form."""
        raise NotImplementedError

    def meant(self, number: Any) -> int:
        """Return the number in the question of what has this number on the page."""
        return self.question.shown[int(number) - 1]


class SingleForm(QuestionForm):
    def ask(self, choices: list[tuple[int, str]]) -> None:
        wrong = "Choose an answer"
        self.fields["answer"] = forms.ChoiceField(
            choices=choices,
            widget=forms.RadioSelect,
            label="Choose one answer",
            error_messages={"required": wrong, "invalid_choice": wrong},
        )

    @property
    def given(self) -> Any:
        return self.meant(self.cleaned_data["answer"])


class TrueFalseForm(SingleForm):
    @property
    def given(self) -> Any:
        return bool(super().given)


class MultipleForm(QuestionForm):
    def ask(self, choices: list[tuple[int, str]]) -> None:
        wrong = "Choose every answer that is right"
        self.fields["answer"] = forms.MultipleChoiceField(
            choices=choices,
            widget=forms.CheckboxSelectMultiple,
            label="Choose every answer that is right",
            error_messages={"required": wrong, "invalid_choice": wrong},
        )

    @property
    def given(self) -> Any:
        return sorted(self.meant(each) for each in self.cleaned_data["answer"])


class MatchingForm(QuestionForm):
    def ask(self, choices: list[tuple[int, str]]) -> None:
        for number, item in enumerate(self.question.items, 1):
            wrong = f"Choose what goes with ‘{item}’"
            self.fields[f"item{number}"] = forms.ChoiceField(
                choices=[("", "Choose"), *choices],
                label=item,
                error_messages={"required": wrong, "invalid_choice": wrong},
            )

    @property
    def given(self) -> Any:
        return [self.meant(self.cleaned_data[name]) for name in self.fields]


class OrderForm(QuestionForm):
    def ask(self, choices: list[tuple[int, str]]) -> None:
        places = [("", "Choose"), *((number, str(number)) for number, _ in choices)]
        for number, item in choices:
            wrong = f"Choose the place of ‘{item}’"
            self.fields[f"place{number}"] = forms.ChoiceField(
                choices=places,
                label=item,
                error_messages={"required": wrong, "invalid_choice": wrong},
            )

    def clean(self) -> dict[str, Any]:
        """Refuse a place that is given twice, at the second that has it."""
        taken: dict[str, str] = {}
        for name in self.fields:
            place = self.cleaned_data.get(name)
            if place and place in taken:
                first, second = self.fields[taken[place]].label, self.fields[name].label
                self.add_error(
                    name, f"Give ‘{second}’ another place: ‘{first}’ has number {place} too"
                )
            elif place:
                taken[place] = name
        return self.cleaned_data

    @property
    def given(self) -> Any:
        by_place = sorted(self.fields, key=lambda name: int(self.cleaned_data[name]))
        return [self.meant(name.removeprefix("place")) for name in by_place]


FORMS: dict[str, type[QuestionForm]] = {
    "single": SingleForm,
    "multiple": MultipleForm,
    "true_false": TrueFalseForm,
    "matching": MatchingForm,
    "order": OrderForm,
}


def form_of(question: Asked, said: Any = None) -> QuestionForm:
    return FORMS[question.kind](said, question)
