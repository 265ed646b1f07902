"""Manage jobs in the back office: who works where, who leads, who waits."""

import django_filters
from django import forms
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.menus import MenuItem
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.views import generic
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import Button

from agencies import access, joining
from agencies.back_office.confirm_action import AskView
from agencies.back_office.listing import DayColumn, OfficeIndexView
from agencies.back_office.overtaken import OvertakenMixin
from agencies.back_office.recorded import OfficeViewSet, RefusalMixin
from agencies.forms import LeavingForm, PersonAtField, PostForm, RefusalForm, TidyField
from agencies.models import Agency, Post, RoleGroup, Sector
from lms.paging import Paginator
from lms.registries import job_followers
from lms.web.govuk_widgets import DayInput
from lms.web.ticked import ticked


class PostFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(
        label="State",
        choices=[
            ("waiting", "Waiting to be confirmed"),
            ("current", "Current"),
            ("past", "Past"),
            ("shared", "Confirmed by a shared email domain only"),
        ],
        method="in_state",
        widget=forms.RadioSelect,
        empty_label="All",
    )
    agency = django_filters.ModelChoiceFilter(label="Agency", queryset=Agency.objects.all())
    agency__sector = django_filters.ModelChoiceFilter(label="Sector", queryset=Sector.objects.all())
    role_group = django_filters.ModelChoiceFilter(
        label="Profession", queryset=RoleGroup.objects.all()
    )

    class Meta:
        model = Post
        fields = ["is_lead"]

    def in_state(self, posts, name, state):
        if state == "waiting":
            return posts.waiting_for_confirmation()
        if state == "current":
            return posts.current()
        if state == "shared":
            return posts.proved_by_shared_domain()
        return posts.filter(ends_on__lt=timezone.localdate())


class PostIndexView(OfficeIndexView):
    page_title = "Jobs"
    add_item_label = "Add a job"

    def get_base_queryset(self):
        posts = Post.objects.visible_to(self.request.user)
        return posts.select_related("person", "agency", "role_group")

    @cached_property
    def header_more_buttons(self):
        to_confirm = Button(
            WaitingJobsView.page_title, url=reverse("job:waiting"), icon_name="check", priority=5
        )
        return [*super().header_more_buttons, to_confirm]

    def get_list_more_buttons(self, instance):
        return super().get_list_more_buttons(instance) + [
            MenuItem(
                step.button,
                url=reverse(f"job:{name}", args=[instance.pk]),
                icon_name=step.header_icon,
            )
            for name, step in STEPS.items()
            if step.is_open_to(instance)
        ]


class NewPostForm(forms.ModelForm):
    """Form for a job of a person who has an account."""

    email = PersonAtField(label="Person's email address", is_open=False)
    title = TidyField(label="Job title", max_length=120)

    class Meta:
        model = Post
        fields = ["email", "agency", "title", "role_group", "line_manager_email", "starts_on"]
        widgets = {"starts_on": DayInput}

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["agency"].queryset = Agency.objects.current()

    def save(self, commit=True):
        fields = {name: self.cleaned_data[name] for name in self.cleaned_data if name != "email"}
        self.instance = joining.join(self.cleaned_data["email"], **fields, by=self.by)
        return self.instance


class PostEditForm(PostForm):
    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by

    def clean(self):
        cleaned = super().clean()
        if not access.may_confirm(self.by, self.instance):
            self.add_error(
                None,
                "Somebody else must change your own job. Ask a colleague in the training office.",
            )
        return cleaned

    def clean_line_manager_email(self):
        email = self.cleaned_data["line_manager_email"].strip().lower()
        try:
            joining.refuse_own_address(self.instance.person, email)
        except joining.JoiningRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return email

    def save(self, commit=True):
        post = Post.objects.get(pk=self.instance.pk)
        email = self.cleaned_data.pop("line_manager_email")
        joining.correct(post, **self.cleaned_data, by=self.by)
        return joining.name_line_manager(post, email, by=self.by)


class ByMixin:
    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"by": self.request.user}


class PostCreateView(ByMixin, RefusalMixin, generic.CreateView):
    page_title = "Add a job"


class PostEditView(OvertakenMixin, ByMixin, generic.EditView):
    def get_queryset(self):
        return Post.objects.visible_to(self.request.user).select_related("person", "agency")

    def get_page_subtitle(self):
        return f"{self.object.person}, {self.object.agency}"


class StepView(AskView):
    """Confirm a change of somebody's job; the list offers only the applicable ones."""

    def get_queryset(self):
        return super().get_queryset().select_related("person", "agency")

    def question(self):
        post = self.object
        return f"{post.person} ({post.person.email}), {post.title} at {post.agency}."

    def success_message(self):
        return f"{self.button}: {self.object.person}, {self.object.agency}."

    def get_success_url(self):
        return reverse(self.index_url_name)

    def get_breadcrumbs_items(self):
        *before, _, this = super().get_breadcrumbs_items()
        return [*before, this]


