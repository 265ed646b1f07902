"""Make the demonstration's cascade of protocols: sent, confirmed, read, taught.

Every number is made up. Made through the domain functions; only the dates are moved back after.
"""

import datetime as dt
import random

from django.db.models import F
from django.utils import timezone

from agencies.models import Agency, Person, Post
from courses.catalogue import protocol_check
from courses.models import Course
from home.demonstration.content import first_of_month
from protocols.cascade import dissemination, notices, reminders
from protocols.cascade.dissemination import Account
from protocols.editions import editions
from protocols.models import Dissemination, Edition, ProtocolPage
from protocols.readers import acknowledgements

TRUST = "Solent Shore Community Health"
ITS_PRACTICES = ["Lighthouse Family Practice", "Old Town Surgery"]
WAYS = [["mail", "meeting"], ["mail"], ["meeting", "supervision"], ["briefing"], ["intranet"]]


def make_cascade(personas: dict[str, Person], chance: random.Random, today: dt.date) -> None:
    Agency.objects.filter(name__in=ITS_PRACTICES).update(parent=Agency.objects.get(name=TRUST))
    unborn, early_help = (edition_of(slug) for slug in ("unborn-baby", "early-help"))
    everybody_reads(unborn, early_help, personas["professional"], chance)
    courses_are_checked(personas["training administrator"])
    changed = revise(early_help.page, today)
    if workers().count() < 20:
        return
    long_ago(unborn, personas, chance)
    lately(changed, personas)


def edition_of(slug: str) -> Edition:
    return Edition.objects.in_force().get(page__slug=slug)


def workers():
    return Post.objects.current().filter(agency__in=Agency.objects.current())


def everybody_reads(unborn: Edition, early_help: Edition, amina: Person, chance) -> None:
    for edition in (unborn, early_help):
        acknowledgements.acknowledge(edition, by=amina)
    people = list(Person.objects.filter(posts__in=workers(), is_staff=False).order_by("pk")[:80])
    for person in chance.sample(people, min(30, len(people))):
        acknowledgements.acknowledge(unborn, by=person)


def courses_are_checked(office: Person) -> None:
    """Check all courses but one against the editions in force."""
    for course in Course.objects.filter(is_offered=True).exclude(code="CPC"):
        for edition in Edition.objects.in_force().filter(page__in=course.protocols_taught.all()):
            protocol_check.check_against(course, edition, by=office)


def revise(page: ProtocolPage, today: dt.date) -> Edition:
    """Issue a major edition of the Early Help Protocol: courses lag behind, people must reread."""
    last = page.edition_in_force
    page = ProtocolPage.objects.get(pk=page.pk)
    page.in_force_from = max(first_of_month(today, 0), last.in_force_from)
    page.next_review_on = page.in_force_from.replace(year=page.in_force_from.year + 2)
    page.is_major = True
    page.reason = (
        "Stepping down now asks for a meeting with the family before a social worker closes the"
        " case: an audit found that help had ended without one."
    )
    audited = "Families whose case was stepped down in the spring"
    page.answers = [page.answers.model(kind="audit", citation=audited, sort_order=0)]
    if page.in_force_from == last.in_force_from:
        page.in_force_from = today
    edition = editions.issue_edition(page, by="DEMONSTRATION", approved_by=last.approvers)
    page.save_revision().publish()
    return edition


def long_ago(edition: Edition, personas: dict[str, Person], chance) -> None:
    """Send an edition 40 days ago: most confirmed, some overdue, one no longer chased."""
    message = "Please bring it to a team meeting, and name somebody who can answer questions."
    sent = send(edition, personas["protocol editor"], message, days_ago=40, days_left=-12)
    *others, waiting, closed = [one for one in sent if one.agency.name != TRUST]
    asked = notices.who_sees_to(others)
    late = next(one for one in reversed(others) if asked[one.pk])
    others.remove(late)
    confirm(next(one for one in sent if one.agency.name == TRUST), personas["agency lead"], chance)
    for number, one in enumerate(others):
        if post := one.agency.posts.first():
            confirm(one, post.person, chance, counts=number % 4 != 3)
    editor = personas["protocol editor"]
    reminders.stop_chasing(closed, reason="Its work with families has ended.", by=editor)
    reminders.remind(late, by=editor)


def lately(edition: Edition, personas: dict[str, Person]) -> None:
    """Send an edition 5 days ago, which the demonstration's agency lead is to answer."""
    message = "The change matters to everybody who takes part in step-down meetings."
    sent = send(edition, personas["protocol editor"], message, days_ago=5, days_left=16)
    for one in [one for one in sent if one.agency.parent_id is None][1:9:3]:
        if one.agency.name != TRUST and (post := one.agency.posts.first()):
            confirm(one, post.person, random.Random(one.pk))  # noqa: S311


def send(edition: Edition, by: Person, message: str, *, days_ago: int, days_left: int):
    """Send an edition with its dates moved back by that many days."""
    deadline = timezone.localdate() + dt.timedelta(days=max(days_left, 1))
    dissemination.send(edition, by=by, message=message, deadline=deadline)
    before = dt.timedelta(days=days_ago)
    found = Dissemination.objects.filter(edition=edition)
    found.update(
        sent_at=F("sent_at") - before,
        deadline_on=timezone.localdate() + dt.timedelta(days=days_left),
    )
    return list(found.select_related("agency", "edition").order_by("agency__name"))


def confirm(sent: Dissemination, by: Person, chance, *, counts: bool = True) -> None:
    """Record an agency's answer, with or without made-up numbers."""
    of = sent.agency.posts.current().count() + chance.randint(0, 12)
    account = Account(
        cascaded_on=timezone.localdate() - dt.timedelta(days=chance.randint(0, 4)),
        how=chance.choice(WAYS),
        of=of if counts else None,
        reached=max(of - chance.randint(0, 9), of // 2) if counts else None,
    )
    dissemination.confirm(sent, account, by=by)
