"""Forms of the telephone screen: find, correct and book for a caller."""

from django import forms

from agencies.back_office.listing import as_day
from agencies.forms import PersonNameField
from agencies.models import Person, Post
from courses.back_office.bookings.forms import AnswersForm
from courses.models import Run
from courses.rules.eligibility import jobs_to_book_from


class FindForm(forms.Form):
    q = forms.CharField(
        label="Name, email address, telephone, or number of a booking or certificate",
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )


class CorrectForm(forms.Form):
    name = PersonNameField(
        label="Full name", max_length=120, help_text="As on certificates to come."
    )
    email = forms.EmailField(
        label="Email address", help_text="Codes to sign in with, and all emails, go here."
    )
    telephone = forms.CharField(max_length=30, required=False)

    def __init__(self, *args, person, **kwargs):
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["name"].kept = person.name
        # An address that somebody has can be changed, but not taken away.
        self.fields["email"].required = bool(person.email)

    def clean_email(self):
        email = self.cleaned_data["email"].strip().lower()
        if Person.objects.with_address(email).exclude(pk=self.person.pk).exists():
            raise forms.ValidationError(
                "Somebody else already has this address. Check it. If they are one person, merge "
                "the two accounts: open this one under People."
            )
        return email or None


class SignInLinkForm(forms.Form):
    is_them = forms.BooleanField(
        label="I have made sure that I am speaking to the person whose account it is",
        help_text="Ask where they work, and for a course that they have booked or completed.",
        error_messages={"required": "Make sure who is calling before you send a link"},
    )


class RunField(forms.ModelChoiceField):
    def label_from_instance(self, run):
        return f"{run.course.title}, {as_day(run.starts_at)}: {free(run)}"


def free(run):
    if run.free is None:
        return "places free"
    if run.is_full:
        return f"full, {run.waiting} waiting"
    return f"{run.free} free" + (f", {run.waiting} waiting" if run.waiting else "")


class PostField(forms.ModelChoiceField):
    def label_from_instance(self, post):
        return f"{post.title}, {post.agency}"


class BookForm(AnswersForm):
    run = RunField(None, label="Course date", empty_label="Choose a date")
    post = PostField(None, label="For which job", empty_label=None)
    field_order = ["run", "post"]

    def __init__(self, *args, person, **kwargs):
        super().__init__(*args, **kwargs)
        jobs = [post.pk for post in jobs_to_book_from(person)]
        posts = Post.objects.filter(pk__in=jobs).select_related("agency")
        self.fields["post"].queryset = posts
        newest = posts.first()
        self.fields["post"].initial = newest
        self.fields["manager_email"].initial = newest.line_manager_email if newest else ""
        if newest is None:
            self.fields["post"].required = False
        runs = Run.objects.open_for_booking().with_waiting().select_related("course")
        booked = person.bookings.live().values("run")
        self.fields["run"].queryset = runs.exclude(pk__in=booked).order_by(
            "course__title", "starts_at", "pk"
        )
