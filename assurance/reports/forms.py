"""Choose the period, the course and the sector of a report."""

import datetime as dt

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.http import urlencode

from agencies.models import Sector
from assurance.reports.attendance import Question
from courses.models import Course
from lms import periods
from lms.web import govuk_widgets
from lms.web.govuk_widgets import DayInput

DAYS = ("since", "until")
EARLIEST, LATEST = dt.date(2000, 1, 1), dt.date(2099, 12, 31)


class PeriodForm(forms.Form):
    """Form for a period; the last 12 months by default."""

    since = forms.DateField(label="From", required=False, widget=DayInput)
    until = forms.DateField(label="To", required=False, widget=DayInput)

    def __init__(self, data):
        self.periods = periods.presets(timezone.localdate())
        usual = days_of(self.periods[0])
        super().__init__(data.dict() | {day: data.get(day) or usual[day] for day in usual})
        for name, which in zip(DAYS, ("first", "last"), strict=True):
            field = self.fields[name]
            field.error_messages["invalid"] = f"Enter the {which} day, such as 27/3/2027"
            said = f"Enter a {which} day from 1/1/2000 to 31/12/2099"
            field.validators += [MinValueValidator(EARLIEST, said), MaxValueValidator(LATEST, said)]

    def clean(self):
        said = super().clean()
        if not self.errors and said["since"] > said["until"]:
            self.add_error("until", "Enter a last day that is not before the first")
        return said

    @property
    def question(self):
        return Question(**{name: self.cleaned_data[name] for name in self.fields})

    @property
    def filters(self):
        """Describe in words the filters other than the period."""
        return govuk_widgets.chosen(self, besides=DAYS)

    @property
    def offered_periods(self):
        """Yield each named period with the report's URL for it."""
        asked = {name: self.data.get(name) for name in self.fields if self.data.get(name)}
        for period in self.periods:
            days = days_of(period)
            yield {
                "name": period.name,
                "days": periods.in_words(period.since, period.until),
                "address": f"?{urlencode(asked | days)}",
                "is_current": all(asked[day] == days[day] for day in DAYS),
            }


class CourseForm(PeriodForm):
    course = forms.ModelChoiceField(Course.objects.all(), required=False, empty_label="All courses")

    def __init__(self, data):
        super().__init__(data)
        self.fields["course"].error_messages["invalid_choice"] = "Choose a course from the list"


class AttendanceForm(CourseForm):
    sector = forms.ModelChoiceField(Sector.objects.all(), required=False, empty_label="All sectors")

    def __init__(self, data):
        super().__init__(data)
        self.fields["sector"].error_messages["invalid_choice"] = "Choose a sector from the list"


def days_of(period):
    return {day: getattr(period, day).isoformat() for day in DAYS}
