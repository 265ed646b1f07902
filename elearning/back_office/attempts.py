"""Back-office pages that give somebody another attempt, and count a module as done."""

from django import forms
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from agencies.back_office.confirm_action import ConfirmActionView, ReasonForm
from agencies.models import Person
from elearning.back_office.of_module import refuse_others
from elearning.learning import granting, standing
from elearning.models import Attempt, Module, ModuleVersion


class OfPerson(ConfirmActionView):
    """Page that asks about somebody's learning, for training administrators."""

    model = None
    header_icon = "desktop"
    person = None

    def dispatch(self, request, *args, **kwargs):
        refuse_others(request.user)
        self.find(kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    @property
    def page_subtitle(self):
        return self.person.name

    def get_success_url(self):
        return reverse("telephone_person", args=[self.person.pk])

    def get_breadcrumbs_items(self):
        theirs = {"url": self.get_success_url(), "label": self.person.name}
        return [
            *WagtailAdminTemplateMixin.get_breadcrumbs_items(self),
            theirs,
            {"url": "", "label": self.page_title},
        ]


class GrantView(OfPerson):
    """Give another attempt to somebody who has used them up; the address names their last one."""

    button = "Give another attempt"
    form_class = ReasonForm

    def find(self, pk):
        attempts = Attempt.objects.visible_to(self.request.user)
        found = attempts.select_related("person", "module", "version")
        self.attempt = get_object_or_404(found.defer("version__content"), pk=pk)
        self.person = self.attempt.person

    @cached_property
    def now(self):
        return standing.standing_of(self.attempt.module, self.person)

    def is_possible(self):
        return self.now.are_used_up

    def question(self):
        if not self.is_possible():
            return f"{self.person} has an attempt left at ‘{self.attempt.module}’ already."
        return (
            f"{self.person} has used {self.now.allowed} of {self.now.allowed} attempts at "
            f"‘{self.attempt.module}’. The last score was {self.now.last.score_in_words}, and "
            f"{self.now.newest.pass_mark}% is needed to pass. They get one more, and we tell them. "
            "They don’t see your reason."
        )

    def perform(self, reason):
        granting.grant(self.person, self.attempt.module, reason, by=self.request.user)

    def success_message(self):
        return f"{self.person} has another attempt. {self.person.how_told}"


class WaiveForm(ReasonForm):
    """Form of which module counts as done, and why."""

    module = forms.ModelChoiceField(
        Module.objects.none(),
        label="Online module",
        empty_label="Choose a module",
        error_messages={"required": "Choose a module"},
    )
    field_order = ["module", "reason"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        issued = ModuleVersion.objects.not_withdrawn().values("module")
        self.fields["module"].queryset = Module.objects.filter(pk__in=issued).defer(
            "content", "check_questions"
        )
        self.fields["reason"].help_text = "Such as the training that they did instead."


class WaiveView(OfPerson):
    """Count a module as done for the person whom the address names."""

    button = "Count a module as done"
    form_class = WaiveForm

    def find(self, pk):
        self.person = get_object_or_404(Person.objects.visible_to(self.request.user), pk=pk)

    def get_initial(self):
        return {"module": self.request.GET.get("module", "")[:9]}

    def question(self):
        return (
            f"The module, and the course that it completes, count as done for {self.person} from "
            "today, until a refresh is due. There is no certificate, as they did not pass it. What "
            "they have begun ends. We tell them; they don’t see your reason. This cannot be undone."
        )

    def perform(self, module, reason):
        self.waived = granting.waive(self.person, module, reason, by=self.request.user)

    def success_message(self):
        told = self.person.how_told
        return f"‘{self.waived.module}’ counts as done for {self.person}. {told}"
