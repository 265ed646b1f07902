"""Back-office list and editor of online modules."""

import django_filters
from django import forms
from django.db.models import F, Q
from django.urls import path, reverse
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, HelpPanel, MultiFieldPanel, ObjectList, TabbedInterface
from wagtail.admin.ui.tables import BooleanColumn, Column, NumberColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets import HeaderButton
from wagtail.admin.widgets.button import Button

from agencies.back_office.listing import DayColumn, OfficeIndexView
from agencies.back_office.overtaken import OvertakenMixin
from agencies.back_office.recorded import OfficeViewSet, RecordedForm
from elearning.authoring import states
from elearning.back_office.attempts import GrantView, WaiveView
from elearning.back_office.bringing import BringInView
from elearning.back_office.packages import PackagesView, PackageView
from elearning.back_office.preview import PreviewPartView, PreviewView
from elearning.back_office.versions import IssueView, VersionsView, VersionView, WithdrawView
from elearning.models import Module
from elearning.models.drafts import STREAMS
from lms.web.overtaken import is_stream_cut_off
from protocols.models import Edition

EXPORTED = {
    "code": "Code", "title": "Title", "minutes": "Minutes", "state": "State",
    "last_issued_at": "Last issued", "behind": "Behind its protocol", "is_open": "Open",
}  # fmt: skip


class EditionField(forms.ModelChoiceField):
    def label_from_instance(self, edition):
        return f"{edition.title}, {edition.label.lower()}"


