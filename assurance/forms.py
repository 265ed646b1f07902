"""What is asked of a report?"""

import datetime as dt

from django import forms
from django.utils import timezone

from agencies.models import Sector
from assurance.reports import Question
from courses.models import Course
from lms.ui import DayInput


class PeriodForm(forms.Form):
    """The last 12 months, unless said otherwise."""

    since = forms.DateField(label="From", required=False, widget=DayInput)
    until = forms.DateField(label="To", required=False, widget=DayInput)

    def __init__(self, data):
        today = timezone.localdate()
        usual = {"since": a_year_before(today).isoformat(), "until": today.isoformat()}
        super().__init__(data.dict() | {day: data.get(day) or usual[day] for day in usual})
        for name in usual:
            self.fields[name].error_messages["invalid"] = "Enter a day such as 2026-11-22."

    def clean(self):
        said = super().clean()
        if not self.errors and said["since"] > said["until"]:
            self.add_error("until", "The last day must not be before the first.")
        return said

    @property
    def question(self):
        return Question(**{name: self.cleaned_data[name] for name in self.fields})


class CourseForm(PeriodForm):
    course = forms.ModelChoiceField(Course.objects.all(), required=False, empty_label="All courses")

    def __init__(self, data):
        super().__init__(data)
        self.fields["course"].error_messages["invalid_choice"] = "Choose a course from the list."


class AttendanceForm(CourseForm):
    sector = forms.ModelChoiceField(Sector.objects.all(), required=False, empty_label="All sectors")

    def __init__(self, data):
        super().__init__(data)
        self.fields["sector"].error_messages["invalid_choice"] = "Choose a sector from the list."


def a_year_before(day):
    return day.replace(year=day.year - 1, day=min(day.day, 28)) + dt.timedelta(days=1)
