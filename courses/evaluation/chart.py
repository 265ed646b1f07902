"""Draw average answers as a bar chart, beside the table that holds the same figures."""

from __future__ import annotations

from django.template.defaultfilters import floatformat

from courses.evaluation.results import QuestionResults
from lms.web import charts
from lms.web.charts import Chart, Value

MARGIN = 40  # for the figure behind the longest bar
HIGHEST = 5
SHADES = {"before": "shade-6", "at the end": "shade-3", "later": "shade-1", "manager": "shade-2"}


def chart(lines: list[QuestionResults]) -> Chart:
    """Draw a group of bars for each question on a scale, numbered as in the table."""
    groups = [(f"Question {n}", values) for n, line in enumerate(lines, 1) if (values := _of(line))]
    there = {value.shade for _, values in groups for value in values}
    key = [(words.capitalize(), shade) for words, shade in SHADES.items() if shade in there]
    return charts.grouped(groups, HIGHEST, key=key, margin=MARGIN)


def _of(line: QuestionResults) -> list[Value]:
    return [
        Value(SHADES[words], tally.average, floatformat(tally.average, 1))
        for words, tally in line.in_order
        if tally.average
    ]
