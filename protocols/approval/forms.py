"""Form with which an agency approves a draft or sends it back."""

from django import forms

from agencies.free_text import nhs_numbers

APPROVE, SEND_BACK = "approve", "send_back"


class AnswerForm(forms.Form):
    decision = forms.ChoiceField(
        label="Your answer",
        choices=[(APPROVE, "Approve"), (SEND_BACK, "Send it back")],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether you approve it, or send it back."},
    )
    comment = forms.CharField(
        label="What should change?",
        help_text="Fill this in if you send it back. The author of the protocol will read it.",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        validators=[nhs_numbers.refuse],
    )

    def __init__(self, *args, approve, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["decision"].choices = [(APPROVE, approve), (SEND_BACK, "Send it back")]

    def clean(self):
        said = super().clean()
        if said.get("decision") == SEND_BACK and not said.get("comment", "x"):
            self.add_error("comment", "Say what should change.")
        return said
