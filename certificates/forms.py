"""Form to check a certificate by its code."""

from django import forms

from certificates import codes


class CheckForm(forms.Form):
    code = forms.CharField(
        label="Verification code",
        help_text="16 letters and numbers, printed beside the square code on the certificate. "
        "For example, 7K2M-9QXA-41TB-Z0HE.",
        max_length=60,
        error_messages={"required": "Enter the verification code from the certificate"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_code(self):
        code = codes.parse(self.cleaned_data["code"])
        if code is None:
            raise forms.ValidationError("Enter all 16 letters and numbers of the code")
        return code