class ModuleForm(RecordedForm):
    """Form of a module's draft.

    A stream that was not sent, as when the page's script did not run, stays as it is.
    """

    checked_against = EditionField(
        Edition.objects.none(),
        required=False,
        empty_label="No protocol",
        help_text=Module._meta.get_field("checked_against").help_text,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        editions = Edition.objects.without_text()
        chosen = Q(pk=self.instance.checked_against_id)
        in_force = Q(pk__in=Edition.objects.in_force().values("pk"))
        if "checked_against" in self.fields:
            self.fields["checked_against"].queryset = editions.filter(in_force | chosen).order_by(
                "title", "-number"
            )
        if "code" in self.fields and self.instance.pk and self.instance.versions.exists():
            self.fields["code"].disabled = True
            self.fields["code"].help_text = "It cannot be changed, as a version has been issued."
        for name in STREAMS:
            if self.is_bound and is_stream_cut_off(
                self.fields[name], self.data, self.files, self.add_prefix(name)
            ):
                del self.fields[name]


EDITOR = TabbedInterface(
    [
        ObjectList(
            [
                FieldPanel("title"),
                FieldPanel("summary"),
                FieldPanel("code"),
                FieldPanel("minutes"),
                FieldPanel("before_you_start"),
                FieldPanel("checked_against"),
                FieldPanel("is_open"),
            ],
            heading="About",
        ),
        ObjectList(
            [
                HelpPanel(
                    "<p>Press + and choose Lesson. Give it a title, then add what people read: a "
                    "section is a heading with text. A scenario is a situation with choices. "
                    "Nobody sees any of it until you issue a version.</p>"
                ),
                FieldPanel("content", heading="Lessons and scenarios"),
            ],
            heading="Lessons",
        ),
        ObjectList(
            [
                HelpPanel(
                    "<p>Press + to add questions on one subject. Each person is asked as many of "
                    "them as you say, drawn at random, in each attempt.</p>"
                ),
                FieldPanel("check_questions", heading="Questions"),
                MultiFieldPanel(
                    [
                        FieldPanel("pass_mark"),
                        FieldPanel("attempts_allowed"),
                        FieldPanel("pause_hours"),
                    ],
                    heading="Passing",
                ),
            ],
            heading="Check",
        ),
    ],
    base_form_class=ModuleForm,
)


class ModuleFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(
        label="State",
        choices=[
            ("new", "Not issued yet"),
            ("changed", "Changed since its last version"),
            ("issued", "As issued"),
        ],
        method="in_state",
        widget=forms.RadioSelect,
    )
    behind = django_filters.ChoiceFilter(
        label="Protocol",
        choices=[("yes", "A newer version is in force")],
        method="is_behind",
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Module
        fields = ["is_open"]

    def in_state(self, modules, name, value):
        if value == "new":
            return modules.filter(last_number=None)
        same = Q(last_draft=F("draft_sha256"))
        return modules.filter(same if value == "issued" else ~same, last_number__isnull=False)

    def is_behind(self, modules, name, value):
        return modules.filter(in_force_number__gt=F("taught_number"))


class ModuleIndexView(OfficeIndexView):
    page_title = "Online modules"
    add_item_label = "Add an online module"

    def get_base_queryset(self):
        return states.with_state(Module.objects.all())

    @property
    def columns(self):
        title = self._get_title_column_class(TitleColumn)
        return [
            title("title", label="Title", sort_key="title", get_url=self.get_edit_url),
            Column("code", label="Code", sort_key="code"),
            NumberColumn("minutes", label="Minutes", sort_key="minutes"),
            Column("state", accessor=states.state_of, label="State"),
            DayColumn("last_issued_at", label="Last issued"),
            Column("behind", accessor=states.behind_of, label="Protocol"),
            BooleanColumn("is_open", label="Open", sort_key="is_open"),
        ]

    def to_row_dict(self, module):
        said = {"state": states.state_of(module), "behind": states.behind_of(module)}
        return {name: said.get(name, getattr(module, name, "")) for name in EXPORTED}

    def get_list_more_buttons(self, module):
        return [
            *super().get_list_more_buttons(module),
            *(
                Button(
                    words,
                    reverse(f"module:{name}", args=[module.pk]),
                    icon_name=icon,
                    priority=30,
                )
                for name, words, icon in STEPS
            ),
        ]


# What is done with a module beside writing it: the address, the words and the icon.
STEPS = [
    ("preview", "Preview", "view"),
    ("issue", "Issue a version", "check"),
    ("versions", "Versions", "history"),
    ("bring_in", "Bring in questions", "upload"),
    ("packages", "Packages made elsewhere", "download"),
]


class ModuleCreateView(generic.CreateView):
    page_title = "Add an online module"
    success_message = "‘%(object)s’ is saved as a draft. Nobody sees it until you issue a version."

    def get_success_url(self):
        return reverse("module:edit", args=[self.form.instance.pk])

    def get_success_buttons(self):
        return []


class ModuleEditView(OvertakenMixin, generic.EditView):
    success_message = "The draft of ‘%(object)s’ is saved."

    def get_success_url(self):
        return reverse("module:edit", args=[self.object.pk])

    def get_success_buttons(self):
        return []

    @property
    def header_buttons(self):
        return [
            *super().header_buttons,
            *(
                HeaderButton(
                    label=words,
                    url=reverse(f"module:{name}", args=[self.object.pk]),
                    icon_name=icon,
                    priority=10 + number,
                )
                for number, (name, words, icon) in enumerate(STEPS)
            ),
        ]


class ModuleViewSet(OfficeViewSet):
    model = Module
    icon = "desktop"
    menu_label = "Modules"
    edit_handler = EDITOR
    filterset_class = ModuleFilterSet
    search_fields = ["title", "code"]
    list_export = list(EXPORTED)
    export_headings = EXPORTED
    export_filename = "online-modules"
    ordering = "title"
    copy_view_enabled = False
    index_view_class = ModuleIndexView
    add_view_class = ModuleCreateView
    edit_view_class = ModuleEditView

    def get_urlpatterns(self):
        return [
            *super().get_urlpatterns(),
            path("preview/<int:pk>/", self.construct_view(PreviewView), name="preview"),
            path(
                "preview/<int:pk>/<slug:key>/",
                self.construct_view(PreviewPartView),
                name="preview_part",
            ),
            path("issue/<int:pk>/", self.construct_view(IssueView), name="issue"),
            path("versions/<int:pk>/", self.construct_view(VersionsView), name="versions"),
            path("version/<int:pk>/", self.construct_view(VersionView), name="version"),
            path("withdraw/<int:pk>/", self.construct_view(WithdrawView), name="withdraw"),
            path("grant/<int:pk>/", self.construct_view(GrantView), name="grant"),
            path("waive/<int:pk>/", self.construct_view(WaiveView), name="waive"),
            path("bring-in/<int:pk>/", self.construct_view(BringInView), name="bring_in"),
            path("packages/<int:pk>/", self.construct_view(PackagesView), name="packages"),
            path("package/<int:pk>/", self.construct_view(PackageView), name="package"),
        ]
