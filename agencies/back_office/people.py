"""Manage people's accounts in the back office, through Wagtail's 'Users'."""

import django_filters
from django import forms
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BooleanColumn
from wagtail.admin.widgets.boolean_radio_select import BooleanRadioSelect
from wagtail.users.views import users

from agencies import access, accounts
from agencies.back_office import double_accounts
from agencies.back_office.listing import DayColumn, OfficeIndexView
from agencies.back_office.overtaken import OvertakenMixin
from agencies.forms import PersonNameField
from agencies.models import Agency, Person, Post
from lms.registries import leavers


class PersonForm(forms.ModelForm):
    """Account form: no passwords, no superusers, no changes of one's own rights."""

    name = PersonNameField(label="Full name", max_length=120, help_text="As on certificates.")

    class Meta:
        model = Person
        fields = ["name", "email", "telephone", "is_active", "is_staff", "groups"]
        widgets = {"groups": forms.CheckboxSelectMultiple}
        help_texts = {
            "is_active": "Untick instead of deleting: the record stays. Their bookings end without "
            "a charge, their places go to the next, and what waits for them goes to somebody else."
        }

    ended = ()

    def __init__(self, *args, by, editing_self=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["name"].kept = self.instance.name
        self.fields["groups"].queryset = Group.objects.filter(name__in=access.STAFF_GROUPS)
        self.fields["groups"].label = "Works as"
        self.fields["groups"].help_text = "For the board's staff only."
        if editing_self:
            for name in ("is_active", "is_staff", "groups"):
                del self.fields[name]

    def clean_email(self):
        email = self.cleaned_data["email"].strip().lower()
        if Person.objects.with_address(email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(
                "Somebody else already has this address. Check it, or look at their account."
            )
        return email

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("groups") and not cleaned.get("is_staff"):
            self.add_error(
                "groups",
                "Only who works for the board can have a role here. Tick that they do, or no role.",
            )
        return cleaned

    def save(self, commit=True):
        groups = self.cleaned_data.get("groups")
        with leavers.noted() as self.ended:
            return accounts.save(self.instance, groups=groups, by=self.by)


class PersonFilterSet(WagtailFilterSet):
    is_staff = django_filters.BooleanFilter(label="Works for the board", widget=BooleanRadioSelect)
    is_active = django_filters.BooleanFilter(label="May sign in", widget=BooleanRadioSelect)
    agency = django_filters.ModelChoiceFilter(
        label="Agency", queryset=Agency.objects.all(), method="at_agency"
    )

    class Meta:
        model = Person
        fields = []

    def __init__(self, *args, is_searching=False, **kwargs):
        super().__init__(*args, **kwargs)

    def at_agency(self, people, name, agency):
        return people.filter(pk__in=Post.objects.at(agency).values("person"))


class PersonIndexView(OfficeIndexView, users.IndexView):
    page_title = "People"
    add_item_label = "Add a person"
    search_fields = ["name", "email", "emailaddress__email"]
    list_export = ["name", "email", "telephone", "is_active", "is_staff", "joined_at", "last_login"]

    @property
    def columns(self):
        return [
            self._get_title_column("name"),
            self._get_custom_column("email"),
            BooleanColumn("is_staff", label="Works for the board", sort_key="is_staff"),
            BooleanColumn("is_active", label="May sign in", sort_key="is_active"),
            DayColumn("joined_at", label="Joined", sort_key="joined_at"),
        ]

    def order_queryset(self, queryset):
        order = {"name": ["name", "pk"], "-name": ["-name", "-pk"]}.get(self.ordering)
        return queryset.order_by(*order) if order else super().order_queryset(queryset)

    def get_base_queryset(self):
        return Person.objects.visible_to(self.request.user).select_related("wagtail_userprofile")


class ByMixin:
    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"by": self.request.user}


class PersonCreateView(ByMixin, users.CreateView):
    page_title = "Add a person"
    success_message = "%(object)s is added. They sign in with a code sent to their address."


class PersonEditView(OvertakenMixin, ByMixin, users.EditView):
    """Change an account; say what ended with it when it is closed."""

    error_message = "This person could not be saved: see below."

    def get(self, request, *args, **kwargs):
        double_accounts.warn(request, self.object)
        return super().get(request, *args, **kwargs)

    def get_success_message(self):
        return " ".join([f"{self.object} is changed.", *self.form.ended])

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        if self.object.is_superuser and not request.user.is_superuser:
            raise PermissionDenied


class PersonViewSet(users.UserViewSet):
    """Wagtail's user management without deletion: see access.NOBODYS_PERMISSIONS."""

    menu_name = "people"
    menu_label = "People"
    menu_order = 210
    add_to_settings_menu = False
    add_to_admin_menu = True
    ordering = "name"
    filterset_class = PersonFilterSet
    copy_view_enabled = False
    template_prefix = ""
    index_view_class = PersonIndexView
    add_view_class = PersonCreateView
    edit_view_class = PersonEditView
    export_filename = "people"

    def get_form_class(self, for_update=False):
        return PersonForm
