"""Form for typing in the marks of a paper register."""

import re
from dataclasses import dataclass

from django import forms

from courses.attendance.marking import TIMED, Attendance, in_words
from courses.models import Mark

Kind = Mark.Kind
# 'a' is apologies, not absent, so that a slip of the finger makes nobody absent.
LETTERS = {
    "p": Kind.PRESENT, "l": Kind.LATE, "e": Kind.LEFT_EARLY, "a": Kind.APOLOGIES, "x": Kind.ABSENT,
}  # fmt: skip
LETTER_OF = {kind: letter for letter, kind in LETTERS.items()}
TYPED = re.compile(r"([plaex]) *([0-9]{0,4})")


@dataclass(frozen=True)
class BulkEntryRow:
    """Line of the sheet: its number, the typed field, and the mark that the register has now."""

    number: int
    line: object
    typed: forms.BoundField
    made: Mark | None
    is_next: bool


class BulkEntryForm(forms.Form):
    """Form with one letter per person, in the sheet's order; `seen` has only what was altered."""

    def __init__(self, session, lines, data=None):
        super().__init__(data)
        self.session, self.lines = session, {line.booking.pk: line for line in lines}
        for pk in self.lines:
            self.fields[f"typed_{pk}"] = forms.CharField(
                required=False, max_length=12, initial=_as_typed(self.there(pk))
            )

    def there(self, pk):
        return self.lines[pk].marks.get(self.session.pk)

    @property
    def rows(self):
        """Lines of the sheet; `is_next` on the first with an error, else on the first empty one."""
        fields = {pk: self[f"typed_{pk}"] for pk in self.lines}
        wrong = [pk for pk, field in fields.items() if field.errors]
        empty = [pk for pk, field in fields.items() if not field.value()]
        goes_on = next(iter(wrong or empty), None)
        return [
            BulkEntryRow(number, self.lines[pk], field, self.there(pk), pk == goes_on)
            for number, (pk, field) in enumerate(fields.items(), start=1)
        ]

    def clean(self):
        self.seen = {}
        for number, pk in enumerate(self.lines, start=1):
            typed = self.cleaned_data.get(f"typed_{pk}", "").lower()
            if not typed or typed == self.data.get(f"was_{pk}"):
                continue
            name = f"line {number}, {self.lines[pk].booking.person.name}"
            if attendance := self._attendance(pk, typed, name):
                self.seen[pk] = attendance
        return self.cleaned_data

    def expected(self):
        """Return the mark that the page showed for each booking in `seen`; '' if it has changed."""
        return {pk: in_words(self.there(pk)) if self._is_as_seen(pk) else "" for pk in self.seen}

    def _is_as_seen(self, pk):
        return _as_typed(self.there(pk)) == self.data.get(f"was_{pk}", "")

    def _attendance(self, pk, typed, name):
        if not (found := TYPED.fullmatch(typed)):
            return self._refuse(pk, f"On {name}: type p, l 10, e 15, a or x.")
        kind, minutes = LETTERS[found[1]], int(found[2] or 0)
        if kind in TIMED and not 1 <= minutes <= self.session.minutes:
            return self._refuse(
                pk,
                f"On {name}: type how many minutes were missed, from 1 to {self.session.minutes}, "
                f"such as {found[1]} 10.",
            )
        if kind not in TIMED and found[2]:
            return self._refuse(pk, f"On {name}: minutes belong to l (late) or e (left early).")
        return Attendance(kind, minutes)

    def refuse(self, refused):
        """Say on each line why it was not marked."""
        for number, pk in enumerate(self.lines, start=1):
            if why := refused.get(pk):
                self._refuse(pk, f"On line {number}, {self.lines[pk].booking.person.name}: {why}")
        for why in [why for pk, why in refused.items() if pk not in self.lines]:
            self.add_error(None, why)

    def _refuse(self, pk, sentence):
        self.add_error(f"typed_{pk}", sentence)


def _as_typed(made):
    """Return a mark as it is typed, 'p' or 'l 10'; '' where none was made."""
    if made is None:
        return ""
    return f"{LETTER_OF[made.kind]} {made.minutes_missed or ''}".strip()
