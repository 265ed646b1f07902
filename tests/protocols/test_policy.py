"""Tests that the board sets the days to answer and the reminder days."""

import datetime as dt

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from agencies.access import (
    BOARD_MEMBERS,
    COMMITTEE_CHAIRS,
    POLICY_LEADS,
    PROTOCOL_EDITORS,
    TRAINING_ADMINISTRATORS,
)
from lms import working_days
from protocols.editions import reviews
from protocols.models import ProtocolPolicy
from tests.factories import PersonFactory, PostFactory, ProtocolPageFactory
from tests.protocols.test_approving import approve_step, asked, board, drafted, lead, protocol_for
from tests.protocols.test_chasing import DEADLINE, chased, sent

__all__ = ["board", "lead", "sent"]
pytestmark = pytest.mark.django_db
SETTINGS = "/cms/settings/protocols/protocolpolicy/"


def decided(**days):
    ProtocolPolicy.load()
    ProtocolPolicy.objects.update(**days)


def test_agencies_have_so_many_days_to_answer_about_a_draft(board, lead):
    decided(answer_days=5)
    page = drafted(protocol_for(lead.posts.get().agency), board["author"])
    approve_step(page, board["policy"])
    assert asked(page).answer_by == working_days.later(timezone.localdate(), 5)


def test_reminders_come_on_the_days_that_were_decided(sent):
    decided(chased_days_before=5, chased_every_days=10)
    assert chased(dt.date(2026, 6, 2), dt.date(2026, 7, 6)) == [
        dt.date(2026, 6, 10), DEADLINE, dt.date(2026, 6, 25), dt.date(2026, 7, 5),
    ]  # fmt: skip


def test_none_comes_before_the_day_where_none_was_decided(sent):
    decided(chased_days_before=0)
    assert chased(dt.date(2026, 6, 2), DEADLINE) == [DEADLINE]


def test_owners_hear_of_a_review_on_the_days_that_were_decided():
    decided(first_notice_days=10, second_notice_days=60)
    PersonFactory(is_staff=True, groups=[PROTOCOL_EDITORS])
    june = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
    with time_machine.travel(june - dt.timedelta(days=90)):
        ProtocolPageFactory(in_force_from=dt.date(2026, 1, 1), next_review_on=june.date())
    told = []
    for before in range(70, -1, -1):
        with time_machine.travel(june - dt.timedelta(days=before)):
            told += [before] * reviews.tell_owners()
    assert told == [60, 10, 0]


def test_the_form_suggests_the_usual_day(client, settings, board):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    decided(confirm_days=9)
    edition = ProtocolPageFactory().edition_in_force
    client.force_login(board["author"])
    day = timezone.localdate() + dt.timedelta(days=9)
    assert f'value="{day.isoformat()}"' in client.get(f"/cms/cascade/{edition.pk}/send/").text


@pytest.mark.parametrize("field", ["answer_days", "confirm_days", "chased_every_days"])
def test_none_of_these_is_no_days_at_all(field):
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        ProtocolPolicy(**{field: 0}).full_clean()


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (PROTOCOL_EDITORS, True),
        (POLICY_LEADS, False),
        (COMMITTEE_CHAIRS, False),
        (BOARD_MEMBERS, False),
        (TRAINING_ADMINISTRATORS, False),
    ],
)
def test_protocol_editors_decide_it_and_nobody_else(client, settings, role, may):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client.force_login(PersonFactory(is_staff=True, groups=[role]))
    policy = ProtocolPolicy.load()
    days = {field.name: getattr(policy, field.name) for field in policy._meta.fields}
    client.get(SETTINGS, follow=True)
    client.post(f"{SETTINGS}{policy.pk}/", days | {"answer_days": "21"})
    assert ProtocolPolicy.load().answer_days == (21 if may else 20)


def test_a_lead_does_not_find_it(client):
    client.force_login(PostFactory(is_lead=True).person)
    assert client.get(f"{SETTINGS}1/").status_code == 403
