"""Form with which an approver decides about a colleague's request."""

from django import forms


class DecisionForm(forms.Form):
    APPROVE, REFUSE = "approve", "refuse"

    decision = forms.ChoiceField(
        label="Do you approve?",
        choices=[(APPROVE, "Yes, I approve"), (REFUSE, "No, I refuse")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether you approve."},
    )
    reason = forms.CharField(
        label="If not, why?",
        required=False,
        max_length=240,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Your colleague reads it. Write nothing about a child or a family.",
    )

    def clean(self):
        given = super().clean()
        if given.get("decision") == self.REFUSE and not given.get("reason"):
            self.add_error("reason", "Say why not: your colleague will read it.")
        return given

    @property
    def approves(self):
        return self.cleaned_data["decision"] == self.APPROVE
