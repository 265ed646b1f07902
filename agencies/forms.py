"""Define the forms about people and agencies."""

from itertools import groupby

from allauth.account.adapter import get_adapter
from allauth.account.forms import AddEmailForm, LoginForm, RequestLoginCodeForm, SignupForm
from allauth.core import context as allauth_context
from allauth.core import ratelimit
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from agencies import access, partners
from agencies.email_domains import email_domains
from agencies.free_text import names
from agencies.models import Agency, Domain, Person, Post, RoleGroup
from agencies.own_account import devices
from lms.web.govuk_widgets import DayInput


class TidyField(forms.CharField):
    """Single line of text in any script, without markup, addresses or hidden characters."""

    default_validators = [names.check]

    def to_python(self, value):
        return names.tidy(super().to_python(value))


class PersonNameField(TidyField):
    """Name of a person, which certificates can show; one that is `kept` is not checked again."""

    default_validators = [names.check_person]
    kept = ""

    def run_validators(self, value):
        if value != self.kept:
            super().run_validators(value)


class PersonField(forms.ModelChoiceField):
    """Person chosen by email address, as a list of everybody would be too long.

    Used in every Wagtail form for a model with a foreign key to a person.
    """

    widget = forms.EmailInput
    default_error_messages = {
        "invalid_choice": "Nobody has an account with this address. Check it, or leave it empty."
    }

    def prepare_value(self, value):
        """Show typed text as it is, and a person as their address."""
        if isinstance(value, str):
            return value
        person = value if isinstance(value, Person) else Person.objects.filter(pk=value).first()
        return person.email if person else ""

    def to_python(self, value):
        address = (value or "").strip().lower()
        if not address:
            return None
        person = self.queryset.with_address(address).first()
        if not person:
            raise forms.ValidationError(self.error_messages["invalid_choice"], "invalid_choice")
        return person


