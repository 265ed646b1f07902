"""Test that people are told when they can do an online course again, and that they can."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from certificates.models import Certificate
from courses.completion import awarding, online, refreshing
from courses.models import Completion
from elearning.learning import learning
from elearning.learning.refusing import LearningRefused
from elearning.models import Attempt
from history.models import Event
from lms.models import Mail
from tests.elearning.learners import take_check
from tests.elearning.modules import make_issued
from tests.factories import CompletionFactory, CoursePageFactory, PersonFactory, PostFactory

pytestmark = pytest.mark.django_db
DONE_ON = dt.date(2026, 6, 30)
OPENS = dt.date(2027, 4, 30)


@pytest.fixture
def version():
    return make_issued(by=PersonFactory(), minutes=20)


@pytest.fixture
def course(version):
    return CoursePageFactory(
        course__kind="module", course__format="", course__module=version.module,
        course__title="Early Help online", course__renewal_months=12,
    ).course  # fmt: skip


@pytest.fixture
def person():
    job = {"starts_on": dt.date(2020, 1, 1), "person__name": "Ann Learner"}
    return PostFactory(**job).person


def at(day):
    return time_machine.travel(dt.datetime.combine(day, dt.time(12), dt.UTC), tick=False)


def completed(person, course, **more):
    return CompletionFactory(**{"person": person, "course": course, "completed_on": DONE_ON} | more)


def told():
    refreshing.tell_open()
    return list(Mail.objects.filter(template="module_refresher_open").order_by("pk"))


def test_somebody_is_told_once_on_the_day_on_which_it_opens(person, course):
    completion = completed(person, course)
    days = []
    for ago in range(5, -400, -1):
        day = OPENS - dt.timedelta(days=ago)
        with at(day):
            days += [day] * (len(told()) - len(days))
    assert days == [OPENS]
    [mail] = told()
    assert mail.to == person.email
    assert mail.subject == "Time to refresh Early Help online, completed 30 June 2026"
    for words in ("on 30 June 2026", "by 30 June 2027", "about 20 minutes", "/learn/early-help/"):
        assert words in mail.text
    event = Event.objects.about(completion).get(action="completion.refresher_told")
    assert event.by_process == "NIGHTLY"


def test_each_completion_is_told_of_and_only_the_last(person, course):
    first = completed(person, course)
    with at(OPENS):
        assert len(told()) == 1
    completed(person, course, completed_on=DONE_ON.replace(year=2027))
    with at(OPENS.replace(year=2028)):
        assert len(told()) == 2
    first.refresh_from_db()
    Completion.objects.filter(pk=first.pk).update(refresher_told_at=None)
    with at(OPENS.replace(year=2028)):
        assert len(told()) == 2


def not_renewed(person, course):
    course.renewal_months = None
    course.save()


def not_offered(person, course):
    course.is_offered = False
    course.save()


def closed(person, course):
    course.module.is_open = False
    course.module.save()


def withdrawn(person, course):
    course.module.versions.update(withdrawn_at=timezone.now(), withdrawn_reason="Wrong")


def left(person, course):
    person.posts.update(ends_on=DONE_ON)


def account_closed(person, course):
    person.is_active = False
    person.save()


def begun(person, course):
    version = course.module.versions.get()
    Attempt.objects.create(person=person, module=course.module, version=version)


def taken_back(person, course):
    Completion.objects.update(withdrawn_at=timezone.now())


@pytest.mark.parametrize(
    "spoilt",
    [not_renewed, not_offered, closed, withdrawn, left, account_closed, begun, taken_back],
)
def test_nobody_is_told_who_cannot_or_need_not_begin(person, course, spoilt):
    completed(person, course)
    spoilt(person, course)
    with at(OPENS + dt.timedelta(days=5)):
        assert told() == []


def test_who_has_no_email_address_is_told_by_their_lead(course):
    post = PostFactory(person__email=None, starts_on=dt.date(2020, 1, 1))
    lead = PostFactory(agency=post.agency, is_lead=True, starts_on=dt.date(2020, 1, 1)).person
    completed(post.person, course, agency=post.agency)
    with at(OPENS):
        refreshing.tell_open()
    assert Mail.objects.get().to == lead.email


@pytest.mark.parametrize("months", [1, 2, 6, 12, 24, 36])
def test_the_last_day_is_as_exact_as_the_page(months):
    """See that who is told on a day is who can begin on it, month ends and leap years too."""
    for number in range(0, 1500, 7):
        today = dt.date(2027, 1, 1) + dt.timedelta(days=number)
        with at(today):
            last = refreshing.last_day_open(months)
        assert online.refresher_opens(last, months) <= today
        assert online.refresher_opens(last + dt.timedelta(days=1), months) > today


def test_a_year_later_it_is_done_again_and_last_year_s_can_be_read(client, version, course, person):
    with at(DONE_ON):
        first = take_check(learning.begin(version.module, by=person))
    with at(OPENS - dt.timedelta(days=1)), pytest.raises(LearningRefused, match="30 April 2027"):
        learning.begin(version.module, by=person)
    with at(OPENS):
        client.force_login(person)
        assert "You can do it again now." in client.get(course.page.url).text
        again = learning.begin(version.module, by=person)
        assert (again.round, again.number, again.why) == (2, 1, "refresher")
        assert again.seed != first.seed and not again.items.filter(done_at__isnull=False).exists()
        assert "Part 1 of 2" in client.get("/my/").text
        last_year = client.get(f"/learn/early-help/attempts/{first.pk}/")
        assert "100%" in last_year.text and "passed" in last_year.text
        take_check(again)
    first.refresh_from_db()
    assert (first.state, first.score, first.answers.count()) == ("passed", 100, 4)
    days = list(Completion.objects.order_by("pk").values_list("completed_on", flat=True))
    assert days == [DONE_ON, OPENS]
    for completion in Completion.objects.all():
        awarding.award_certificate(completion, by=person)
    assert Certificate.objects.live().count() == 2
