"""Test the verbs that complete a course and withdraw a completion, for each source."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from courses.completion import awarding, completing
from courses.models import Completion
from history.models import Event
from lms.models import Mail
from tests.factories import AgencyFactory, BookingFactory, EvidenceFactory

pytestmark = pytest.mark.django_db
MAILS = {BookingFactory: "completion_withdrawn", EvidenceFactory: "training_taken_back"}


def completed(source):
    course = getattr(source, "course", None) or source.run.course
    facts = {"agency": AgencyFactory(), "completed_on": timezone.localdate(), "by": "IMPORT"}
    return completing.complete(source.person, course, source=source, **facts)


def actions(completion):
    return list(Event.objects.about(completion).order_by("pk").values_list("action", flat=True))


@pytest.mark.parametrize("factory", MAILS)
def test_a_completion_of_each_source_is_given_once_and_recorded(factory):
    source = factory()
    completion = completed(source)
    assert Completion.objects.valid().get() == completion
    assert (completion.source, completion.person) == (source, source.person)
    with pytest.raises(IntegrityError), transaction.atomic():
        completed(source)
    assert actions(completion) == ["completion.given"]


@pytest.mark.parametrize("factory", MAILS)
def test_a_withdrawn_completion_is_recorded_and_told_and_can_be_given_again(factory):
    source = factory()
    completion = completed(source)
    completing.withdraw(completion, "Of another Sam.", by="IMPORT")
    assert not Completion.objects.valid().exists()
    assert actions(completion) == ["completion.given", "completion.withdrawn"]
    assert Mail.objects.get(template=MAILS[factory]).to == source.person.email
    assert completed(source).pk != completion.pk


def test_the_certificate_of_a_withdrawn_completion_is_revoked():
    completion = completed(BookingFactory())
    certificate = awarding.award_certificate(completion, by="IMPORT")
    completing.withdraw(completion, "Marked by mistake.", by="IMPORT")
    certificate.refresh_from_db()
    assert certificate.revoked_reason == "Marked by mistake."
