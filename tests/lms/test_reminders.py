"""Test that the subject of each reminder tells it from the mail that it reminds of."""

import datetime as dt
import re

import pytest
import time_machine
from django.utils import timezone

from agencies import concern_contacts
from courses.catalogue import provider_links
from courses.models import Evaluation
from courses.notices import notices
from lms.mail import templates
from lms.models import Mail, Wording
from protocols.editions import reviews
from tests.factories import CourseElsewhereFactory, CoursePageFactory, EvaluationFactory
from tests.protocols.test_reviewing import JUNE, due_in, editor

pytestmark = pytest.mark.django_db

# Reminders that are a kind of their own, and the kind of the first mail.
PAIRS = {
    "approval_reminder": "approval_asked",
    "draft_chased": "draft_to_approve",
    "draft_overdue": "draft_to_approve",
    "protocol_chased": "protocol_sent",
    "reminder_first": "booking_confirmed",
    "reminder_second": "reminder_first",
    "reminder_link": "reminder_second",
}


def ask_twice(kind):
    def write():
        sheet = EvaluationFactory(kind=kind, sent_to="boss@example.org")
        notices.evaluation(sheet, "token", again=False)
        notices.evaluation(sheet, "token", again=True)

    return write


def review_twice():
    editor()
    due_in(90)
    reviews.tell_owners()
    with time_machine.travel(JUNE + dt.timedelta(days=60)):
        reviews.tell_owners()


def check_numbers_twice():
    concern_contacts.remind_office()
    with time_machine.travel(JUNE + dt.timedelta(days=100)):
        concern_contacts.remind_office()


def check_links_twice():
    CoursePageFactory(course=CourseElsewhereFactory(link_checked_on=None))
    provider_links.remind_office()
    with time_machine.travel(timezone.now() + dt.timedelta(days=200)):
        provider_links.remind_office()


# Kinds that are sent again as they are.
AGAIN = {
    "evaluation_asked": ask_twice(Evaluation.Kind.END),
    "evaluation_later": ask_twice(Evaluation.Kind.LATER),
    "evaluation_of_manager": ask_twice(Evaluation.Kind.MANAGER),
    "protocol_review": review_twice,
    "check_phone_numbers": check_numbers_twice,
    "check_provider_links": check_links_twice,
}


def test_every_reminder_is_tried():
    says_so = re.compile(r"once more|again every|each week|[Rr]eminder")
    found = {
        name
        for name, kind in templates.kinds().items()
        if says_so.search(f"{kind.sent} {kind.title}") or "remind" in name or "chased" in name
    }
    assert found - PAIRS.keys() - AGAIN.keys() == set()


@pytest.mark.parametrize("kind", PAIRS)
def test_a_reminder_of_its_own_kind_has_a_subject_of_its_own(kind):
    assert templates.ours(kind).subject != templates.ours(PAIRS[kind]).subject


@pytest.mark.parametrize("own_words", [False, True])
@pytest.mark.parametrize("kind", AGAIN)
def test_what_is_sent_again_says_that_it_is_a_reminder(kind, own_words):
    if own_words:
        Wording.objects.create(kind=kind, subject="In our words", text=templates.ours(kind).text)
    with time_machine.travel(JUNE, tick=False):
        AGAIN[kind]()
    first, second = Mail.objects.filter(template=kind).order_by("pk")
    assert not first.subject.startswith("Reminder:") and first.to == second.to
    assert second.subject == f"Reminder: {first.subject}"
