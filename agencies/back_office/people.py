"""Manage people's accounts in the back office, through Wagtail's 'Users'."""

import django_filters
from django import forms
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BooleanColumn
from wagtail.admin.widgets import Button
from wagtail.admin.widgets.boolean_radio_select import BooleanRadioSelect
from wagtail.users.views import users

from agencies import access, accounts
from agencies.back_office import double_accounts, merging
from agencies.back_office.listing import DayColumn, OfficeIndexView
from agencies.back_office.overtaken import OvertakenMixin
from agencies.forms import PersonNameField, SortAsField
from agencies.models import Agency, Person, Post
from lms.registries import leavers


class PersonForm(forms.ModelForm):
    """Account form: no passwords, no superusers, no changes of one's own rights."""

    name = PersonNameField(label="Full name", max_length=120, help_text="As on certificates.")
    sort_as = SortAsField()

    class Meta:
        model = Person
        fields = ["name", "sort_as", "email", "telephone", "is_active", "is_staff", "groups"]
        widgets = {"groups": forms.CheckboxSelectMultiple}
        help_texts = {
            "is_active": "Untick instead of deleting: the record stays. Their bookings end without "
            "a charge, their places go to the next, and what waits for them goes to somebody else."
        }

    ended = ()
    # Accounts of that name, shown before somebody is added.
    doubles = ()

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
        try:
            accounts.refuse_who_may_not(self.instance, self.by)
        except accounts.AccountRefused as refused:
            self.add_error(None, str(refused))
        return cleaned

    def save(self, commit=True):
        groups = self.cleaned_data.get("groups")
        with leavers.noted() as self.ended:
            return accounts.save(self.instance, groups=groups, by=self.by)


class NewPersonForm(PersonForm):
    """Form that shows who has that name already, and adds another only if that is ticked."""

    is_another = forms.BooleanField(
        label="This is somebody else: add them",
        required=False,
        help_text="Two people can have one name. They are never joined unless you merge them.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.order_fields(["is_another"])
        if not self.is_bound:
            del self.fields["is_another"]

    def clean(self):
        cleaned = super().clean()
        name, email = cleaned.get("name", ""), self.data.get("email", "").strip().lower()
        self.doubles = merging.possible_doubles(name, email)
        same = [person for person in self.doubles if person.is_of_name]
        if not same:
            del self.fields["is_another"]
        elif not cleaned.get("is_another"):
            have = "Somebody has" if len(same) == 1 else f"{len(same)} people have"
            self.add_error(
                "is_another",
                f"{have} this name already: look at them first. Tick this if it is somebody else.",
            )
        return cleaned


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

    @property
    def header_more_buttons(self):
        find = reverse("merge_with", args=[self.object.pk])
        merge = Button("Merge with another account", url=find, icon_name="group")
        return [*super().header_more_buttons, merge]

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
    create_template_name = "agencies/back_office/add_person.html"
    edit_view_class = PersonEditView
    export_filename = "people"

    def get_form_class(self, for_update=False):
        return PersonForm if for_update else NewPersonForm