class SignUpForm(SignupForm):
    name = PersonNameField(
        label="Full name",
        max_length=120,
        help_text="As it should stand on your certificates.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Enter your full name."},
    )
    field_order = ["name", "email"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        email = self.fields["email"]
        email.label = "Email address"
        email.help_text = (
            "Use your work address if you have one: it shows which agency you work for. "
            "We send a code to it."
        )
        email.error_messages["required"] = "Enter your email address."


def refuse_too_many_codes(email):
    """Refuse another code to this address in a short time, whoever asks.

    Not allauth's own limit, by which a stranger who types an address keeps its owner out.
    """
    request = allauth_context.request
    key = devices.counted_as(request, email)
    if not ratelimit.consume(request, action=devices.CODES, key=key):
        raise get_adapter().validation_error("too_many_login_attempts")


class SignInForm(LoginForm):
    """Sign-in form that treats a closed account like an unknown address."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "Email address"
        self.fields["login"].help_text = "We send a code to it. You need no password."
        self.fields["login"].error_messages["required"] = "Enter your email address."

    def _clean_without_password(self, email, phone):
        cleaned = super()._clean_without_password(email, phone)
        if email and not self.errors:
            try:
                refuse_too_many_codes(email)
            except ValidationError as refused:
                self.add_error("login", refused)
        if self.user and not access.may_sign_in(self.user):
            self.user = None
        return cleaned


class AddAddressForm(AddEmailForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        email = self.fields["email"]
        email.label = "New email address"
        email.error_messages["required"] = "Enter the email address that you want to add"
        email.error_messages["invalid"] = "Enter an email address like name@example.org"


class RequestCodeForm(RequestLoginCodeForm):
    """Code request form that treats a closed account like an unknown address."""

    def clean_email(self):
        email = super().clean_email()
        refuse_too_many_codes(email)
        if getattr(self, "_user", None) and not access.may_sign_in(self._user):
            self._user = None
        return email


class AgencyField(forms.ModelChoiceField):
    """Current agency, grouped by sector."""

    def __init__(self, **kwargs):
        super().__init__(Agency.objects.current(), empty_label="Choose an agency", **kwargs)

    def grouped(self):
        """List the choices by sector, with one query."""
        agencies = Agency.objects.current().select_related("sector")
        ordered = agencies.order_by("sector__position", "sector__name", "name")
        groups = groupby(ordered, key=lambda agency: agency.sector.name)
        return [("", self.empty_label)] + [
            (sector, [(agency.pk, agency.name) for agency in group]) for sector, group in groups
        ]


class LineManagerForm(forms.Form):
    line_manager_email = forms.EmailField(
        label="Line manager’s email address",
        required=False,
        max_length=254,
        help_text="Your joining instructions are copied to this address.",
    )


class JoiningForm(LineManagerForm):
    agency = AgencyField(
        label="Agency", error_messages={"required": "Choose the agency that you work for."}
    )
    title = TidyField(
        label="Job title", max_length=120, error_messages={"required": "Enter your job title."}
    )
    role_group = forms.ModelChoiceField(
        RoleGroup.objects.all(),
        label="Profession",
        required=False,
        empty_label="None of these",
        help_text="Choose the nearest. It decides which training we suggest to you.",
    )
    field_order = ["agency", "title", "role_group", "line_manager_email"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["agency"].widget.choices = self.fields["agency"].grouped()


class RefusalForm(forms.Form):
    reason = forms.CharField(
        label="Why?",
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="We send it to the person. Write nothing about a child or a family.",
    )


class LeavingForm(forms.Form):
    ends_on = forms.DateField(
        label="Last day in this job",
        initial=timezone.localdate,
        widget=DayInput,
        error_messages={"required": "Enter the last day in this job."},
    )


class SortAsField(TidyField):
    """Last name by which lists sort a person, where it is not the last word of the name."""

    def __init__(self, **kwargs):
        said = {
            "label": "Last name in lists, if it’s not the last word",
            "required": False,
            "max_length": 120,
            "help_text": "For example: van der Berg. Registers and lists are sorted by it.",
        }
        super().__init__(**said | kwargs)


class NameForm(forms.Form):
    name = PersonNameField(
        label="Full name",
        max_length=120,
        help_text="Certificates that you already hold keep the name that is on them.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Enter your full name."},
    )
    sort_as = SortAsField()


class DomainForm(forms.ModelForm):
    class Meta:
        model = Domain
        fields = ["name", "proves_job"]
        labels = {"name": "Domain"}

    def clean_name(self):
        try:
            return email_domains.tidy(self.cleaned_data["name"])
        except email_domains.DomainRefused as refused:
            raise ValidationError(str(refused)) from refused

    def clean(self):
        cleaned = super().clean()
        proves = cleaned.get("proves_job") and "name" in cleaned
        if proves and (why := partners.why_no_proof(cleaned["name"])):
            self.add_error("proves_job", why)
        return cleaned


class AgencyForm(forms.ModelForm):
    """Agency form of the back office, with the model's rules as readable messages."""

    class Meta:
        model = Agency
        fields = ["name", "sector", "parent", "merged_into", "merged_on"]
        widgets = {"merged_on": DayInput}

    # Names of its email domains, from a formset of their own; None: as they are.
    domains = None
    suggesting = ()

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by

    def clean(self):
        cleaned = super().clean()
        for name, sentence in partners.why_wrong(self.instance, cleaned).items():
            self.add_error(name, sentence)
        return cleaned

    def save(self, commit=True):
        domains = {"domains": self.domains, "suggesting": self.suggesting}
        said = {**domains, "by": self.by, **self.cleaned_data}
        is_new = self.instance.pk is None
        self.instance = partners.add(**said) if is_new else partners.change(self.instance, **said)
        return self.instance


class PostForm(forms.ModelForm):
    title = TidyField(label="Job title", max_length=120)

    class Meta:
        model = Post
        fields = ["title", "role_group", "line_manager_email"]
