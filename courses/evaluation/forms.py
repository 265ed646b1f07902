"""Build form fields from evaluation questions."""

from django import forms

from courses.booking.forms.booking import MOST_ANSWER, FreeTextForm, PreCourseForm, free_text
from courses.evaluation import evaluation
from courses.models import Evaluation, Question

Kind = Question.Kind
# Labels of both ends of a scale.
ENDS = {
    Kind.AGREE: ("Strongly disagree", "Strongly agree"),
    Kind.CONFIDENT: ("Not at all confident", "Very confident"),
}
YES_NO = [(1, "Yes"), (0, "No")]
CHOOSE = {"required": "Choose an answer.", "invalid_choice": "Choose one of the answers."}


class ScaleField(forms.TypedChoiceField):
    """Radio buttons 1 to 5 in a row, with a label at each end."""

    widget = forms.RadioSelect

    def __init__(self, ends, **kwargs):
        self.ends = ends
        numbers = [(number, str(number)) for number in range(1, 6)]
        super().__init__(choices=numbers, coerce=int, empty_value="", **kwargs)


def field_of(question):
    asked = {"label": question.words, "required": question.is_needed}
    if question.kind in ENDS:
        return ScaleField(ENDS[question.kind], error_messages=CHOOSE, **asked)
    if question.kind == Kind.YES_NO:
        return forms.TypedChoiceField(
            choices=YES_NO,
            coerce=int,
            empty_value="",
            widget=forms.RadioSelect,
            error_messages=CHOOSE,
            **asked,
        )
    return free_text(
        help_text="Do not write anything by which a child or a family can be known.",
        max_length=MOST_ANSWER,
        error_messages={
            "required": "Answer this. ‘No’ or ‘None’ is an answer.",
            "max_length": f"Say it in at most {MOST_ANSWER} characters.",
        },
        **asked,
    )


class QuestionsForm(FreeTextForm):
    """All questions of one kind of evaluation of a course."""

    def __init__(self, *args, course, kind, **kwargs):
        super().__init__(*args, **kwargs)
        self.questions = {f"q{q.pk}": q for q in evaluation.questions(course, kind)}
        self.fields |= {name: field_of(question) for name, question in self.questions.items()}

    @property
    def answers(self):
        """Answers by question pk."""
        return {q.pk: self.cleaned_data.get(name, "") for name, q in self.questions.items()}


class BeforeForm(PreCourseForm):
    """Course's own questions, and the scales on which answers before and after are compared."""

    def __init__(self, *args, booking, **kwargs):
        super().__init__(*args, booking=booking, **kwargs)
        self.own = list(self.fields)
        had = evaluation.said_before(booking)
        kind = Evaluation.Kind.BEFORE
        self.questions = {f"q{q.pk}": q for q in evaluation.questions(booking.run.course, kind)}
        for name, question in self.questions.items():
            self.fields[name] = field_of(question)
            self.fields[name].initial = had.get(question.pk)

    @property
    def answers(self):
        return [self.cleaned_data[name] for name in self.own]

    @property
    def scales(self):
        """Answers on scales by question pk."""
        return {q.pk: self.cleaned_data.get(name, "") for name, q in self.questions.items()}