class ConfirmView(StepView):
    button, header_icon = "Confirm", "check"
    is_open_to = staticmethod(lambda post: post.is_waiting)

    def perform(self):
        self.object = joining.confirm(self.object, by=self.request.user)

    def success_message(self):
        return f"{super().success_message()} {joining.became_of(self.object)}".strip()


class VouchView(StepView):
    button, header_icon = "Confirm that they work there", "check"
    is_open_to = staticmethod(lambda post: bool(post.proved_by) and post.ends_on is None)

    def question(self):
        return (
            f"{super().question()} Until now only their address at {self.object.proved_by} "
            "confirms it."
        )

    def perform(self):
        joining.vouch(self.object, by=self.request.user)


class RefuseView(StepView):
    button, header_icon = "Refuse", "cross"
    form_class = RefusalForm
    is_open_to = staticmethod(lambda post: post.is_waiting)

    def perform(self, reason):
        joining.refuse(self.object, by=self.request.user, reason=reason)


class AppointView(StepView):
    button, header_icon = "Make agency lead", "user"
    is_open_to = staticmethod(
        lambda post: post.is_confirmed and not post.is_lead and post.ends_on is None
    )

    def perform(self):
        joining.appoint_lead(self.object, is_lead=True, by=self.request.user)


class StandDownView(StepView):
    button, header_icon = "No longer agency lead", "user"
    is_open_to = staticmethod(lambda post: post.is_lead)

    def perform(self):
        joining.appoint_lead(self.object, is_lead=False, by=self.request.user)


class EndView(StepView):
    button, header_icon = "End this job", "date"
    form_class = LeavingForm
    is_open_to = staticmethod(lambda post: post.is_confirmed and post.ends_on is None)

    def perform(self, ends_on):
        joining.leave(self.object, on=ends_on, by=self.request.user)


A_PAGE = 50


class WaitingJobsView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """List the jobs that wait to be confirmed, and confirm those that are ticked.

    Those for which something waits, such as a place, come first.
    """

    model = None
    index_url_name = None
    permission_required = "change"
    page_title = "Jobs to confirm"
    header_icon = "clipboard-list"
    template_name = "agencies/back_office/waiting_jobs.html"

    def get_breadcrumbs_items(self):
        index = {"url": reverse(self.index_url_name), "label": "Jobs"}
        return [*self.breadcrumbs_items, index, {"url": "", "label": self.page_title}]

    def posts(self):
        posts = Post.objects.visible_to(self.request.user).waiting_for_confirmation()
        posts = posts.filter(person__is_active=True).exclude(person=self.request.user)
        return posts.select_related("person", "agency", "role_group").order_by("starts_on", "pk")

    def get_context_data(self, **kwargs):
        posts = job_followers.with_what_waits(self.posts())
        posts.sort(key=lambda post: not post.waits)
        page = Paginator(posts, A_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(page=page, posts=page.object_list, **kwargs)

    def post(self, request, *args, **kwargs):
        chosen = self.posts().filter(pk__in=ticked(request.POST.getlist("jobs")))
        outcomes = joining.confirm_each(chosen, by=request.user)
        if not outcomes:
            messages.error(request, "Tick the jobs that you confirm.")
        return self.render_to_response(self.get_context_data(outcomes=outcomes))


STEPS = {
    "confirm": ConfirmView,
    "refuse": RefuseView,
    "vouch": VouchView,
    "appoint": AppointView,
    "stand_down": StandDownView,
    "end": EndView,
}


class PostViewSet(OfficeViewSet):
    model = Post
    name = "job"
    icon = "clipboard-list"
    menu_label = "Jobs"
    list_display = [
        "person",
        "agency",
        "title",
        "role_group",
        DayColumn("starts_on", label="From", sort_key="starts_on"),
        DayColumn("ends_on", label="To", sort_key="ends_on"),
        Column("state", label="State"),
        BooleanColumn("is_lead", label="Agency lead", sort_key="is_lead"),
    ]
    filterset_class = PostFilterSet
    search_fields = ["person__name", "person__email", "agency__name", "title"]
    list_export = [
        "person.name",
        "person.email",
        "agency.name",
        "title",
        "role_group",
        "starts_on",
        "ends_on",
        "state",
        "is_lead",
    ]
    export_headings = {
        "person.name": "Name",
        "person.email": "Email address",
        "agency.name": "Agency",
        "state": "State",
    }
    export_filename = "jobs"
    copy_view_enabled = False
    index_view_class = PostIndexView
    add_view_class = PostCreateView
    edit_view_class = PostEditView

    def get_form_class(self, for_update=False):
        return PostEditForm if for_update else NewPostForm

    def get_urlpatterns(self):
        waiting = path("waiting/", self.construct_view(WaitingJobsView), name="waiting")
        return [*super().get_urlpatterns(), waiting] + [
            path(f"<int:pk>/{name}/", self.construct_view(step), name=name)
            for name, step in STEPS.items()
        ]
