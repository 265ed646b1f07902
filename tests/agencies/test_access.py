"""Test which people each role may see."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from agencies import access
from agencies.models import Person, Post
from tests.factories import AgencyFactory, PersonFactory, PostFactory

pytestmark = pytest.mark.django_db


def seen_by(viewer):
    return set(Person.objects.visible_to(viewer))


def test_somebody_signed_out_sees_nobody():
    PostFactory()
    assert seen_by(AnonymousUser()) == set()
    assert set(Post.objects.visible_to(AnonymousUser())) == set()


def test_a_professional_sees_themself_only_not_a_colleague():
    post = PostFactory()
    PostFactory(agency=post.agency)
    assert seen_by(post.person) == {post.person}
    assert set(Post.objects.visible_to(post.person)) == {post}


def test_a_lead_sees_their_agency_and_nothing_of_another():
    lead = PostFactory(is_lead=True)
    colleague = PostFactory(agency=lead.agency)
    PostFactory()
    assert seen_by(lead.person) == {lead.person, colleague.person}
    assert set(Post.objects.visible_to(lead.person)) == {lead, colleague}


def test_a_lead_sees_a_person_for_the_time_of_the_post_and_the_post_for_good():
    yesterday = timezone.localdate() - timedelta(days=1)
    lead = PostFactory(is_lead=True)
    left = PostFactory(agency=lead.agency, starts_on=yesterday, ends_on=yesterday)
    assert seen_by(lead.person) == {lead.person}
    assert set(Post.objects.visible_to(lead.person)) == {lead, left}


def test_who_waits_is_not_yet_seen_though_their_request_is():
    lead = PostFactory(is_lead=True)
    waiting = PostFactory(agency=lead.agency, confirmed_at=None)
    assert seen_by(lead.person) == {lead.person}
    assert set(Post.objects.visible_to(lead.person)) == {lead, waiting}


def test_a_lead_who_waits_or_has_left_leads_nothing():
    yesterday = timezone.localdate() - timedelta(days=1)
    for post in (
        PostFactory(is_lead=True, confirmed_at=None),
        PostFactory(is_lead=True, starts_on=yesterday, ends_on=yesterday),
    ):
        assert list(access.agencies_led_by(post.person)) == []


def test_a_lead_sees_the_agencies_merged_into_theirs_however_deep_but_not_the_children():
    lead = PostFactory(is_lead=True)
    merged = AgencyFactory(merged_into=lead.agency)
    before = AgencyFactory(merged_into=merged)
    AgencyFactory(parent=lead.agency)
    assert set(access.agencies_led_by(lead.person)) == {lead.agency, merged, before}


def test_a_line_manager_sees_their_own_reports_while_the_post_lasts():
    manager = PersonFactory()
    post = PostFactory(line_manager=manager)
    today = timezone.localdate()
    PostFactory(line_manager=manager, starts_on=today, ends_on=today, confirmed_at=None)
    assert seen_by(manager) == {manager, post.person}


def test_the_training_office_sees_everybody_and_a_board_member_or_editor_does_not():
    post = PostFactory()
    office = PersonFactory(groups=[access.TRAINING_ADMINISTRATORS], is_staff=True)
    member = PersonFactory(groups=[access.BOARD_MEMBERS], is_staff=True)
    editor = PersonFactory(groups=[access.PROTOCOL_EDITORS], is_staff=True)
    assert seen_by(office) == {post.person, office, member, editor}
    assert seen_by(member) == {member}
    assert seen_by(editor) == {editor}
    assert access.is_board_member(member) and not access.is_training_administrator(member)


def test_an_inactive_administrator_sees_nobody():
    office = PersonFactory(groups=[access.TRAINING_ADMINISTRATORS], is_active=False)
    assert seen_by(office) == set()


def test_the_back_office_needs_both_working_for_the_board_and_a_group():
    assert access.may_enter_back_office(PersonFactory(is_staff=True, groups=[access.BOARD_MEMBERS]))
    assert not access.may_enter_back_office(PersonFactory(is_staff=True))
    assert not access.may_enter_back_office(PersonFactory(groups=[access.BOARD_MEMBERS]))
    assert not access.may_enter_back_office(PostFactory(is_lead=True).person)


def test_the_same_number_of_queries_with_one_and_three_people(django_assert_num_queries):
    lead = PostFactory(is_lead=True)
    access.group_names(lead.person)
    for _ in range(2):
        PostFactory(agency=lead.agency)
        with django_assert_num_queries(1):
            list(Person.objects.visible_to(lead.person))
