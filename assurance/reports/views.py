"""Show attendance, days given and evaluations to the board, as pages or files."""

from django.utils.functional import cached_property
from wagtail.admin.ui.components import Component

from agencies import access
from assurance.reports import attendance, days_given
from assurance.reports.chart import bars
from assurance.reports.forms import AttendanceForm, CourseForm, PeriodForm
from courses.evaluation import chart
from courses.evaluation import results as evaluation_results
from lms.registries.reports import PageReport, reports
from lms.spreadsheets.writing import About

HEADINGS = [
    "Counted by",
    "Name",
    "Dates",
    "Booked",
    "Attended",
    "Apologies",
    "Did not come",
    "Attendance rate, % (attended of booked)",
    "Places (of all dates)",
    "Fill rate, % (booked of the places on dates with a limit)",
    "Completed online, given elsewhere",
    "Hours online, given elsewhere",
]
EVALUATION_HEADINGS = [
    "Counted by",
    "Name",
    "Date",
    "Asked at the end",
    "Answered",
    "Answered, % of those asked",
    *(
        heading
        for words in evaluation_results.COLUMNS
        for heading in (f"{words}: average", f"{words}: people")
    ),
]


class PeriodReport(PageReport):
    """Report of a period and other filters, chosen with a GET form."""

    form_class: type[PeriodForm]
    headings: list[str] = []

    def figures(self, question):
        """Return the context that the page shows."""
        raise NotImplementedError

    def rows(self, question):
        """Return the rows of the exported file."""
        raise NotImplementedError

    @cached_property
    def form(self):
        return self.form_class(self.request.GET)

    def file(self):
        if not self.form.is_valid():
            return None
        question = self.form.question
        about = About(self.page_title, question.period, self.form.filters)
        name = f"{self.name}-{question.since}-to-{question.until}"
        return name, about, self.headings, self.rows(question)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(form=self.form, **kwargs)
        return context | (self.figures(self.form.question) if self.form.is_valid() else {})


class AttendanceReport(PeriodReport):
    name = "attendance"
    order = 100
    template_name = "assurance/attendance.html"
    page_title = "Attendance by agency"
    header_icon = "group"
    summary = (
        "How many places there were, how many were booked and how many came, by agency and by "
        "profession."
    )
    may_read = access.is_board_member
    form_class = AttendanceForm
    headings = HEADINGS

    def figures(self, question):
        found = attendance.attendance(question)
        return {
            "question": question,
            "found": found,
            "tables": [
                ("By agency", "Agency", found.agencies),
                ("By profession", "Profession", found.professions),
            ],
            "chart": bars(found.agencies),
        }

    def rows(self, question):
        found = attendance.attendance(question)
        agencies = sorted(found.agencies + found.sent_nobody, key=by_name)
        yield from (attendance_row("Agency", each) for each in agencies)
        yield from (attendance_row("Profession", each) for each in found.professions)
        yield attendance_row("Everybody", found.everybody, found.filling)


class FiguresPanel(Component):
    """Panel on the admin's home page that links board members to their reports."""

    name = "figures"
    template_name = "assurance/figures.html"
    order = 50

    def get_context_data(self, parent_context):
        viewer = parent_context["request"].user
        return {"reports": [each for each in reports if each.summary and each.may_read(viewer)]}


class DaysGivenReport(PeriodReport):
    """Report for the training office only, as it names the trainers."""

    name = "days-given"
    order = 110
    template_name = "assurance/days_given.html"
    page_title = "Days given by agency"
    header_icon = "user"
    may_read = access.is_training_administrator
    form_class = PeriodForm
    headings = ["Agency", "Trainer", "Dates", "Days"]

    def figures(self, question):
        lines = days_given.by_agency_and_trainer(question)
        agencies = days_given.by_agency(lines)
        days = sum(days for _, days in agencies)
        return {"question": question, "lines": lines, "agencies": agencies, "days": days}

    def rows(self, question):
        for line in days_given.by_agency_and_trainer(question):
            yield line.agency, line.trainer, line.dates, line.days


class EvaluationReport(PeriodReport):
    """Report on evaluations; only the training office sees results of fewer than 5, on this page.

    Exports withhold them from everybody.
    """

    name = "evaluation"
    order = 105
    template_name = "assurance/evaluation.html"
    page_title = "Evaluation"
    header_icon = "help"
    summary = (
        "What people said about courses, and what changed from before a course to its end and to "
        "months later."
    )
    may_read = access.is_board_member
    form_class = CourseForm
    headings = EVALUATION_HEADINGS

    def figures(self, question):
        few_too = access.is_training_administrator(self.request.user)
        runs = question.runs_counted()
        found = evaluation_results.results_of(runs, few_too=few_too)
        return {
            "question": question,
            "results": found,
            "columns": evaluation_results.COLUMNS,
            "chart": chart.chart(found.scales),
            "rows": evaluation_results.by_course_and_date(runs, few_too=few_too),
            "few_too": few_too,
            "fewest": evaluation_results.FEWEST,
        }

    def rows(self, question):
        runs = question.runs_counted()
        for row in evaluation_results.by_course_and_date(runs, few_too=False):
            kind, day = ("Date", row.run.starts_at) if row.run else ("Course", "")
            yield evaluation_row(kind, row.course.title, day, row.results, row.results.confidence)
        found = evaluation_results.results_of(runs, few_too=False)
        for line in found.scales:
            yield evaluation_row("Question", line.question.words, "", None, line)
        for line in found.yes_no:
            yield evaluation_row("Question, share of yes", line.question.words, "", None, line)


def evaluation_row(kind, name, day, results, line):
    counts = ["", "", ""]
    if results:
        share = per_cent(results.answered / results.asked if results.asked else None)
        counts = [results.asked, results.answered, share]
    cells = [cell for tally in (*line.cells, *line.change_cells) for cell in as_average(tally)]
    return [kind, name, day, *counts, *cells]


def as_average(tally):
    """Return the average and the number of answers; a note if withheld, blanks if not asked."""
    if tally is None:
        return "", ""
    return (round(tally.average, 2), tally.people) if tally.people else ("fewer than 5", "")


def by_name(row):
    return row.name.casefold()


def attendance_row(kind, row, filling=None):
    """Build a row; places and fill rate are for everybody only, as no agency has its own places."""
    filled = (filling.places, per_cent(filling.rate)) if filling else ("", "")
    counts = (row.runs, row.booked, row.attended, row.apologies, row.absent)
    online = (row.online, row.online_hours)
    return [kind, row.name, *counts, per_cent(row.attendance_rate), *filled, *online]


def per_cent(rate):
    return "" if rate is None else round(100 * rate, 1)
