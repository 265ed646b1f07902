"""Back-office pages to issue, read and withdraw versions of modules."""

from django import forms
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages

from agencies.back_office.confirm_action import ConfirmActionView, ReasonForm
from elearning.authoring import changes, drawing, issuing
from elearning.back_office.of_module import OfModule
from elearning.models import Attempt, ModuleVersion
from elearning.models.drafts import digest_of_draft
from lms.refused import Refused
from protocols.drafts.copies import CannotCopy

MAJOR, MINOR = "major", "minor"


def people(many):
    return "1 person" if many == 1 else f"{many} people"


class IssueForm(forms.Form):
    """Form of what has changed, and whether people who have begun have to take it in."""

    what_changed = forms.CharField(
        label="What has changed",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        help_text="People who have done the module before will read this.",
        error_messages={"required": "Say what has changed"},
    )
    size = forms.ChoiceField(
        label="How large is the change?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how large the change is"},
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, is_first, begun, **kwargs):
        super().__init__(*args, **kwargs)
        if is_first:
            del self.fields["size"]
            self.fields["what_changed"].initial = "First version."
            return
        self.fields["size"].choices = [
            (
                MINOR,
                "Minor: a correction. "
                f"{people(begun).capitalize()} who {'has' if begun == 1 else 'have'} begun will "
                "finish the version that they are on.",
            ),
            (
                MAJOR,
                "Major: something that people need to learn. "
                f"{people(begun).capitalize()} who {'has' if begun == 1 else 'have'} begun can "
                "finish the version that they are on within 30 days, or begin again.",
            ),
        ]


class IssueView(OfModule, FormView):
    """Show what is missing and what has changed, and issue the draft as a version."""

    page_title = "Issue a version"
    template_name = "elearning/back_office/issue.html"
    form_class = IssueForm

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {
            "is_first": not self.module.versions.exists(),
            "begun": self.module.attempts.live().count(),
        }

    def get_initial(self):
        return {"seen": digest_of_draft(self.module)}

    def form_valid(self, form):
        said = form.cleaned_data
        try:
            version = issuing.issue(
                self.module,
                by=self.request.user,
                what_changed=said["what_changed"],
                is_major=said.get("size", MAJOR) == MAJOR,
                seen=said["seen"] or "not seen",
            )
        except Refused as refused:
            form.add_error(None, str(refused))
            return self.form_invalid(form)
        messages.success(
            self.request,
            f"{version.label.capitalize()} of ‘{version.title}’ is issued. People who begin it "
            f"from now on get it, at {self.module.get_absolute_url()}",
        )
        return redirect("module:versions", self.module.pk)

    def form_invalid(self, form):
        """Show the draft as it is now, so that the next press issues what this page shows."""
        form.data = form.data.copy()
        form.data["seen"] = digest_of_draft(self.module)
        return super().form_invalid(form)

    def get_context_data(self, **kwargs):
        last = self.module.versions.first()
        missing = list(issuing.what_is_missing(self.module))
        return super().get_context_data(
            last=last,
            missing=missing,
            to_look_at=list(issuing.what_to_look_at(self.module)),
            changes=changes_since(self.module, last) if last else [],
            parts=len(self.module.content),
            questions=sum(1 for _ in drawing.questions_of(self.module)),
            **kwargs,
        )


def changes_since(module, last):
    try:
        items = drawing.drawn(module).items
    except CannotCopy:  # Said among what is missing.
        items = drawing.drawn_items(module)
    return changes.since(module, last, items)


class VersionsView(OfModule, TemplateView):
    """List the versions of a module: number, day, by whom, what changed, people."""

    page_title = "Versions"
    header_icon = "history"
    template_name = "elearning/back_office/versions.html"

    def get_context_data(self, **kwargs):
        begun = Count("attempts", Q(attempts__state=Attempt.State.BEGUN))
        done = Count("attempts", Q(attempts__state__in=Attempt.DONE))
        versions = self.module.versions.without_content().select_related("issued_by")
        last = self.module.versions.without_content().first()
        return super().get_context_data(
            versions=versions.annotate(begun=begun, done=done),
            is_changed=last and last.draft_sha256 != self.module.draft_sha256,
            newest=self.module.versions.without_content().newest(),
            **kwargs,
        )


class OfVersion(OfModule):
    """Page about the version that its address names."""

    def find(self, pk):
        found = ModuleVersion.objects.select_related("module", "checked_against", "issued_by")
        self.version = get_object_or_404(found, pk=pk)
        return self.version.module


class VersionView(OfVersion, TemplateView):
    """Show all of an issued version, with the right answers."""

    template_name = "elearning/back_office/version.html"
    header_icon = "history"

    @property
    def page_title(self):
        return self.version.label.capitalize()

    def get_context_data(self, **kwargs):
        questions = changes.versions_in(self.version)
        titles = {item["key"]: item["title"] for item in self.version.items}
        return super().get_context_data(
            version=self.version,
            items=drawing.marked_safe(self.version.items),
            pools=[
                pool
                | {
                    "asked": [
                        with_lesson(questions[pk].content, titles) for pk in pool["questions"]
                    ]
                }
                for pool in self.version.pools
            ],
            **kwargs,
        )


def with_lesson(content, titles):
    """Return a drawn question with the title of the lesson to read again.

    In a template `question.items` would be the method of the dictionary.
    """
    more = {"lesson_title": titles.get(content["lesson"], "")}
    return (
        drawing.question_marked_safe(content) | more | {"items_in_order": content.get("items", [])}
    )


class WithdrawView(OfVersion, ConfirmActionView):
    form_class = ReasonForm
    button = "Withdraw this version"
    header_icon = "history"

    @property
    def page_subtitle(self):
        return str(self.version)

    def get_success_url(self):
        return reverse("module:versions", args=[self.module.pk])

    def is_possible(self):
        return self.version.withdrawn_at is None

    def question(self):
        if not self.is_possible():
            return f"{self.version.label.capitalize()} was withdrawn already."
        begun = self.version.attempts.live().count()
        others = self.module.versions.not_withdrawn().exclude(pk=self.version.pk)
        newest = others.without_content().newest()
        if newest is None:
            then = "Nobody will be able to begin the module until you issue another version."
        else:
            then = f"People who begin from now on get {newest.label}."
            if newest.number > self.version.number:
                then = f"Nobody begins it now: people get {newest.label}."
        finish = f"{people(begun).capitalize()} who {'has' if begun == 1 else 'have'} begun it can "
        finish += "finish it. " if begun else ""
        return f"{then} {finish if begun else ''}Nobody is emailed. This cannot be undone."

    def perform(self, reason):
        issuing.withdraw(self.version, reason, by=self.request.user)

    def success_message(self):
        return f"{self.version.label.capitalize()} is withdrawn."
