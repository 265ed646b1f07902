"""Make courses that others give online, and the training elsewhere that people reported."""

import datetime as dt
import io

from django.db.models import Count
from django.utils.text import slugify
from PIL import Image, ImageDraw, ImageFont

from agencies.models import Person, Post
from courses.completion import external_training
from courses.models import Booking, Completion, Course, CourseIndexPage, CoursePage, Evidence, Level
from protocols.models import Topic

PAPER, INK = "#fdf8ec", "#20363a"
MADE_UP = (
    "<p>This is a demonstration: the provider’s name and website are real, but what the course is "
    "called, its hours and what its certificate shows are made up.</p>"
)
SHOWN = "your name, the title of the course and the day you completed it"
# code, title, hours, refresh after months, topics, provider, link, account, cost, summary, audience,
# outcomes
GIVEN_ONLINE = [
    (
        "FGMO", "Female genital mutilation: a first look", "2", 24, ["Working together"],
        "e-LfH", "https://www.e-lfh.org.uk/",
        "Register there with your work email address.", "",
        "Who may be at risk, how to ask, and when the law says that you must report.",
        "Anyone who works with girls, women or families.",
        "Recognise who may be at risk\nAsk in a way that can be answered"
        "\nSay what must be reported, to whom and how soon",
    ),
    (
        "SAFO", "Keeping children safe: an introduction", "4", 12, ["Working together"],
        "NSPCC Learning", "https://learning.nspcc.org.uk/",
        "You can register on your own, or your agency can register a group.",
        "£30 for each person, paid to the provider (a made-up price)",
        "The signs of abuse and neglect, and what to do with a worry about a child.",
        "New staff and volunteers of every agency.",
        "Name the signs of abuse and neglect\nListen to a child and write down what they say"
        "\nPass on a worry the same day",
    ),
]  # fmt: skip


def make_courses_elsewhere(personas: dict[str, Person], today: dt.date) -> None:
    """Create two courses that others give online, and who has sent certificates of them."""
    office, lead = personas["training administrator"], personas["agency lead"]
    index = CourseIndexPage.objects.get()
    fgm, safe = (_given_online(row, index, by=office, today=today) for row in GIVEN_ONLINE)
    _upload(personas["professional"], fgm, today - dt.timedelta(days=4))
    theirs = Post.objects.current().filter(agency__in=lead.posts.values("agency"))
    staff = theirs.exclude(person__in=personas.values()).select_related("person")
    for number, post in enumerate(staff.order_by("pk")[:5]):
        course, days = (safe, 330 - 70 * number) if number % 2 == 0 else (fgm, 40 * number)
        by, job = (lead, post) if number == 4 else (post.person, None)
        sent = _upload(post.person, course, today - dt.timedelta(days=days), by=by, post=job)
        if number < 4:
            external_training.accept(sent, by=office)


def _given_online(row, index, *, by: Person, today: dt.date) -> Course:
    code, title, hours, refresh, topics, provider, link, account, cost = row[:9]
    course = Course.objects.create(
        kind=Course.Kind.ELSEWHERE,
        code=code,
        title=title,
        level=Level.objects.order_by("position").first(),
        hours=hours,
        renewal_months=refresh,
        provider=provider,
        provider_link=link,
        provider_account=account,
        provider_cost=cost,
        certificate_shows=SHOWN,
        link_checked_on=today - dt.timedelta(days=200 if cost else 20),
        link_checked_by=by,
        summary=row[9],
        audience=row[10],
        outcomes=row[11],
        **{name: value for name, value in Course.ONLY_ON_DATES.items() if name != "format"},
    )
    course.topics.set(Topic.objects.filter(name__in=topics))
    page = CoursePage(title=title, slug=slugify(title), course=course, body=MADE_UP)
    index.add_child(instance=page).save_revision(user=by).publish()
    return course


def _upload(person: Person, course: Course, day: dt.date, *, by=None, post=None) -> Evidence:
    file = drawn(course.provider, person.name, f"{course.title}, {day:%-d %B %Y}")
    return external_training.upload(
        person, course, completed_on=day, file=file, declared=True, by=by or person, post=post
    )


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
