"""Test that the holder of a certificate is told whatever becomes of it, by any door."""

import pytest
from django.utils import timezone

from certificates import issuing, telling
from certificates.models import Certificate
from courses.completion import completing, prerequisites
from courses.models import Completion
from lms.models import Mail
from tests.factories import (
    BookingFactory,
    CertificateFactory,
    CompletionFactory,
    CourseFactory,
    RunFactory,
    in_days,
)

pytestmark = pytest.mark.django_db


def corrected(certificate, office):
    issuing.correct(certificate, by=office, reason="A slip.", name="Jo Bloggs")
    assert Mail.objects.count() == 1  # At once, not by the job that finds who was forgotten.


def revoked(certificate, office):
    issuing.revoke(certificate, by=office, reason="A slip.")
    assert Mail.objects.count() == 1


def revoked_in_the_database(certificate, office):
    changes = {"revoked_at": timezone.now(), "revoked_reason": "A slip."}
    Certificate.objects.filter(pk=certificate.pk).update(**changes)
    telling.tell_ends()


@pytest.mark.parametrize(
    ("door", "kind"),
    [
        (corrected, "certificate_replaced"),
        (revoked, "certificate_revoked"),
        (revoked_in_the_database, "certificate_revoked"),
    ],
)
def test_the_holder_is_told_once_whichever_door_ended_it(office, door, kind):
    certificate = CertificateFactory()
    door(certificate, office)
    telling.tell_ends()
    mail = Mail.objects.get()
    assert (mail.to, mail.template) == (certificate.holder.email, kind)
    assert certificate.number in mail.text and "Why: A slip." in mail.text
    for live in Certificate.objects.live():
        assert f"/my/certificates/{live.number}/" in mail.text


def test_who_is_told_by_the_correction_of_a_register_is_not_told_again(office):
    completion = CompletionFactory()
    CertificateFactory(holder=completion.person, award=completion.award)
    completing.withdraw(completion, "A slip.", by=office)
    telling.tell_ends()
    assert [mail.template for mail in Mail.objects.all()] == ["completion_withdrawn"]


@pytest.mark.parametrize(
    ("case", "is_told"),
    [
        ("booked", True),
        ("waiting", True),
        ("completed twice", False),
        ("an exception", False),
        ("another course", False),
    ],
)
def test_who_is_booked_and_lacks_the_course_before_is_told_and_so_is_the_office(
    office, case, is_told
):
    completion = CompletionFactory()
    needs = [] if case == "another course" else [completion.course]
    booked = BookingFactory(
        person=completion.person,
        run__course=CourseFactory(prerequisites=needs),
        manager_email="manager@example.org",
        state="waiting" if case == "waiting" else "confirmed",
        override_reason="Agreed." if case == "an exception" else "",
    )
    if case == "completed twice":
        CompletionFactory(person=completion.person, course=completion.course)
    completing.withdraw(completion, "A slip.", by=office)
    told = [mail for mail in Mail.objects.order_by("pk") if mail.template != "completion_withdrawn"]
    if not is_told:
        assert told == []
        return
    person, board = told
    copied = [] if case == "waiting" else ["manager@example.org"]
    assert (person.to, person.cc) == (booked.person.email, copied)
    assert completion.course.title in person.text and booked.run.course.title in person.text
    assert board.template == "bookings_without_prerequisite"
    assert f"/cms/booking/inspect/{booked.pk}/" in board.text
    assert Completion.objects.valid().count() == 0


def test_a_withdrawal_by_another_door_is_found_by_night_and_told_once(office):
    completion = CompletionFactory()
    course = CourseFactory(prerequisites=[completion.course])
    booked = BookingFactory(person=completion.person, run__course=course)
    never_had = BookingFactory(run__course=course)
    exception = BookingFactory(
        person=completion.person,
        run=RunFactory(course=course, starts_at=in_days(60)),
        override_reason="Agreed.",
    )
    assert prerequisites.tell_untold() == 0
    Completion.objects.filter(pk=completion.pk).update(withdrawn_at=timezone.now())
    assert prerequisites.tell_untold() == 1
    person, board = Mail.objects.order_by("pk")
    assert (person.template, person.about_id) == ("prerequisite_withdrawn", str(booked.pk))
    assert board.template == "bookings_without_prerequisite"
    assert prerequisites.tell_untold() == 0 and Mail.objects.count() == 2
    assert never_had.is_live and exception.is_live


def test_whoever_was_told_at_once_is_not_told_again_by_night(office):
    completion = CompletionFactory()
    course = CourseFactory(prerequisites=[completion.course])
    BookingFactory(person=completion.person, run__course=course)
    completing.withdraw(completion, "A slip.", by=office)
    told = Mail.objects.count()
    assert prerequisites.tell_untold() == 0 and Mail.objects.count() == told
