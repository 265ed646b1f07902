"""Make the external training that people in the demonstration reported to the office."""

import datetime as dt
import io

from django.db.models import Count
from PIL import Image, ImageDraw, ImageFont

from agencies.models import Person
from courses.completion import external_training
from courses.models import Booking, Completion, Course, Evidence

PAPER, INK = "#fdf8ec", "#20363a"


def make_training_elsewhere(personas: dict[str, Person], today: dt.date) -> None:
    """Submit the professional's evidence, left undecided, and the line manager's, accepted."""
    sent_by(personas["professional"], "Isle of Wight Training Partnership", today)
    accepted = sent_by(personas["line manager"], "Hampshire College of Nursing", today)
    if accepted:
        external_training.accept(accepted, by=personas["training administrator"])


def sent_by(person: Person, provider: str, today: dt.date) -> Evidence | None:
    """Submit evidence for a common prerequisite that the person has no other link with yet."""
    known = Completion.objects.filter(person=person).values("course")
    booked = Booking.objects.filter(person=person).values("run__course")
    courses = Course.objects.offered().annotate(asked_for=Count("leads_to"))
    unknown = courses.exclude(pk__in=known).exclude(pk__in=booked)
    course = unknown.order_by("-asked_for", "code").first()
    if course is None:
        return None
    day = today - dt.timedelta(days=200)
    return external_training.send(
        person,
        course,
        title=f"{course.title}, one day",
        provider=provider,
        completed_on=day,
        file=drawn(provider, person.name, f"{course.title}, {day:%-d %B %Y}"),
        by=person,
    )


def drawn(provider: str, name: str, words: str) -> io.BytesIO:
    """Draw a picture like a phone's photo of a certificate."""
    picture, written = Image.new("RGB", (1400, 990), PAPER), io.BytesIO()
    pen = ImageDraw.Draw(picture)
    pen.rectangle((40, 40, 1360, 950), outline=INK, width=6)
    lines = [("Certificate of attendance", 60), (name, 72), (words, 36), (provider, 36)]
    for number, (line, size) in enumerate(lines):
        font = ImageFont.load_default(size)
        pen.text((700, 220 + 180 * number), line, fill=INK, font=font, anchor="mm")
    picture.save(written, "PNG")
    written.seek(0)
    return written
