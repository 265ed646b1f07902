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
from agencies.no_email import finding
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
        return (person and person.email) or ""

    def to_python(self, value):
        address = (value or "").strip().lower()
        if not address:
            return None
        person = self.queryset.with_address(address).first()
        if not person:
            raise forms.ValidationError(self.error_messages["invalid_choice"], "invalid_choice")
        return person


class PersonAtField(forms.CharField):
    """Person by email address; by name with its number, who has none. Its value is the person."""

    def __init__(self, *, is_open=True, **kwargs):
        self.is_open = is_open
        hint = "For somebody without an email address, enter their full name."
        kwargs = {"help_text": hint, "max_length": 254} | kwargs
        super().__init__(**kwargs)

    def clean(self, value):
        typed = super().clean(value)
        if not typed:
            return None
        try:
            people = Person.objects.filter(is_active=True) if self.is_open else Person.objects.all()
            return finding.person_at(typed, people)
        except finding.NotFound as refused:
            raise ValidationError(str(refused)) from refused


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


WHO_IS_IT = "Choose who it is, or that it is somebody else"


class WhoIsItMixin:
    """Form with a `name` that shows who among `people` has one like it, and asks who it is.

    One press says which of them it is, or that it is somebody else. That choice names those who
    were shown: it says nothing of anybody else, such as who was added by pressing twice.
    """

    who_hint = ""

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.people = people
        self.doubles = finding.alike(self.data.get("name", ""), people) if self.is_bound else []
        if self.doubles:
            new = (finding.somebody_new(self.doubles), "No, this is somebody else: add them")
            self.fields["who"] = forms.ChoiceField(
                choices=[*((str(each.pk), label_of(each)) for each in self.doubles), new],
                label="Is it one of these people?",
                widget=forms.RadioSelect,
                help_text=self.who_hint,
                error_messages={"required": WHO_IS_IT, "invalid_choice": WHO_IS_IT},
            )

    @property
    def chosen(self):
        """The person of the list who was chosen; None for somebody new."""
        who = self.cleaned_data.get("who")
        return next((each for each in self.doubles if str(each.pk) == who), None)


def label_of(person):
    """Return what tells this person from others of the name."""
    job = person.posts.current().select_related("agency").first()
    known_as = f", {job.title} at {job.agency}" if job else ""
    return f"{person.name}{known_as}. {person.email_in_words}"


class ColleagueForm(WhoIsItMixin, forms.Form):
    """Form with which a lead adds somebody to their staff, with or without an email address.

    Among `people`, whom the lead sees, those of a name like it are shown: one press says which of
    them it is, or that it is somebody else.
    """

    name = PersonNameField(
        label="Full name",
        max_length=120,
        help_text="This is printed on their certificates.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Enter their full name."},
    )
    email = forms.EmailField(
        label="Their own email address",
        required=False,
        max_length=254,
        help_text="We write to them there, and they sign in with a code. If they have none, leave "
        "this empty: you book courses for them, and we ask you to tell them.",
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"invalid": "Enter an email address like name@example.org"},
    )
    agency = forms.ModelChoiceField(
        None, label="They work at", empty_label=None, widget=forms.RadioSelect
    )
    title = TidyField(
        label="Job title", max_length=120, error_messages={"required": "Enter their job title."}
    )
    role_group = forms.ModelChoiceField(
        RoleGroup.objects.all(), label="Profession", required=False, empty_label="None of these"
    )
    who_hint = "They are on your list of staff already, with the same or nearly the same name."

    def __init__(self, *args, agencies, **kwargs):
        super().__init__(*args, **kwargs)
        self.agencies = [each for each in agencies if not each.merged_into_id] or agencies
        if len(self.agencies) > 1:
            among = [agency.pk for agency in self.agencies]
            self.fields["agency"].queryset = Agency.objects.filter(pk__in=among)
            self.fields["agency"].initial = among[0]
        else:
            del self.fields["agency"]
        # An address says who it is.
        if "who" in self.fields and self._is_known():
            self.fields["who"].required = False

    def _is_known(self):
        email = self.data.get("email", "").strip().lower()
        return Person.objects.with_address(email).exists()

    def clean_email(self):
        email = self.cleaned_data["email"].strip().lower()
        if not email.isascii():
            raise ValidationError("Enter an email address in unaccented English letters")
        return email

    def clean(self):
        given = super().clean()
        return given | {"agency": given.get("agency") or self.agencies[0]}


class AddressForm(forms.Form):
    email = forms.EmailField(
        label="Their own email address",
        max_length=254,
        help_text="Not one that they share with others, and not yours.",
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": "Enter their email address",
            "invalid": "Enter an email address like name@example.org",
        },
    )

    def clean_email(self):
        email = self.cleaned_data["email"].strip().lower()
        if not email.isascii():
            raise ValidationError("Enter an email address in unaccented English letters")
        return email


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


class NameForm(forms.Form):
    name = PersonNameField(
        label="Full name",
        max_length=120,
        help_text="Certificates that you already hold keep the name that is on them.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Enter your full name."},
    )


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
