"""Bring questions of other systems into a module's draft: upload, preview, confirm."""

import datetime as dt

from django import forms
from django.core import signing
from django.shortcuts import redirect
from django.views.generic import FormView
from wagtail.admin import messages

from elearning.authoring.importing import bringing
from elearning.authoring.importing.questions import FileRefused, Found
from elearning.back_office.of_module import OfModule

GOOD_FOR = dt.timedelta(days=1)
MOST_SIGNED = 2_000_000  # characters; Django refuses a form of 2.5 MB
NEW = "new"
KINDS = {
    "single": "One right answer", "multiple": "Several right answers",
    "true_false": "True or false", "matching": "Match",
}  # fmt: skip


class FileForm(forms.Form):
    file = forms.FileField(
        label="File",
        allow_empty_file=True,  # `bringing.read_file` reports an empty file like other faults
        widget=forms.FileInput(attrs={"accept": ".xml,.txt,.gift"}),
        help_text="Questions that were exported from Moodle as Moodle XML, or in the format GIFT. "
        "5 MB at most.",
        error_messages={"required": "Choose the file with the questions"},
    )

    def clean_file(self):
        try:
            return bringing.read_file(self.cleaned_data["file"].read(bringing.MOST_BYTES + 1))
        except FileRefused as refused:
            raise forms.ValidationError(str(refused)) from refused


class TakeForm(forms.Form):
    """Form of which questions are brought in, and where to."""

    pool = forms.ChoiceField(
        label="Add them to",
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose where to put the questions"},
    )
    outcome = forms.CharField(
        label="What they ask about",
        max_length=200,
        required=False,
        help_text="For a new group of questions.",
    )
    take = forms.MultipleChoiceField(
        label="Questions",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick at least one question"},
    )
    rows = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args, module, found, **kwargs):
        super().__init__(*args, **kwargs)
        pools = [(pool.id, f"‘{pool.value['outcome']}’") for pool in module.check_questions]
        self.fields["pool"].choices = [*pools, (NEW, "A new group of questions")]
        self.fields["take"].choices = [(str(each.number), each.words) for each in found]

    def clean(self):
        said = super().clean()
        if said.get("pool") == NEW and not said.get("outcome", "").strip():
            self.add_error("outcome", "Enter what the new questions ask about")
        return said


class BringInView(OfModule, FormView):
    """Upload and preview a file of questions; they travel in a signed field until confirmed.

    Nothing is stored on the server, and nothing is written before the press.
    """

    page_title = "Bring in questions"
    header_icon = "upload"
    form_class = FileForm
    template_name = "elearning/back_office/bring_in.html"

    def post(self, request, *args, **kwargs):
        if "rows" not in request.POST:
            return super().post(request, *args, **kwargs)
        try:
            found = self.unsigned(request.POST["rows"])
        except signing.BadSignature:
            messages.error(request, "Choose the file again: what you had begun has expired.")
            return redirect(request.path)
        form = TakeForm(request.POST, module=self.module, found=found)
        if not form.is_valid():
            return self.preview(form, found)
        said = form.cleaned_data
        try:
            added = bringing.add(
                self.module,
                [each for each in found if str(each.number) in said["take"]],
                pool="" if said["pool"] == NEW else said["pool"],
                outcome=said["outcome"],
                by=request.user,
            )
        except FileRefused as refused:
            form.add_error(None, str(refused))
            return self.preview(form, found)
        messages.success(request, in_words(added, len(said["take"])))
        return redirect("module:edit", self.module.pk)

    def form_valid(self, form):
        """Render a preview of each question; write nothing."""
        read = form.cleaned_data["file"]
        found = read.to_bring
        rows = self.signed(found)
        if len(rows) > MOST_SIGNED:
            form.add_error("file", "This is too much to bring in at once. Bring it in parts")
            return self.form_invalid(form)
        initial = {
            "rows": rows,
            "take": [str(each.number) for each in found],
            "pool": NEW,
            "outcome": next(filter(None, read.categories), "")[:200],
        }
        take = TakeForm(initial=initial, module=self.module, found=found)
        return self.preview(take, found, read.left_out)

    def preview(self, form, found, left_out=()):
        context = self.get_context_data(
            form=form,
            found=[(each, KINDS[each.kind]) for each in found],
            left_out=left_out,
            is_preview=True,
        )
        return self.render_to_response(context)

    def signed(self, found):
        rows = [[each.number, each.name, each.kind, each.value, each.notes] for each in found]
        return signing.dumps(rows, salt=self.salt, compress=True)

    def unsigned(self, value):
        rows = signing.loads(value, salt=self.salt, max_age=GOOD_FOR)
        return [
            Found(number, name, kind, value, notes=notes)
            for number, name, kind, value, notes in rows
        ]

    @property
    def salt(self):
        return f"questions brought by {self.request.user.pk} into {self.module.pk}"


def in_words(added, chosen):
    """Say how many questions were added, and how many were there."""
    words = "1 question is" if added == 1 else f"{added} questions are"
    there = chosen - added
    if not there:
        return f"{words} added to the check. Read them before you issue a version."
    return f"{words} added to the check; {there} {'was' if there == 1 else 'were'} there already."
