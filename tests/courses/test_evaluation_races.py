"""Test that concurrent presses ask each person once and store one sheet of answers."""

import pytest
from django.db import IntegrityError
from django.test import Client

from courses.evaluation import evaluation
from courses.models import Answer, Booking, Evaluation
from history.models import Event
from lms import links
from lms.models import Mail
from tests.factories import (
    BookingFactory,
    EvaluationFactory,
    MarkFactory,
    QuestionFactory,
    RunFactory,
    in_days,
)
from tests.servers import at_once

pytestmark = pytest.mark.race


def test_five_presses_of_one_link_and_of_another_keep_one_sheet_of_answers(own_database, rounds):
    question = QuestionFactory()
    for _ in range(rounds):
        asked = EvaluationFactory()
        tokens = [
            links.create("evaluation", asked, sent_to=asked.sent_to, until=in_days(9))
            for _ in range(2)
        ]

        def press(number, tokens=tokens):
            address = f"/evaluation/{tokens[number % 2]}/"
            return Client().post(address, {f"q{question.pk}": number % 5 + 1}).status_code

        assert set(at_once(10, press)) <= {200, 302}
        assert Answer.objects.filter(run=asked.run).count() == 1
        assert Event.objects.about(asked).filter(action="evaluation.answered").count() == 1


def test_without_the_lock_and_the_look_the_same_presses_meet_the_constraint(own_database):
    question, asked = QuestionFactory(), EvaluationFactory()
    met = at_once(10, lambda number: evaluation._keep(asked, {question: number % 5 + 1}))
    assert sum(isinstance(one, IntegrityError) for one in met) == 9


def test_who_is_invited_by_several_at_once_has_one_mail(own_database, rounds):
    QuestionFactory()
    for _ in range(rounds):
        run = RunFactory(starts_at=in_days(-2), closed_at=in_days(-1))
        came = [MarkFactory(booking=BookingFactory(run=run)).booking for _ in range(3)]
        done = at_once(5, lambda _, run=run: len(evaluation.invite(run, by="OFFICE")))
        assert sorted(done) == [0, 0, 0, 0, 3]
        asked = Evaluation.objects.filter(booking__run=run)
        assert asked.count() == len(came)
        about = [str(each.pk) for each in asked]
        assert Mail.objects.filter(about_type="courses.evaluation", about_id__in=about).count() == 3


def test_without_the_look_for_who_was_asked_the_same_invitations_meet_the_constraint(own_database):
    QuestionFactory()
    run = RunFactory(starts_at=in_days(-2), closed_at=in_days(-1))
    MarkFactory(booking=BookingFactory(run=run))
    came = Booking.objects.came().filter(run=run)
    met = at_once(5, lambda _: evaluation._ask(run, came.all(), [Evaluation.Kind.END]))
    assert sum(isinstance(one, IntegrityError) for one in met) == 4
