"""Forms for booking a place, and for handing one on."""

from django import forms
from django.core.exceptions import ValidationError

from agencies.free_text import birth_dates, nhs_numbers
from courses.rules import cancellation, charging, eligibility
from lms.formatting import pounds

MOST_NEEDS = 500
MOST_ANSWER = 1500
NAMED = (
    "There seems to be a name beside a date of birth. Take it out: write nothing by which a child "
    "or a family can be known. If it is nothing of the kind, say so here."
)


class JobField(forms.ModelChoiceField):
    def label_from_instance(self, post):
        return f"{post.title}, {post.agency}"


def free_text(**more):
    """Build a multi-line text field that refuses NHS numbers."""
    return forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}), validators=[nhs_numbers.refuse], **more
    )


class FreeTextForm(forms.Form):
    """Form that warns of a name beside a birth date; the writer may say that it is nobody's."""

    def clean(self):
        told = super().clean()
        texts = [self.cleaned_data.get(field.name) for field in self if is_free_text(field)]
        if any(birth_dates.stand_beside_a_name(text) for text in texts if text):
            self.fields["names_nobody"] = forms.BooleanField(
                label="No child or family can be known by what I wrote", required=False
            )
            if "names_nobody" not in self.data:
                self.add_error("names_nobody", NAMED)
        return told


def is_free_text(field):
    return isinstance(field.field.widget, forms.Textarea)


class BookingForm(forms.Form):
    post = JobField(
        None,
        label="Which job is it for?",
        help_text="The booking counts for that agency.",
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose the job that this is for.",
            "invalid_choice": "Choose one of your present jobs.",
        },
    )
    manager_email = forms.EmailField(
        label="Your manager’s email address",
        required=False,
        max_length=254,
        help_text="The confirmation is copied to this address. By booking you say that "
        "your manager agrees.",
        error_messages={
            "invalid": "Enter an email address like name@example.org, or leave this empty."
        },
    )
    cost_code = forms.CharField(
        label="Purchase order or cost code",
        max_length=60,
        error_messages={"required": "Give a purchase order or cost code: your manager knows it."},
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20", "autocomplete": "off"}),
    )
    access_needs = free_text(
        label="Do you need anything to take part?",
        required=False,
        max_length=MOST_NEEDS,
        help_text="Such as step-free access, a hearing loop, or slides in advance. Only "
        "the organiser and the trainers of this date see it, and it is deleted 30 days after the "
        "date. Do not write anything about a child or a family.",
        error_messages={"max_length": f"Say it in at most {MOST_NEEDS} characters."},
    )

    def __init__(self, *args, run, person, posts, **kwargs):
        super().__init__(*args, **kwargs)
        self.run, self.person = run, person
        self.only_post = posts[0] if len(posts) == 1 else None
        if len(posts) > 1:
            self.fields["post"].queryset = person.posts.filter(
                pk__in=[post.pk for post in posts]
            ).select_related("agency__sector")
        else:
            del self.fields["post"]
        self._ask_for_manager(posts)
        self._ask_for_cost_code(posts)

    def _ask_for_manager(self, posts):
        managers = {post.line_manager_email for post in posts}
        if len(managers) == 1:
            self.fields["manager_email"].initial = managers.pop()
        if self.run.asks_approval:
            self.fields["manager_email"].help_text = (
                "Your manager approves this booking, by a link that we send. It must be an address "
                "that we know to be theirs. Left empty or not known to us, we ask whoever leads "
                "training at your agency."
            )

    def _ask_for_cost_code(self, posts):
        """Ask for a cost code if attending from any job is charged; it is needed for those."""
        agencies = {post.agency_id: post.agency for post in posts}.values()
        fees = {agency: fee for agency in agencies if (fee := charging.fee(self.run, agency))}
        self.charged = {agency.pk for agency in fees}
        if not fees:
            del self.fields["cost_code"]
            return
        costs = " and ".join(f"{agency} {pounds(fee)}" for agency, fee in fees.items())
        self.fields["cost_code"].help_text = f"Attending costs {costs}."
        if len(fees) < len(agencies):
            self.fields["cost_code"].required = False
            self.fields["cost_code"].help_text += " Leave it empty for your other job."

    def clean_manager_email(self):
        email = self.cleaned_data["manager_email"]
        try:
            eligibility.refuse_own_manager(self.person, email)
        except eligibility.BookingRefused as refusal:
            raise ValidationError(str(refusal)) from None
        return email

    def clean(self):
        given = {"post": self.only_post} | super().clean()
        if "post" in self.fields and given["post"]:
            self._check_job(given["post"], given.get("cost_code"))
        return given

    def _check_job(self, post, cost_code):
        """Check that the course is for the job chosen of several, and its costs are covered."""
        try:
            eligibility.refuse_unless_eligible(self.run.course, self.person, post)
        except eligibility.BookingRefused as refusal:
            self.add_error("post", str(refusal))
        if post.agency_id in self.charged and not cost_code and "cost_code" not in self.errors:
            self.add_error("cost_code", self.fields["cost_code"].error_messages["required"])


