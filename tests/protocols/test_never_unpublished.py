"""Test that nothing but Withdraw takes a protocol out of force, and that it can be undone."""

import datetime as dt

import pytest
from bs4 import BeautifulSoup
from django.urls import get_resolver
from django.utils import timezone
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.models import Page

from agencies.access import PROTOCOL_EDITORS
from history.models import Event
from lms.models import Mail
from protocols.editions import editions, scheduling
from protocols.editions.editions import EditionRefused
from protocols.models import Edition, ProtocolIndexPage, ProtocolPage
from tests.factories import (
    APPROVED,
    DisseminationFactory,
    PersonFactory,
    PostFactory,
    ProtocolPageFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    return ProtocolPageFactory(slug="unborn")


@pytest.fixture(params=["editor", "superuser"])
def staff(request, client, settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    if request.param == "superuser":
        person = PersonFactory(is_staff=True, is_superuser=True)
    else:
        person = PersonFactory(is_staff=True, groups=[PROTOCOL_EDITORS])
    client.force_login(person)
    return person


def by_address(address):
    def press(client, page, staff):
        client.get(address.format(pk=page.pk))
        client.post(address.format(pk=page.pk), {"next": "/cms/", "include_descendants": "on"})

    press.__name__ = address
    return press


def by_its_own_verb(client, page, staff):
    page.unpublish(user=staff)


def by_wagtails_action(client, page, staff):
    UnpublishPageAction(page, user=staff).execute()


def by_the_index(client, page, staff):
    index = page.get_parent().specific
    UnpublishPageAction(index, user=staff, include_descendants=True).execute()


def by_saving(client, page, staff):
    page.live = False
    page.save()


def by_expiring(client, page, staff):
    Page.objects.filter(pk=page.pk).update(expire_at=timezone.now() - dt.timedelta(days=1))
    scheduling.publish_due()


def by_an_expiry_in_a_revision(client, page, staff):
    page.expire_at = timezone.now() + dt.timedelta(days=1)
    page.save()
    Page.objects.filter(pk=page.pk, expire_at__isnull=False).update(expire_at=timezone.now())
    scheduling.publish_due()


def by_unpublishing_an_alias(client, page, staff):
    alias = page.create_alias(update_slug="alias")
    alias.unpublish()


ADDRESSES = [
    "/cms/pages/{pk}/unpublish/",
    "/cms/bulk/wagtailcore/page/unpublish/?id={pk}",
    "/cms/bulk/wagtailcore/page/delete/?id={pk}",
    "/cms/pages/{pk}/delete/",
    "/cms/api/main/pages/{pk}/action/unpublish/",
    "/cms/api/main/pages/{pk}/action/delete/",
]
DOORS = [
    by_its_own_verb,
    by_wagtails_action,
    by_the_index,
    by_saving,
    by_expiring,
    by_an_expiry_in_a_revision,
    by_unpublishing_an_alias,
    *[by_address(address) for address in ADDRESSES],
]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_no_door_takes_a_protocol_off(client, page, staff, door):
    try:
        door(client, page, staff)
    except Exception as refused:  # Refused by us or by Wagtail; what counts is what is there.
        assert "nothing" not in str(refused)
    assert client.get("/protocols/unborn/").status_code == 200
    assert client.get("/protocols/unborn/editions/1/").status_code == 200
    assert ProtocolPage.objects.get(pk=page.pk).live
    assert Edition.objects.in_force().count() == 1


def routes(patterns, before=""):
    for each in patterns:
        route = before + str(each.pattern)
        yield route
        yield from routes(getattr(each, "url_patterns", ()), route)


def test_each_address_that_unpublishes_a_page_is_tried_here():
    known = {"pages/<int:page_id>/unpublish/", "bulk/", "pages/usage/"}
    found = {route for route in routes(get_resolver().url_patterns) if "unpublish" in route}
    of_pages = {route for route in found if "pages" in route}
    assert {route.removeprefix("cms/") for route in of_pages} <= known, of_pages


def test_no_menu_offers_it(client, page, staff):
    for address in (
        f"/cms/pages/{page.pk}/edit/",
        f"/cms/pages/{page.get_parent().pk}/",
        f"/cms/pages/{page.pk}/history/",
    ):
        shown = BeautifulSoup(client.get(address).content, "html.parser")
        links = [str(link) for link in shown.select("a, button") if "npublish" in link.get_text()]
        links = [link for link in links if "/bulk/" not in link]
        assert links == [], address


def test_a_withdrawal_is_undone_and_both_times_the_agencies_are_told(client, staff, page):
    lead = PostFactory(is_lead=True)
    sent = DisseminationFactory(edition=page.edition_in_force, agency=lead.agency)
    edition = sent.edition
    versions = f"/cms/protocols/{page.pk}/versions/"
    client.post(f"/cms/protocols/editions/{edition.pk}/withdraw/", {"reason": "A wrong figure."})
    assert not Edition.objects.in_force().exists()
    if editor := staff.groups.exists():
        assert "Put back in force" in client.get(versions).content.decode()
    address = f"/cms/protocols/editions/{edition.pk}/put-back/"
    assert client.get(address).status_code == (200 if editor else client.get(versions).status_code)
    editions.put_back(edition, by=staff)
    assert Edition.objects.in_force().get() == edition
    told = Mail.objects.filter(to=lead.person.email).order_by("pk")
    assert [mail.template for mail in told] == ["protocol_withdrawn", "protocol_put_back"]
    done = Event.objects.about(edition).order_by("pk").values_list("action", flat=True)
    assert list(done)[-2:] == ["edition.withdrawn", "edition.put_back"]
    assert "was withdrawn" not in client.get("/protocols/unborn/").content.decode()
    with pytest.raises(EditionRefused, match="nothing to undo"):
        editions.put_back(edition, by=staff)
    editions.withdraw(Edition.objects.get(), reason="Once more.", by=staff)
    assert not Edition.objects.in_force().exists()


def test_an_older_version_is_not_put_back(page):
    first = page.edition_in_force
    editions.withdraw(first, reason="A wrong figure.", by="TEST")
    page.reason, page.in_force_from = "Corrected.", timezone.localdate()
    page.next_review_on = timezone.localdate() + dt.timedelta(days=300)
    editions.issue_edition(page, by="TEST", approved_by=APPROVED)
    with pytest.raises(EditionRefused, match="newer version"):
        editions.put_back(first, by="TEST")


def test_a_protocol_cannot_be_given_a_day_to_expire(page):
    page.expire_at = timezone.now() + dt.timedelta(days=1)
    with pytest.raises(Exception, match="does not expire"):
        page.full_clean()
    assert ProtocolIndexPage.objects.count() == 1
