"""Tests that batched rows are written at once, in order, and only on success."""

import pytest
from django.db import connection

import history
from history.models import Event
from lms import links
from lms.gathering import batch, cached_context, insert, memoised
from lms.models import ActionLink, Mail
from tests.factories import MailFactory, PersonFactory, in_days

pytestmark = pytest.mark.django_db


def subjects():
    return list(Mail.objects.order_by("pk").values_list("subject", flat=True))


def letter(subject):
    return MailFactory.build(subject=subject)


def test_rows_are_written_at_once_when_the_block_ends_in_their_order(django_assert_num_queries):
    with django_assert_num_queries(1), batch():
        for subject in ("First", "Second", "Third"):
            insert(letter(subject))
    assert subjects() == ["First", "Second", "Third"]


def test_without_a_block_a_row_is_written_at_once():
    insert(letter("Now"))
    assert subjects() == ["Now"]


def test_nothing_of_a_block_that_fails_is_written():
    with pytest.raises(ZeroDivisionError), batch():
        insert(letter("Lost"))
        raise ZeroDivisionError
    assert subjects() == []


def test_what_fails_within_a_block_that_goes_on_is_left_out_alone():
    with batch():
        insert(letter("Before"))
        with pytest.raises(ZeroDivisionError), batch():
            insert(letter("Lost"))
            raise ZeroDivisionError
        insert(letter("After"))
    assert subjects() == ["Before", "After"]


def test_events_and_links_of_many_take_a_statement_a_table(django_assert_num_queries):
    people = PersonFactory.create_batch(30)
    with django_assert_num_queries(2), batch():
        for person in people:
            history.record("person.added", person, by="TEST")
            links.create("offer", person, sent_to=person.email, until=in_days(1))
    assert ActionLink.objects.count() == 30
    things = Event.objects.order_by("pk").values_list("thing_id", flat=True)
    assert list(things) == [str(person.pk) for person in people]


def test_what_is_read_once_is_read_again_after_the_block():
    answers = iter([1, 2, 3])

    def ask():
        return memoised("question", lambda: next(answers))

    with cached_context():
        assert (ask(), ask()) == (1, 1)
    assert (ask(), ask()) == (2, 3)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's limit is its driver's")
def test_three_hundred_mails_are_one_statement_on_sqlite(django_assert_num_queries):
    with django_assert_num_queries(1), batch():
        for number in range(300):
            insert(letter(f"Mail {number}"))
    assert Mail.objects.count() == 300
