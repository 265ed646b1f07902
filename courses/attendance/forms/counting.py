"""Form that asks why somebody counts as complete, or does so no longer."""

from django import forms


class ReasonForm(forms.Form):
    """Form with the reason alone; the verb says what is wrong with it."""

    reason = forms.CharField(
        label="Why?",
        max_length=240,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why in a few words"},
    )
