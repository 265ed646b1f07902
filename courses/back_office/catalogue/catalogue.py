"""Back-office views of courses, their levels, and venues."""

import django_filters
from django import forms
from django.db.models import Q
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.widgets import HeaderButton

from agencies import access
from agencies.back_office.confirm_action import AskView
from agencies.back_office.listing import OfficeIndexView
from agencies.back_office.overtaken import OvertakenMixin
from agencies.back_office.recorded import (
    ChoicesViewSet,
    OfficeViewSet,
    RecordedForm,
    RecordedViewSet,
    RefusalMixin,
)
from courses.back_office.email_check import EmailCheckMixin
from courses.catalogue import provider_links
from courses.models import Course, Level, Venue
from courses.rules import kinds
from courses.scheduling import shared_facts
from protocols.models import ProtocolPage

ELSEWHERE, MODULE = Course.Kind.ELSEWHERE, Course.Kind.MODULE
# Says on the form's address, and in its help, which kind the form is for.
OF_KIND = "kind"


class CourseIndexView(OfficeIndexView):
    add_item_label = "Add a course"

    def get_base_queryset(self):
        return Course.objects.select_related("level")

    @property
    def header_buttons(self):
        if not self.add_url:
            return super().header_buttons
        elsewhere = HeaderButton(
            label="Add one given online elsewhere",
            url=f"{self.add_url}?{urlencode({OF_KIND: ELSEWHERE})}",
            icon_name="link-external",
        )
        module = HeaderButton(
            label="Add one that is e-learning",
            url=f"{self.add_url}?{urlencode({OF_KIND: MODULE})}",
            icon_name="desktop",
        )
        return [*super().header_buttons, module, elsewhere]


FIELDS = [
    "kind",
    "title",
    "code",
    "version",
    "summary",
    "audience",
    "outcomes",
    "level",
    "hours",
    "format",
    "module",
    *Course.ONLY_ELSEWHERE,
    "topics",
    "protocols_taught",
    "prerequisites",
    "for_role_groups",
    "for_sectors",
    "asks_approval",
    "second_date",
    "charges_fee",
    "pre_course_questions",
    "asks_evaluation",
    "later_months",
    "renewal_months",
    "certificate_design",
    "runs_a_year_intended",
    "is_offered",
]


class ProtocolsField(forms.ModelMultipleChoiceField):
    """Choice of protocols, which names no draft that the reader may not see."""

    shows_drafts = False

    def label_from_instance(self, page):
        if page.live or self.shows_drafts:
            return super().label_from_instance(page)
        return "A protocol that is not published yet"


