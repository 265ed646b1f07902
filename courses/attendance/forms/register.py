"""Forms of the attendance register: marks of one session, corrections and walk-ins."""

import re
from dataclasses import dataclass

from django import forms

from agencies.forms import PersonNameField, WhoIsItMixin
from agencies.free_text import names
from agencies.models import Agency, Person, Post
from courses.attendance.marking import TIMED, Attendance, in_words
from courses.models import Mark

Kind = Mark.Kind
MARK = re.compile(r"mark_([0-9]{1,15})")


def saved_in_part(changed):
    """Say above the lines that have an error how many of the others were saved; '' for none."""
    if not changed:
        return ""
    return f"{changed} {'other mark is' if changed == 1 else 'other marks are'} saved."


@dataclass(frozen=True)
class RegisterRow:
    """Person on the page: the mark chosen, and the mark shown when the page was loaded."""

    line: object
    mark: forms.BoundField
    minutes: forms.BoundField
    was: str
    kind: str


class RegisterForm(forms.Form):
    """Form with five choices per person; only what was altered since it was loaded is saved.

    A line with an error keeps no other back: `altered` has those without one.

    Optimistic concurrency: two people who keep one register do not undo each other's marks, and a
    page that was left open changes nothing that its reader did not touch.
    """

    def __init__(self, session, lines, data=None):
        super().__init__(data)
        self.session, self.lines = session, {line.booking.pk: line for line in lines}
        self.entered, self.met = {}, []
        # Share one field: to make sixty of them takes a fifth of the time of saving.
        mark = forms.ChoiceField(
            choices=Kind.choices,
            required=False,
            widget=forms.RadioSelect,
            error_messages={
                "invalid_choice": "Choose present, late, left early, apologies or absent."
            },
        )
        minutes = forms.CharField(required=False)
        for pk in self.lines:
            made = self._there(pk)
            self.initial[f"mark_{pk}"] = made.kind if made else ""
            self.initial[f"minutes_{pk}"] = (made.minutes_missed or "") if made else ""
            self.fields |= {f"mark_{pk}": mark, f"minutes_{pk}": minutes}

    @property
    def rows(self):
        return [
            RegisterRow(
                line, self[f"mark_{pk}"], self[f"minutes_{pk}"], self._was(line), self._chosen(pk)
            )
            for pk, line in self.lines.items()
        ]

    def clean(self):
        self.entered = {pk: one for pk in self.lines if (one := self._entered(pk))}
        self.met = [pk for pk in self.entered if self._is_met(pk)]
        for pk in self.met:
            self.add_error(
                f"mark_{pk}",
                f"{self._how_met(pk)} since you loaded this page. "
                "Save again to keep your own choice, or change it.",
            )
        return self.cleaned_data

    def altered(self):
        """Return the attendances that the trainer has altered, by booking.

        People who have left the register since are included, so that the trainer hears of it.
        """
        entered, expected = {**self._entered_of_strangers(), **self.entered}, self.expected
        return {
            pk: one
            for pk, one in entered.items()
            if str(one) != expected[pk] and pk not in self.met
        }

    def refuse(self, refused):
        """Say why some were not marked, each reason once; who was met in `clean` is told there."""
        for sentence in dict.fromkeys(why for pk, why in refused.items() if pk not in self.met):
            self.add_error(None, sentence)

    @property
    def expected(self):
        """Mark of each posted booking, in words, when the page was loaded."""
        return {pk: self.data.get(f"was_{pk}", "") for pk in self._posted()}

    def rest(self):
        """Return the unmarked bookings to mark when the trainer chose 'all others are present'."""
        if "everyone" not in self.data:
            return set()
        chosen = self._posted()
        return {pk for pk in self.lines if pk not in chosen and not self._there(pk)}

    def present(self):
        """Count the people who will have come, once the form is saved."""
        there = {pk: made.kind for pk in self.lines if (made := self._there(pk))}
        saved = {pk: one.kind for pk, one in self.altered().items()}
        kinds = {**there, **dict.fromkeys(self.rest(), Kind.PRESENT), **saved}
        return sum(kind in Mark.CAME for kind in kinds.values())

    def _chosen(self, pk):
        """Return the mark to show: the register's for people whom a search left off the page."""
        if self.is_bound and f"was_{pk}" not in self.data and f"mark_{pk}" not in self.data:
            made = self._there(pk)
            return made.kind if made else ""
        return self[f"mark_{pk}"].value() or ""

    def _was(self, line):
        """Return the mark that the trainer has seen: when the page was loaded, or saved since."""
        pk, there = line.booking.pk, in_words(self._there(line.booking.pk))
        if not self.is_bound or pk in self.met or str(self.entered.get(pk, "")) == there:
            return there
        return self.data.get(f"was_{pk}", "")

    def _there(self, pk):
        return self.lines[pk].marks.get(self.session.pk)

    def _is_met(self, pk):
        """Return True if somebody else has changed a mark that this trainer is about to change."""
        was, there = self.data.get(f"was_{pk}", ""), self._there(pk)
        if there and there.is_automatic:
            return False
        mine = str(self.entered[pk])
        return in_words(there) not in (was, mine) and mine != was

    def _how_met(self, pk):
        name, there = self.lines[pk].booking.person.name, self._there(pk)
        if there is None:
            return f"The mark of {name} was taken back"
        return f"{name} was marked {there.get_kind_display().lower()}"

    def _entered(self, pk):
        kind = self.cleaned_data.get(f"mark_{pk}")
        if not kind:
            return None
        if kind not in TIMED:
            return Attendance(kind)
        minutes = self._minutes(pk)
        return Attendance(kind, minutes) if minutes else None

    def _minutes(self, pk):
        typed = self.cleaned_data.get(f"minutes_{pk}", "").strip()
        name, most = self.lines[pk].booking.person.name, self.session.minutes
        is_number = typed.isascii() and typed.isdigit() and len(typed) < 5
        if is_number and 1 <= int(typed) <= most:
            return int(typed)
        self.add_error(f"minutes_{pk}", f"Enter how many minutes {name} missed, from 1 to {most}")
        return None

    def _posted(self):
        return {int(found[1]) for key in self.data if (found := MARK.fullmatch(key))}

    def _entered_of_strangers(self):
        return {
            pk: Attendance(kind)
            for pk in self._posted() - self.lines.keys()
            if (kind := self.data[f"mark_{pk}"]) in Kind.values
        }


