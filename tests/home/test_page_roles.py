"""Test which pages each role of the board's staff may edit."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from wagtail.models import GroupPagePermission, Page

from agencies.access import (
    BOARD_MEMBERS,
    COMMITTEE_CHAIRS,
    PROTOCOL_EDITORS,
    TRAINING_ADMINISTRATORS,
)
from tests.factories import CoursePageFactory, PersonFactory, ProtocolPageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages():
    return {"protocol": ProtocolPageFactory(), "course": CoursePageFactory()}


@pytest.mark.parametrize(
    ("role", "edits"),
    [
        (PROTOCOL_EDITORS, {"protocol"}),
        (TRAINING_ADMINISTRATORS, {"course"}),
        (BOARD_MEMBERS, set()),
    ],
)
def test_each_role_edits_its_own_pages_and_no_others(client, settings, pages, role, edits):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    person = PersonFactory(is_staff=True, groups=[role])
    client.force_login(person)
    opened = {
        kind
        for kind, page in pages.items()
        if client.get(f"/cms/pages/{page.pk}/edit/").status_code == 200
    }
    assert opened == edits
    front = Page.objects.get(slug="home", depth=2)
    assert client.get(f"/cms/pages/{front.pk}/edit/").status_code == 302
    for page in pages.values():
        assert page.permissions_for_user(person).can_publish() == (
            page.slug in {pages[kind].slug for kind in edits}
        )


def test_a_protocol_editor_adds_pictures_and_documents(client, settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client.force_login(PersonFactory(is_staff=True, groups=[PROTOCOL_EDITORS]))
    for page in ("/cms/images/add/", "/cms/documents/multiple/add/"):
        assert client.get(page).status_code == 200


def test_chairs_of_before_give_back_the_permission_to_publish_and_nobody_else(pages):
    """Migrate a database as `page_roles`, which only grants permissions, left it."""
    index = pages["protocol"].get_parent()
    publish = Permission.objects.get(codename="publish_page")
    chairs = Group.objects.get(name=COMMITTEE_CHAIRS)
    before = set(GroupPagePermission.objects.values_list("group__name", "permission__codename"))
    GroupPagePermission.objects.create(group=chairs, page=index, permission=publish)
    migration = import_module("home.migrations.0006_chairs_publish_by_their_step")
    migration.take_from_chairs(apps, None)
    after = set(GroupPagePermission.objects.values_list("group__name", "permission__codename"))
    assert after == before
