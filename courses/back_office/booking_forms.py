"""For whom does the training office book a place?"""

from django import forms

from agencies.models import Person


class PlaceForm(forms.Form):
    email = forms.EmailField(label="Person's e-mail address")
    manager_email = forms.EmailField(
        label="Manager's e-mail address", required=False, help_text="Gets a copy."
    )
    access_needs = forms.CharField(
        label="What they need to take part",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Seen by this office and the trainers, and deleted after the date. "
        "Nothing about a child or a family.",
    )

    def clean_email(self):
        """The person, found by any address of theirs that is proven."""
        typed = self.cleaned_data["email"].strip().lower()
        people = Person.objects.filter(is_active=True)
        proven = people.filter(emailaddress__email=typed, emailaddress__verified=True)
        person = people.filter(email=typed).first() or proven.first()
        if not person:
            raise forms.ValidationError("Nobody has this address. Add the person first.")
        return person
