"""Map Django widgets to GOV.UK Frontend CSS classes."""

from django.forms import BoundField, ChoiceField, Form, ModelChoiceField, widgets

# The first match counts.
CLASSES = [
    (widgets.CheckboxInput, "govuk-checkboxes__input"),
    (widgets.Textarea, "govuk-textarea"),
    (widgets.Select, "govuk-select"),
    (widgets.FileInput, "govuk-file-upload"),
    (widgets.Input, "govuk-input"),
]


class DayInput(widgets.DateInput):
    """Date picked from the browser's own calendar, or typed."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__({"class": "govuk-input--width-10"} | (attrs or {}), format="%Y-%m-%d")


def chosen(form: Form, besides: tuple[str, ...] = ()) -> list[str]:
    """List a form's filters in words, such as 'Sector: Health'."""
    values = {name: form.cleaned_data.get(name) for name in form.fields if name not in besides}
    return [_in_words(form[name], value) for name, value in values.items() if value]


def _in_words(field: BoundField, value: object) -> str:
    if value is True:
        return str(field.label)
    if isinstance(field.field, ChoiceField) and not isinstance(field.field, ModelChoiceField):
        value = {str(key): said for key, said in field.field.choices}.get(str(value), value)
    return f"{field.label}: {value}"
