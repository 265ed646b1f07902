"""Courses that are completed by an online module: who may begin it, and what follows."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from certificates.issuing import CertificateRefused
from certificates.models import Certificate
from courses.completion import awarding, online
from courses.models import Completion
from elearning.models import Attempt
from lms.models import Mail
from tests.elearning.modules import make_issued
from tests.factories import (
    CompletionFactory,
    CoursePageFactory,
    PersonFactory,
    PostFactory,
    RoleGroupFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def version():
    return make_issued(by=PersonFactory(), minutes=20)


@pytest.fixture
def course(version):
    page = CoursePageFactory(
        course__kind="module", course__format="", course__module=version.module, course__hours=1
    )
    return page.course


@pytest.fixture
def person():
    return PostFactory().person


FOLLOWER = online.OnlineCourses()


def passed(version, person, **more):
    more = {"state": "passed", "score": 100, "ended_at": timezone.now()} | more
    return Attempt.objects.create(module=version.module, version=version, person=person, **more)


def test_passing_completes_the_course_and_makes_a_certificate(version, course, person):
    FOLLOWER.finished(passed(version, person), by=person)
    completion = Completion.objects.get()
    assert (completion.person, completion.course) == (person, course)
    assert completion.agency == person.posts.get().agency
    awarding.award_online.func(completion.pk)
    certificate = Certificate.objects.get(award=completion.award)
    assert (certificate.format, certificate.course_version) == ("E-learning", "1")
    assert certificate.hours_in_words == "20 minutes"
    assert Mail.objects.get(template="certificate_ready").to == person.email


def test_an_attempt_completes_a_course_once(version, course, person):
    attempt = passed(version, person)
    FOLLOWER.finished(attempt, by=person)
    with pytest.raises(IntegrityError), transaction.atomic():
        FOLLOWER.finished(attempt, by=person)


def test_a_waived_module_counts_and_gives_no_certificate(version, course, person):
    FOLLOWER.finished(passed(version, person, why="waived", score=None), by="OFFICE")
    completion = Completion.objects.get()
    assert list(Completion.objects.without_certificate()) == []
    with pytest.raises(CertificateRefused, match="counts this course as done"):
        awarding.award_certificate(completion, by=person)


def test_a_module_without_a_course_completes_nothing(version, person):
    FOLLOWER.finished(passed(version, person), by=person)
    assert not Completion.objects.exists()
    assert FOLLOWER.gives(version.module) == []
    assert FOLLOWER.why_not(version.module, person) == ""


def test_who_has_left_completes_it_for_the_agency_that_they_left(version, course, person):
    person.posts.update(ends_on=timezone.localdate() - dt.timedelta(days=1))
    FOLLOWER.finished(passed(version, person), by=person)
    assert Completion.objects.get().agency == person.posts.get().agency


def test_who_may_begin(version, course, person):
    module = version.module
    assert FOLLOWER.why_not(module, person) == ""
    assert "Tell us where you work" in FOLLOWER.why_not(module, PersonFactory())
    course.for_role_groups.add(RoleGroupFactory(name="Health visitor"))
    assert "This course is for Health visitor" in FOLLOWER.why_not(module, person)
    course.is_offered = False
    course.save()
    assert "not offered" in FOLLOWER.why_not(module, person)


def test_a_prerequisite_is_met_by_an_online_course(version, course, person):
    asked = CoursePageFactory(course__prerequisites=[course]).course
    assert online.Eligibility(asked, person).missing == [course]
    FOLLOWER.finished(passed(version, person), by=person)
    assert online.Eligibility(asked, person).missing == []


@pytest.mark.parametrize(
    ("completed", "months", "opens"),
    [
        (dt.date(2026, 1, 31), 12, dt.date(2026, 11, 30)),
        (dt.date(2024, 2, 29), 12, dt.date(2024, 12, 28)),
        (dt.date(2026, 5, 1), 36, dt.date(2029, 3, 1)),
    ],
)
def test_a_refresher_opens_two_months_before_the_renewal_day(
    version, course, person, completed, months, opens
):
    assert FOLLOWER.refresher_from(version.module, person) is None
    course.renewal_months = months
    course.save()
    CompletionFactory(person=person, course=course, completed_on=completed)
    assert FOLLOWER.refresher_from(version.module, person) == opens
