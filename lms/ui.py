"""Which clothes does each kind of control wear?"""

from django.forms import widgets

# The first that fits.
CLASSES = [
    (widgets.CheckboxInput, "govuk-checkboxes__input"),
    (widgets.Textarea, "govuk-textarea"),
    (widgets.Select, "govuk-select"),
    (widgets.FileInput, "govuk-file-upload"),
    (widgets.Input, "govuk-input"),
]


class DayInput(widgets.DateInput):
    """A day picked from the browser's own calendar, or typed."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__({"class": "govuk-input--width-10"} | (attrs or {}), format="%Y-%m-%d")