class CancelForm(FreeTextForm):
    """Form that asks for a reason when cancelling is late, so that it costs; a word is enough."""

    reason = forms.CharField(
        label="Why are you cancelling?",
        max_length=240,
        validators=[nhs_numbers.refuse],
        help_text="A word is enough. Your agency and the training office can read it. Write "
        "nothing about a child or a family.",
        error_messages={
            "required": "Say why, in a word or more",
            "max_length": "Say why in at most 240 characters",
        },
    )

    def __init__(self, *args, booking, **kwargs):
        super().__init__(*args, **kwargs)
        if not cancellation.asks_why(booking):
            del self.fields["reason"]


class CancelForOthersForm(forms.Form):
    """Form of whoever cancels for somebody else; a reason is needed when cancelling is late."""

    reason = forms.CharField(
        label="Why?",
        max_length=240,
        required=False,
        validators=[nhs_numbers.refuse],
        help_text="Kept with the booking. Nothing about a child or a family.",
        error_messages={
            "required": "Say why, in a word or more",
            "max_length": "Say why in at most 240 characters",
        },
    )

    def __init__(self, *args, booking, **kwargs):
        super().__init__(*args, **kwargs)
        if cancellation.asks_why(booking):
            self.fields["reason"].required = True
            self.fields[
                "reason"
            ].help_text = (
                "It is late, so we ask. A word is enough. Nothing about a child or a family."
            )


class ColleagueForm(forms.Form):
    """Form that names the colleague who has the place instead."""

    email = forms.EmailField(
        label="Your colleague’s email address",
        max_length=254,
        help_text="Somebody who works at the same agency and has an account here.",
        error_messages={
            "required": "Enter your colleague’s email address.",
            "invalid": "Enter an email address like name@example.org.",
        },
    )

    def __init__(self, *args, booking, **kwargs):
        super().__init__(*args, **kwargs)
        self.booking = booking

    def clean_email(self):
        """Return the colleague; refuse all others with one sentence, known to us or not."""
        colleague = eligibility.colleague_at(self.booking, self.cleaned_data["email"])
        if colleague is None:
            raise ValidationError(eligibility.nobody_there(self.booking))
        try:
            eligibility.refuse_unless_may_take_over(self.booking.run, self.booking, colleague)
        except eligibility.BookingRefused as refusal:
            raise ValidationError(str(refusal)) from None
        return colleague


class PreCourseForm(FreeTextForm):
    """Form of the course's pre-course questions, in order, with earlier answers filled in."""

    def __init__(self, *args, booking, **kwargs):
        super().__init__(*args, **kwargs)
        had = {one["question"]: one["answer"] for one in booking.pre_course_answers}
        for number, question in enumerate(booking.run.course.pre_course_list):
            self.fields[f"answer-{number}"] = free_text(
                label=question,
                max_length=MOST_ANSWER,
                initial=had.get(question, ""),
                error_messages={
                    "required": "Answer each question. ‘No’ or ‘None’ is an answer.",
                    "max_length": f"Say it in at most {MOST_ANSWER} characters.",
                },
            )

    @property
    def answers(self):
        return [said for name, said in self.cleaned_data.items() if name.startswith("answer-")]
