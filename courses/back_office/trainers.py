"""Back-office views of the trainer pool, and of asking trainers to deliver a run."""

import django_filters
from django import forms
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.ui.tables import BooleanColumn, Column, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin

from agencies.back_office.confirm_action import ConfirmActionView
from agencies.back_office.listing import OfficeIndexView, as_day
from agencies.back_office.overtaken import OvertakenMixin
from agencies.back_office.recorded import OfficeViewSet, RefusalMixin
from agencies.models import Agency, Person, Post
from courses.back_office.bookings.forms import person_at
from courses.models import Course, Run, Trainer
from courses.scheduling import trainers as scheduling_trainers


def agency_of(trainer):
    """Return the agencies of the trainer's current jobs; '' for none, such as a freelance."""
    return ", ".join(post.agency.name for post in trainer.person.current_posts)


def subjects_of(trainer):
    return ", ".join(sorted(course.title for course in trainer.subjects.all()))


def with_current_posts(trainers):
    posts = Post.objects.current().select_related("agency")
    current = Prefetch("person__posts", posts, to_attr="current_posts")
    return trainers.select_related("person").prefetch_related(current, "subjects")


class TrainerFilterSet(WagtailFilterSet):
    subjects = django_filters.ModelChoiceFilter(
        label="Subject", queryset=Course.objects.all(), widget=forms.Select
    )
    agency = django_filters.ModelChoiceFilter(
        queryset=Agency.objects.current(), method="of_agency", widget=forms.Select
    )

    class Meta:
        model = Trainer
        fields = ["is_available"]

    def of_agency(self, trainers, name, agency):
        posts = Post.objects.current().at(agency)
        return trainers.filter(person__in=posts.values("person"))


class TrainerIndexView(OfficeIndexView):
    page_title = "Trainers"
    add_item_label = "Add a trainer"

    def get_base_queryset(self):
        return with_current_posts(Trainer.objects.all())

    @property
    def columns(self):
        name = self._get_title_column_class(TitleColumn)
        return [
            name(
                "person",
                accessor="person.name",
                label="Name",
                sort_key="person__name",
                get_url=self.get_edit_url,
            ),
            Column("agency", accessor=agency_of, label="Agency"),
            Column("subjects", accessor=subjects_of, label="Can deliver"),
            BooleanColumn("is_available", label="Can be asked", sort_key="is_available"),
        ]

    def to_row_dict(self, trainer):
        return {
            "name": trainer.person.name,
            "email": trainer.person.email,
            "agency": agency_of(trainer),
            "subjects": subjects_of(trainer),
            "is_available": trainer.is_available,
        }


class TrainerForm(WagtailAdminModelForm):
    class Meta:
        model = Trainer
        fields = ["subjects", "is_available", "notes"]
        widgets = {
            "subjects": forms.CheckboxSelectMultiple,
            "notes": forms.Textarea(attrs={"rows": 3}),
        }

    def save(self, commit=True):
        return scheduling_trainers.change_in_pool(
            self.instance, by=self.for_user, **self.cleaned_data
        )


class NewTrainerForm(TrainerForm):
    email = forms.EmailField(
        label="Person's email address", help_text="Somebody who has an account."
    )
    field_order = ["email"]

    def clean_email(self):
        self.person = person_at(self.cleaned_data["email"])
        return self.person.email

    def save(self, commit=True):
        details = {name: self.cleaned_data[name] for name in self._meta.fields}
        self.instance = scheduling_trainers.add_to_pool(self.person, by=self.for_user, **details)
        return self.instance


class TrainerCreateView(RefusalMixin, generic.CreateView):
    page_title = "Add a trainer"
    success_message = "The trainer is in the pool."

    def get_success_buttons(self):
        return []


class TrainerEditView(OvertakenMixin, generic.EditView):
    page_title = "Change"
    success_message = "The trainer is changed."

    def get_queryset(self):
        return Trainer.objects.select_related("person")

    def get_page_subtitle(self):
        return self.object.person.name

    def get_success_buttons(self):
        return []