class CorrectionForm(RegisterForm):
    """Register form for corrections after signing off, with a reason."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"] = forms.CharField(
            label="Why is it corrected?",
            max_length=240,
            help_text="It is kept, and read by whoever loses a certificate by it.",
            widget=forms.Textarea(attrs={"rows": 2}),
            error_messages={"required": "Say why the register is corrected."},
        )


class WalkInForm(forms.Form):
    """Form that asks for an address; then, for a person unknown to us, their name and agency."""

    email = forms.EmailField(
        label="Their email address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": "Enter their email address.",
            "invalid": "Enter an email address like name@example.org.",
        },
    )
    name = forms.CharField(
        label="Their full name",
        max_length=120,
        required=False,
        help_text="This is printed on their certificate.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    agency = forms.ModelChoiceField(
        Agency.objects.current(), label="Where they work", required=False, empty_label="Choose"
    )
    known = job = None

    @property
    def is_settled(self):
        """True once the trainer has confirmed who was found, or named who was not."""
        return "sure" in self.data

    @property
    def asks_name(self):
        return self.is_bound and "email" not in self.errors and self.known is None

    @property
    def asks_agency(self):
        return self.is_bound and "email" not in self.errors and self.job is None

    def clean_email(self):
        email = self.cleaned_data["email"].strip().lower()
        if not email.isascii():
            raise forms.ValidationError("Enter an address in unaccented English letters.")
        self.known = Person.objects.with_address(email).first()
        if self.known:
            posts = Post.objects.current().filter(person=self.known)
            self.job = posts.select_related("agency").first()
        at_home = Agency.objects.current().filter(domains__name=email.rpartition("@")[2]).first()
        if at_home and "agency" not in self.data:
            self.data = {**self.data.dict(), "agency": str(at_home.pk)}  # proposed, to be changed
        return email

    def clean(self):
        said = super().clean()
        # Where they are asked at all, they are needed: the pages then do not say "(optional)".
        self.fields["name"].required = self.fields["agency"].required = True
        if not self.is_settled or "email" in self.errors:
            return said
        if self.known is None and "name" not in self.errors:
            said["name"] = names.tidy(said.get("name", ""))
            self.refuse_no_name(said["name"])
        if self.job is None and not said.get("agency") and "agency" not in self.errors:
            self.add_error("agency", "Choose where they work.")
        return said

    def refuse_no_name(self, name):
        if not name:
            self.add_error("name", "Enter their full name.")
            return
        try:
            names.check_person(name)
        except forms.ValidationError as wrong:
            self.add_error("name", wrong)


class NoAddressForm(WhoIsItMixin, forms.Form):
    """Form of somebody who came unbooked and has no email address.

    `people` are those who may be shown where their name is like it.
    """

    name = PersonNameField(
        label="Their full name",
        max_length=120,
        help_text="This is printed on their certificate.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Enter their full name."},
    )
    agency = forms.ModelChoiceField(
        Agency.objects.current(),
        label="Where they work",
        empty_label="Choose",
        error_messages={"required": "Choose where they work."},
    )

    @property
    def for_walk_in(self):
        """The arguments of `register.walk_in`."""
        given = self.cleaned_data
        said = {"name": given["name"], "agency": given["agency"]}
        return said | {"who": self.chosen, "beside": self.doubles}
