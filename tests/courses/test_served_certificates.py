"""Test 200 concurrent presses of 'get my certificate' by 40 people on the served site: 40 are made.

The control is served the same way, with a view that checks, draws and writes without locks: unless
it fails, the rush proves nothing.
"""

import random
from collections import Counter
from pathlib import Path

import pytest

from certificates import content_store
from certificates.models import Certificate, certificate_storage
from history.models import Event
from lms.models import Mail
from tests.courses.test_served_rush import answer_of, signed_in
from tests.factories import BookingFactory, CompletionFactory, RunFactory, in_days
from tests.servers import at_once

pytestmark = pytest.mark.race
PEOPLE, EACH = 40, 5


def completions(many):
    run = RunFactory(starts_at=in_days(-9), closed_at=in_days(-8), places=many)
    bookings = [BookingFactory(run=run) for _ in range(many)]
    return [CompletionFactory(person=one.person, booking=one) for one in bookings]


def presses(site, asked, each=EACH):
    """Press `each` times per completion, in random order; return (completion, answer) pairs."""
    sessions = {one: signed_in(one.person) for one in asked}
    pressed = random.Random(1).sample(asked * each, len(asked) * each)

    def press(number):
        one = pressed[number]
        return answer_of(site, f"/my/completions/{one.pk}/certificate/", sessions[one])

    return list(zip(pressed, at_once(len(pressed), press), strict=True))


def each_has_one(asked, answers):
    made = {one.award: one for one in Certificate.objects.all()}
    assert sorted(made) == sorted(one.award for one in asked)
    assert Certificate.objects.count() == len({one.number for one in made.values()}) == len(asked)
    of = {one: made[one.award].get_absolute_url() for one in asked}
    assert Counter(answers) == Counter({(one, (302, of[one])): EACH for one in asked})
    told = Mail.objects.filter(template="certificate_ready").values_list("to", flat=True)
    assert Counter(told) == Counter(one.person.email for one in asked)
    assert Event.objects.filter(action="certificate.issued").count() == len(asked)
    assert [content_store.read(one)[:5] for one in made.values()] == [b"%PDF-"] * len(asked)


def files():
    return {path.name for path in Path(certificate_storage().path("")).rglob("*.pdf")}


def test_two_hundred_presses_by_forty_people_make_one_certificate_each(served_site):
    asked, before = completions(PEOPLE), files()
    each_has_one(asked, presses(served_site, asked))
    # Files of losing requests are deleted.
    assert len(files() - before) == PEOPLE


def test_five_presses_at_once_make_one_certificate(served_site, rounds):
    asked, answers = [], []
    for _ in range(rounds):
        asked += completions(1)
        answers += presses(served_site, asked[-1:])
    each_has_one(asked, answers)


@pytest.mark.server_errors(500)
def test_without_care_the_same_presses_fail(careless_site):
    """Let all four requests check before any of them writes."""
    [asked] = completions(1)
    statuses = [status for _, (status, _) in presses(careless_site, [asked], each=4)]
    assert sorted(statuses) == [302, 500, 500, 500], careless_site.said()
    # Even then the database constraint allows only one.
    assert Certificate.objects.filter(award=asked.award).count() == 1