class TrainersOfRun(PermissionCheckedMixin, WagtailAdminTemplateMixin):
    """Mixin for views of the trainers of a run whose register the user keeps."""

    model = None
    permission_required = "change"
    header_icon = "user"

    def dispatch(self, request, *args, **kwargs):
        if self.user_has_permission(self.permission_required):
            runs = Run.objects.registers_of(request.user).select_related("course", "venue")
            self.run = get_object_or_404(runs, pk=kwargs["run_pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_success_url(self):
        return reverse("trainer:ask", args=[self.run.pk])


class AskForm(forms.Form):
    people = forms.ModelMultipleChoiceField(
        Person.objects.none(),
        error_messages={"required": "Tick whom to ask."},
    )

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["people"].queryset = people


class AskTrainersView(TrainersOfRun, FormView):
    """Pool of trainers for the course, who is free that day, and a form that asks those ticked."""

    page_title = "Trainers"
    template_name = "courses/back_office/trainers.html"
    form_class = AskForm

    def get_page_subtitle(self):
        return f"{self.run.course.title}, {as_day(self.run.starts_at) or 'times not settled'}"

    def get_breadcrumbs_items(self):
        dates = {"url": reverse("run:index"), "label": "Course dates"}
        run = {"url": reverse("run:inspect", args=[self.run.pk]), "label": self.get_page_subtitle()}
        return [*self.breadcrumbs_items, dates, run, {"url": "", "label": self.page_title}]

    def get_form_kwargs(self):
        pool = Person.objects.filter(trainer__in=scheduling_trainers.pool_for(self.run))
        return super().get_form_kwargs() | {"people": pool}

    def form_valid(self, form):
        people = list(form.cleaned_data["people"])
        try:
            asked = scheduling_trainers.ask(self.run, people, by=self.request.user)
        except scheduling_trainers.DeliveringRefused as refused:
            form.add_error(None, str(refused))
            return self.form_invalid(form)
        who = ", ".join(each.person.name for each in asked)
        messages.success(self.request, f"Asked: {who}. Their answers will stand here.")
        return redirect(self.get_success_url())

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            run=self.run,
            delivering=sorted(self.run.trainers.all(), key=lambda each: each.sort_key),
            candidates=candidates(self.run),
            can_ask=not (self.run.cancelled_at or self.run.has_begun),
            **kwargs,
        )


def candidates(run):
    """List the trainers of the pool with their agency, what they teach that day, and answer."""
    pool = sorted(
        with_current_posts(scheduling_trainers.pool_for(run)),
        key=lambda trainer: (trainer.person.sort_key, trainer.pk),
    )
    busy = scheduling_trainers.taught_that_day(run, [trainer.person_id for trainer in pool])
    requests = {asked.person_id: asked for asked in run.delivery_requests.all()}
    return [
        {
            "trainer": trainer,
            "agency": agency_of(trainer),
            "busy": busy.get(trainer.person_id, []),
            "asked": requests.get(trainer.person_id),
        }
        for trainer in pool
    ]


class TakeOffView(ConfirmActionView, TrainersOfRun):
    """Confirm-then-act view that takes a trainer off a run."""

    page_title = "Take off"

    def dispatch(self, request, *args, **kwargs):
        self.person = get_object_or_404(Person, pk=kwargs["pk"], teaches=kwargs["run_pk"])
        return super().dispatch(request, *args, **kwargs)

    @property
    def button(self):
        return f"Take {self.person.name} off"

    def question(self):
        return (
            f"{self.person.name} delivers {self.run.course.title}, {as_day(self.run.starts_at)}. "
            "They are told, and do not see this date's register any more."
        )

    def perform(self):
        scheduling_trainers.take_off(self.run, self.person, by=self.request.user)

    def success_message(self):
        return f"{self.person.name} is taken off, and is told."

    def get_breadcrumbs_items(self):
        *before, this = super().get_breadcrumbs_items()
        return [*before, {"url": self.get_success_url(), "label": "Trainers"}, this]


class TrainerViewSet(OfficeViewSet):
    model = Trainer
    icon = "user"
    menu_label = "Trainers"
    filterset_class = TrainerFilterSet
    search_fields = ["person__name", "person__email", "subjects__title"]
    list_export = ["name", "email", "agency", "subjects", "is_available"]
    export_headings = {
        "name": "Name",
        "email": "Email address",
        "agency": "Agency",
        "subjects": "Can deliver",
        "is_available": "Can be asked",
    }
    export_filename = "trainers"
    ordering = "person__name"
    copy_view_enabled = False
    index_view_class = TrainerIndexView
    add_view_class = TrainerCreateView
    edit_view_class = TrainerEditView

    def get_form_class(self, for_update=False):
        return TrainerForm if for_update else NewTrainerForm

    def get_urlpatterns(self):
        ask, off = self.construct_view(AskTrainersView), self.construct_view(TakeOffView)
        return super().get_urlpatterns() + [
            path("date/<int:run_pk>/", ask, name="ask"),
            path("date/<int:run_pk>/take-off/<int:pk>/", off, name="take_off"),
        ]