class CourseForm(RecordedForm):
    """Course form; professions and sectors are few, so they are checkboxes.

    It has the fields of the kind that the course has, or that was chosen: who chooses another kind
    gets the fields of that one with the first press of Save.
    """

    protocols_taught = ProtocolsField(
        ProtocolPage.objects.defer("body"),
        required=False,
        help_text=Course._meta.get_field("protocols_taught").help_text,
    )

    second_date = forms.ChoiceField(
        label=Course._meta.get_field("second_date").verbose_name.capitalize(),
        choices=Course.SecondDate.choices,
        required=False,
        help_text=Course._meta.get_field("second_date").help_text,
    )
    kind = forms.ChoiceField(
        choices=Course.Kind.offered(),
        help_text="The form asks for what this kind needs. If you choose another, press the button "
        "below to see its fields.",
    )
    provider_link = forms.URLField(
        label="Link to the course",
        required=False,
        max_length=Course._meta.get_field("provider_link").max_length,
        assume_scheme="https",
        help_text=Course._meta.get_field("provider_link").help_text,
        error_messages={
            "invalid": "Enter a whole link, such as https://learning.example.org/neglect"
        },
    )
    format = forms.ChoiceField(
        choices=[("", "---------"), *Course.Format.offered()],
        required=False,
        help_text=Course._meta.get_field("format").help_text,
    )

    class Meta:
        model = Course
        fields = FIELDS
        widgets = {
            "for_role_groups": forms.CheckboxSelectMultiple,
            "for_sectors": forms.CheckboxSelectMultiple,
            "pre_course_questions": forms.Textarea(attrs={"rows": 4}),
            "certificate_design": forms.Select,
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._leave_fields_of_its_kind()
        field = self.fields["protocols_taught"]
        field.shows_drafts = access.works_on_drafts(self.for_user)
        if not field.shows_drafts:
            chosen = self.instance.protocols_taught.values("pk") if self.instance.pk else []
            field.queryset = field.queryset.filter(Q(live=True) | Q(pk__in=chosen))

    def _leave_fields_of_its_kind(self):
        """Drop the fields of other kinds: no certificate of ours prints a version of theirs."""
        kind = self.data.get(self.add_prefix("kind")) if self.is_bound else self.initial.get("kind")
        kind = kind or self.instance.kind
        others = {
            ELSEWHERE: {"version", "module", *Course.ONLY_ON_DATES},
            MODULE: {"version", "hours", *Course.ONLY_ON_DATES, *Course.ONLY_ELSEWHERE}
            - {"certificate_design"},
        }
        for name in others.get(kind, {"module", *Course.ONLY_ELSEWHERE}):
            del self.fields[name]
        if kind == MODULE:
            self.fields["module"].required = True
            self.fields["module"].error_messages["required"] = "Choose the module that people do"
            self.fields["module"].help_text = (
                "Its name, its minutes and what it teaches are written under Online modules. A "
                "module completes one course."
            )
        if kind == ELSEWHERE:
            self.fields["hours"].help_text = "About how long it takes, for reports and records."
            self.fields[
                "prerequisites"
            ].help_text = "Courses that people should complete before this one: its page says so."

    def clean_kind(self):
        kind = self.cleaned_data["kind"]
        before = Course.objects.filter(pk=self.instance.pk).first()
        if before and (why := kinds.why_kind_stays(before, kind)):
            raise forms.ValidationError(why)
        return kind

    def clean_module(self):
        module = self.cleaned_data["module"]
        if module and (why := kinds.why_not_module(self.instance, module)):
            raise forms.ValidationError(why)
        return module

    def clean_second_date(self):
        return self.cleaned_data["second_date"] or self.instance.second_date

    def clean(self):
        said = super().clean()
        if said.get("kind") == Course.Kind.TAUGHT and not said.get("format"):
            self.add_error("format", "Say whether it is taught in a classroom or a virtual one.")
        return said

    def save(self, commit=True):
        many = {field.name for field in self.instance._meta.many_to_many} & self.cleaned_data.keys()
        its = {name: self.cleaned_data[name] for name in many}
        return shared_facts.save(self.instance, by=self.for_user, **its)


class CourseFilterSet(WagtailFilterSet):
    format = django_filters.ChoiceFilter(
        choices=Course.format_choices(), method="in_format", widget=forms.RadioSelect
    )

    link = django_filters.ChoiceFilter(
        label="Provider’s link",
        choices=[("due", "To be checked")],
        method="with_link",
        widget=forms.RadioSelect,
        empty_label="All",
    )

    class Meta:
        model = Course
        fields = ["level", "is_offered"]

    def in_format(self, courses, name, format):
        return courses.in_format(format)

    def with_link(self, courses, name, due):
        return courses.filter(pk__in=Course.objects.link_to_check())


class ToldOnDatesMixin(EmailCheckMixin):
    """Mixin for an edit view of what dates share: shows first who gets an email about them."""

    offers_quiet = True
    dates_told = 0

    def save_for_now(self):
        self.dates_told = shared_facts.save_and_tell(**self._entered)

    def save_instance(self):
        return shared_facts.save(**self._entered)

    @property
    def _entered(self):
        thing, entered = self.form.instance, self.form.cleaned_data
        many = {field.name for field in thing._meta.many_to_many} & entered.keys()
        its = {name: entered[name] for name in many}
        return {"thing": thing, "by": self.request.user, **its, **self.without_email}

    @property
    def where_told(self):
        return "1 date" if self.dates_told == 1 else f"{self.dates_told} dates"


class CourseCreateView(RefusalMixin, generic.CreateView):
    """Form of a new course, of the kind that its address names."""

    def get_initial(self):
        asked = self.request.GET.get(OF_KIND)
        return super().get_initial() | ({OF_KIND: asked} if asked in (ELSEWHERE, MODULE) else {})


class CourseEditView(OvertakenMixin, ToldOnDatesMixin, RefusalMixin, generic.EditView):
    @property
    def header_buttons(self):
        if self.object.is_elsewhere:
            check = HeaderButton(
                label="Check the link",
                url=reverse("course:check_link", args=[self.object.pk]),
                icon_name="link-external",
            )
            return [*super().header_buttons, check]
        if self.object.is_module:
            return super().header_buttons
        handouts = HeaderButton(
            label=f"Handouts ({self.object.materials.count()})",
            url=f"{reverse('material:index')}?{urlencode({'course': self.object.pk})}",
            icon_name="doc-full",
        )
        return [*super().header_buttons, handouts]


class CheckedForm(forms.Form):
    """Hidden link, so that what counts as checked is what was opened."""

    link = forms.CharField(widget=forms.HiddenInput, max_length=400)


class CheckLinkView(AskView):
    """Page that shows a provider's link to open, and a button to say that it is right."""

    permission_required = "change"
    page_title = "Check the link"
    button = "The link leads to this course"
    header_icon = "link-external"
    form_class = CheckedForm

    def get_queryset(self):
        return Course.objects.elsewhere().select_related("link_checked_by")

    def get_initial(self):
        return {"link": self.object.provider_link}

    def get_success_url(self):
        return reverse("course:edit", args=[self.object.pk])

    def question(self):
        course = self.object
        return format_html(
            'Open <a href="{}" rel="noreferrer" target="_blank">{} (opens in a new tab)</a>. Does '
            "it lead to {}, given by {}? If not, go back and enter the link that does. {}",
            course.provider_link,
            course.provider_link,
            course.title,
            course.provider,
            provider_links.last_check(course),
        )

    def perform(self, link):
        provider_links.mark_checked(self.object, link=link, by=self.request.user)

    def success_message(self):
        return f"The link of {self.object.title} is checked. We’ll remind you again in 6 months."


class CourseViewSet(OfficeViewSet):
    model = Course
    icon = "openquote"
    menu_label = "Courses"
    list_display = [
        "title",
        "code",
        "level",
        Column("format", accessor="format_label", label="Format", sort_key="format"),
        "hours",
        "runs_a_year_intended",
        BooleanColumn("is_offered", label="Offered", sort_key="is_offered"),
    ]
    filterset_class = CourseFilterSet
    search_fields = ["title", "code"]
    list_export = [
        "code",
        "title",
        "level",
        "format_label",
        "hours",
        "renewal_months",
        "runs_a_year_intended",
        "is_offered",
        "provider_link",
        "link_checked_on",
    ]
    export_headings = {
        "format_label": "Format",
        "provider_link": "Link",
        "link_checked_on": "Link checked on",
    }
    export_filename = "courses"
    ordering = "title"
    copy_view_enabled = False
    index_view_class = CourseIndexView
    add_view_class = CourseCreateView
    edit_view_class = CourseEditView

    def get_form_class(self, for_update=False):
        return CourseForm

    def get_urlpatterns(self):
        check = self.construct_view(CheckLinkView)
        return [*super().get_urlpatterns(), path("link/<int:pk>/", check, name="check_link")]


class CourseChooserViewSet(ChooserViewSet):
    model = Course
    icon = "openquote"
    choose_one_text = "Choose a course"
    choose_another_text = "Choose another course"


class LevelViewSet(ChoicesViewSet):
    model = Level
    menu_label = "Levels"
    export_filename = "levels"


class VenueForm(RecordedForm):
    """Form of a venue, saved by the verb that has everybody with a date there told."""

    class Meta:
        model = Venue
        fields = ["name", "address", "travel", "access"]

    def save(self, commit=True):
        return shared_facts.save(self.instance, by=self.for_user)


class VenueEditView(ToldOnDatesMixin, RecordedViewSet.edit_view_class):
    """Edit view of a venue."""


class VenueViewSet(RecordedViewSet):
    model = Venue
    icon = "site"
    edit_view_class = VenueEditView
    menu_label = "Venues"
    list_display = ["name", "address"]
    search_fields = ["name", "address"]
    list_export = ["name", "address", "travel", "access"]
    export_filename = "venues"
    copy_view_enabled = False
    index_view_class = OfficeIndexView

    def get_form_class(self, for_update=False):
        return VenueForm
