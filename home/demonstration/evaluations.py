"""Make the demonstration's course evaluations: the questions and people's answers.

Written in bulk, like its year: the domain functions would send thousands of mails.
"""

import datetime as dt
import random
import uuid

from django.core.files.base import ContentFile
from django.utils import timezone

from agencies.models import Person
from courses.attendance import register
from courses.completion import materials
from courses.models import Answer, Booking, Course, Evaluation, Mark, Question
from home.demonstration.year import at, write

Kind = Evaluation.Kind
SURE, AGREE = Question.Kind.CONFIDENT, Question.Kind.AGREE
THREE_TIMES = {"before": True, "at_end": True, "later": True}
AT_END = {"at_end": True}
OF_MANAGER = {"at_end": False, "of_manager": True}
# Question, type of answer, when it is asked.
QUESTIONS = [
    ("How confident are you that you recognise what this course is about?", SURE, THREE_TIMES),
    ("How confident are you that you know what to do, and whom to call?", SURE, THREE_TIMES),
    ("How confident are you in talking about it with a family or a colleague?", SURE, THREE_TIMES),
    ("I can use what I learned in my work", AGREE, AT_END),
    ("I have used what I learned in my work", AGREE, {"at_end": False, "later": True}),
    ("Since the course I have seen a difference in their work", AGREE, OF_MANAGER),
    ("Would you recommend this course to a colleague?", Question.Kind.YES_NO, AT_END),
    ("What will you do differently?", Question.Kind.WORDS, AT_END | {"is_needed": False}),
]  # fmt: skip
# Average answer at each time, of 5.
LEVEL = {Kind.BEFORE: 2.7, Kind.END: 4.1, Kind.LATER: 3.9, Kind.MANAGER: 3.8}
# Response rates in per cent.
SHARE = {Kind.BEFORE: 68, Kind.END: 79, Kind.LATER: 46, Kind.MANAGER: 27}
SAID = [
    "Ask the second question, and write down the answer word for word.",
    "Ring before I write.",
    "Bring it to supervision instead of carrying it home.",
    "Look at the indicators with the family, not after they have gone.",
    "Check who else is involved before I decide.",
    "Challenge earlier, and in writing.",
    "I would have liked more time for the exercise.",
    "Share the handouts with my team.",
]
WAITS = "INF"
HANDOUTS = [
    (WAITS, "Read this first: seven golden rules", "before", False),
    (WAITS, "Slides", "after", False),
    (WAITS, "Workbook", "after", True),
    ("SUP", "Slides", "after", False),
    ("UNB", "Read this first", "before", False),
]
LATER_AFTER = dt.timedelta(days=95)


def make_questions() -> None:
    for position, (words, kind, when) in enumerate(QUESTIONS, start=1):
        Question.objects.create(words=words, kind=kind, position=position, **when)
    Course.objects.filter(code=WAITS).update(asks_evaluation=True)
    for code, title, when, after in HANDOUTS:
        course = Course.objects.get(code=code)
        file = ContentFile(f"{course.title}\n\n{title}\n".encode(), "handout.txt")
        materials.add(
            course, title=title, when=when, after_evaluation=after, file=file, by="DEMONSTRATION"
        )


def make_answers(chance: random.Random) -> None:
    """Create answers of people who attended courses with a signed-off register."""
    asked = {
        (course.pk, kind): list(Question.objects.about(course, kind))
        for course in Course.objects.all()
        for kind in Kind
    }
    came = Booking.objects.came().filter(run__closed_at__isnull=False, evaluations=None)
    evaluations, answers = [], []
    for booking in came.select_related("run__course", "person").order_by("pk"):
        sheet = uuid.UUID(int=chance.getrandbits(128), version=4)
        for kind in _asked(booking):
            # No certificate waits for an evaluation of the distant past.
            has_answered = chance.random() * 100 < SHARE[kind] or (
                kind == Kind.END and booking.run.course.asks_evaluation
            )
            evaluations.append(_evaluation(booking, kind, sheet, has_answered))
            if has_answered:
                questions = asked[booking.run.course_id, kind]
                answers += _answers(booking, kind, sheet, questions, chance)
    write(evaluations, answers)


def leave_one_to_answer(person: Person, one_date, confirm, *, by: Person, today: dt.date) -> None:
    """Leave one evaluation open: last week's course, whose certificate waits for its answers."""
    day = today - dt.timedelta(days=4)
    run = one_date(WAITS, at(day, 10, 0), at(day, 12, 0), places=16)
    place = confirm(run, person.posts.get())
    session = run.sessions.get()
    register.mark(session, {place.pk: register.Attendance(Mark.Kind.PRESENT)}, by=by)
    register.close(run, by=by)


def _asked(booking: Booking) -> list[str]:
    kinds = [Kind.BEFORE, Kind.END]
    if booking.run.ends_at < timezone.now() - LATER_AFTER:
        kinds += [Kind.LATER, Kind.MANAGER]
    return kinds


def _evaluation(booking: Booking, kind: str, sheet: uuid.UUID, has_answered: bool) -> Evaluation:
    asked_at = {
        Kind.BEFORE: booking.run.starts_at - dt.timedelta(days=6),
        Kind.END: booking.run.closed_at,
    }.get(kind, booking.run.closed_at + LATER_AFTER)
    return Evaluation(
        booking=booking,
        kind=kind,
        sheet=sheet,
        sent_to="" if kind == Kind.MANAGER else booking.person.email,
        asked_at=asked_at,
        reminded_at=asked_at,
        answered_at=asked_at + dt.timedelta(hours=20) if has_answered else None,
    )


def _answers(booking: Booking, kind: str, sheet: uuid.UUID, questions, chance) -> list[Answer]:
    mood = chance.gauss(0, 0.5)
    found = []
    for question in questions:
        said = _said(question, LEVEL[kind] + mood, chance)
        if said is not None:
            told = {"words": said} if isinstance(said, str) else {"number": said}
            told |= {"answered_on": timezone.localdate(booking.run.closed_at)}
            found.append(Answer(run=booking.run, kind=kind, sheet=sheet, question=question, **told))
    return found


def _said(question: Question, level: float, chance: random.Random) -> int | str | None:
    if question.kind == Question.Kind.WORDS:
        return chance.choice(SAID) if chance.random() < 0.4 else None
    if question.kind == Question.Kind.YES_NO:
        return int(chance.random() < 0.9)
    return min(5, max(1, round(chance.gauss(level, 0.7))))
