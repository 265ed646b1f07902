"""Back-office views of evaluation questions: before a course, at its end and months later."""

from functools import partial

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.urls import path, reverse
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.ui.menus import MenuItem
from wagtail.admin.ui.tables import Column, NumberColumn, TitleColumn
from wagtail.admin.views import generic

from agencies.back_office.confirm_action import AskView
from agencies.back_office.listing import OfficeIndexView
from agencies.back_office.overtaken import OvertakenMixin
from agencies.back_office.recorded import OfficeViewSet, RefusalMixin
from courses.evaluation import evaluation
from courses.models import Course, Question

WHEN = {
    "before": "before",
    "at_end": "at the end",
    "later": "later",
    "of_manager": "of the manager",
}


def about(question):
    return question.course.title if question.course else "Every course"


def when_of(question):
    return ", ".join(words for name, words in WHEN.items() if getattr(question, name))


def state_of(question):
    return "Retired" if question.retired_at else "Asked"


class QuestionFilterSet(WagtailFilterSet):
    course = django_filters.ModelChoiceFilter(queryset=Course.objects.all(), widget=forms.Select)
    retired = django_filters.BooleanFilter(
        field_name="retired_at",
        lookup_expr="isnull",
        exclude=True,
        label="Retired",
        widget=forms.Select(choices=[("", "All"), ("true", "Yes"), ("false", "No")]),
    )

    class Meta:
        model = Question
        fields = []


class QuestionIndexView(OfficeIndexView):
    page_title = "Evaluation questions"
    add_item_label = "Add a question"

    def get_base_queryset(self):
        return Question.objects.select_related("course")

    @property
    def columns(self):
        title = self._get_title_column_class(TitleColumn)
        return [
            title("words", label="Question", sort_key="words", get_url=self.get_edit_url),
            Column("course", accessor=about, label="About"),
            Column("kind", accessor="get_kind_display", label="Answered by"),
            Column("when", accessor=when_of, label="Asked"),
            NumberColumn("position", label="Position", sort_key="position"),
            Column("state", accessor=state_of, label="State"),
        ]

    def to_row_dict(self, question):
        return {
            "words": question.words,
            "about": about(question),
            "kind": question.get_kind_display(),
            "when": when_of(question),
            "needed": question.is_needed,
            "position": question.position,
            "state": state_of(question),
        }

    def get_list_more_buttons(self, question):
        buttons = super().get_list_more_buttons(question)
        if not question.retired_at:
            address = reverse("question:retire", args=[question.pk])
            buttons.append(MenuItem("Retire", url=address, icon_name="circle-xmark", priority=30))
        return buttons


class QuestionForm(WagtailAdminModelForm):
    """Question form; once it is answered, what is asked and of which course cannot be changed."""

    class Meta:
        model = Question
        fields = ["words", "kind", "course", "is_needed", *WHEN, "position"]
        widgets = {"course": forms.Select}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["course"].queryset = Course.objects.on_dates()
        self.fields["course"].empty_label = "Every course"
        self.fields["course"].help_text = "Leave ‘Every course’ to ask it of all."
        self.fields["position"].help_text = "The lowest is asked first."
        if self.instance.pk and self.instance.answers.exists():
            for name in evaluation.MEANING:
                self.fields[name].disabled = True
            self.fields["words"].help_text = (
                "It has been answered, so what it asks stays. To ask otherwise, retire it and add "
                "another."
            )

    def clean(self):
        said = super().clean()
        if not any(said.get(name) for name in WHEN):
            raise ValidationError(
                "Tick when it is asked: before, at the end, later or of the manager."
            )
        return said

    def save(self, commit=True):
        if self.instance.pk:
            verb = partial(evaluation.change_question, self.instance)
        else:
            verb = evaluation.add_question
        self.instance = verb(by=self.for_user, **self.cleaned_data)
        return self.instance


class QuestionCreateView(generic.CreateView):
    page_title = "Add a question"
    success_message = "The question is asked from now on."

    def get_success_buttons(self):
        return []


class QuestionEditView(OvertakenMixin, RefusalMixin, generic.EditView):
    page_title = "Change"
    success_message = "The question is changed."

    def get_success_buttons(self):
        return []


class RetireView(AskView):
    button = "Retire this question"
    permission_required = "change"
    header_icon = "help"

    def get_queryset(self):
        return Question.objects.all()

    def get_success_url(self):
        return reverse("question:index")

    def question(self):
        return f"‘{self.object}’ is asked no more. What was answered to it stays in the results."

    def perform(self):
        evaluation.retire(self.object, by=self.request.user)

    def success_message(self):
        return "The question is retired."


class QuestionViewSet(OfficeViewSet):
    model = Question
    icon = "help"
    menu_label = "Evaluation questions"
    filterset_class = QuestionFilterSet
    search_fields = ["words"]
    list_export = ["words", "about", "kind", "when", "needed", "position", "state"]
    export_headings = {
        "words": "Question", "about": "About", "kind": "Answered by", "when": "Asked",
        "needed": "Must be answered", "position": "Position", "state": "State",
    }  # fmt: skip
    export_filename = "evaluation-questions"
    ordering = "position"
    copy_view_enabled = False
    index_view_class = QuestionIndexView
    add_view_class = QuestionCreateView
    edit_view_class = QuestionEditView

    def get_form_class(self, for_update=False):
        return QuestionForm

    def get_urlpatterns(self):
        retire = self.construct_view(RetireView)
        return [*super().get_urlpatterns(), path("retire/<int:pk>/", retire, name="retire")]
