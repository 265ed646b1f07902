"""Tests that no operation of Wagtail on a page changes or loses an edition."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction, Revision, WorkflowState

from agencies.access import PROTOCOL_EDITORS
from history.models import Event
from lms.models import Mail
from protocols.approval import approval
from protocols.drafts import content as drafts_content
from protocols.editions import editions, scheduling
from protocols.models import Approval, Edition, ProtocolPage
from tests.factories import PersonFactory, ProtocolPageFactory, body_of
from tests.servers import at_once

MAY = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
JUNE = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)


def revised(page, **fields):
    """Return a revision of the page with a new text that everybody has approved."""
    text = ("section", {"heading": "Why we have this", "text": "<p>Now this.</p>"})
    changes = {"reason": "New guidance.", "in_force_from": timezone.localdate()}
    for name, value in (changes | {"body": body_of(text)} | fields).items():
        setattr(page, name, value)
    revision = page.save_revision()
    approved(revision)
    return revision


def approved(revision):
    page = revision.as_object()
    digest = drafts_content.digest(drafts_content.facts_of(page))
    for name in approval.steps_of(page):
        Approval.objects.create(
            page=page, digest=digest, name=name, state="approved", answered_at=timezone.now()
        )


@pytest.mark.django_db
def test_publishing_again_what_is_live_makes_nothing():
    page = ProtocolPageFactory()
    revision = revised(page)
    by = PersonFactory(is_superuser=True)
    revision.publish(user=by)
    revision.publish(user=by)
    page.get_latest_revision()
    ProtocolPage.objects.get(pk=page.pk).save_revision().publish(user=by)
    assert page.editions.count() == 2
    assert Event.objects.about(page.editions.first()).get().by_person == by.pk


@pytest.mark.django_db
def test_taken_off_and_put_back_it_is_the_same_edition(client):
    page = ProtocolPageFactory(slug="unborn")
    revision = revised(page)
    revision.publish()
    page = ProtocolPage.objects.get(pk=page.pk)
    Page.objects.filter(pk=page.pk).update(live=False)  # As before this was refused.
    assert client.get("/protocols/unborn/").status_code == 404
    assert client.get("/protocols/unborn/editions/1/").status_code == 200
    assert not Edition.objects.in_force().exists()
    ProtocolPage.objects.get(pk=page.pk).get_latest_revision().publish()
    assert client.get("/protocols/unborn/").status_code == 200
    assert page.editions.count() == 2


@pytest.mark.django_db
def test_a_copy_is_a_protocol_of_its_own_that_was_never_in_force(client, settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    page = ProtocolPageFactory(slug="unborn")
    client.force_login(PersonFactory(is_staff=True, is_superuser=True))
    form = {"new_title": "Copy", "new_slug": "copy", "new_parent_page": page.get_parent().pk}
    client.post(f"/cms/pages/{page.pk}/copy/", form | {"publish_copies": "on"})
    copy = ProtocolPage.objects.get(slug="copy")
    assert not copy.live
    with pytest.raises(editions.EditionRefused):
        page.copy(update_attrs={"slug": "other", "title": "Other"}, keep_live=True)
    assert (copy.editions.count(), copy.reason) == (0, "")
    assert [owner.agency for owner in copy.owners.all()] == [page.owners.get().agency]
    for slug in ("copy", "other"):
        assert client.get(f"/protocols/{slug}/").status_code == 404
    assert b"Copy" not in client.get("/protocols/").content
    alias = page.create_alias(update_slug="alias")
    assert client.get(alias.url).status_code == 404


@pytest.mark.django_db
@time_machine.travel(MAY)
def test_scheduled_publishing_makes_the_edition_on_its_day_and_not_before(client):
    page = ProtocolPageFactory(slug="unborn")
    revised(page, go_live_at=JUNE, in_force_from=JUNE.date()).publish()
    scheduling.publish_due()
    assert page.editions.count() == 1
    shown = client.get("/protocols/unborn/")
    assert shown.status_code == 200 and b"Now this." not in shown.content
    with time_machine.travel(JUNE + dt.timedelta(minutes=1)):
        scheduling.publish_due()
        scheduling.publish_due()
    edition = page.editions.get(number=2)
    assert edition.in_force_from == JUNE.date()
    assert Event.objects.about(edition).get().by_process == editions.SCHEDULE
    assert b"Now this." in client.get("/protocols/unborn/").content


@pytest.mark.django_db
@time_machine.travel(MAY)
def test_what_could_not_come_into_force_then_is_refused_when_it_is_scheduled():
    page = ProtocolPageFactory()
    revision = revised(page, in_force_from=JUNE.date(), reason="The first version.")
    with pytest.raises(editions.EditionRefused, match="of version 1"):
        revision.publish()
    assert not Revision.objects.exclude(approved_go_live_at=None).exists()


@pytest.mark.django_db
@time_machine.travel(MAY)
def test_one_that_is_refused_on_its_day_keeps_no_other_back_and_is_told():
    editor = PersonFactory(groups=[PROTOCOL_EDITORS])
    refused, other = ProtocolPageFactory(title="Refused"), ProtocolPageFactory()
    for page in (refused, other):
        revised(page, go_live_at=JUNE, in_force_from=JUNE.date()).publish()
    Approval.objects.filter(page=refused).delete()
    with time_machine.travel(JUNE + dt.timedelta(minutes=1)):
        scheduling.publish_due()
        scheduling.publish_due()
    assert (refused.editions.count(), other.editions.count()) == (1, 2)
    mail = Mail.objects.get(template="protocol_not_in_force")
    assert mail.to == editor.email
    assert "Author has not approved this text." in mail.text


@pytest.mark.django_db
def test_what_was_in_force_is_neither_deleted_nor_moved_in_the_back_office(client, settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client.force_login(PersonFactory(is_staff=True, is_superuser=True))
    page = ProtocolPageFactory()
    index, home = page.get_parent(), page.get_parent().get_parent()
    for address in (
        f"/cms/pages/{page.pk}/delete/",
        f"/cms/pages/{index.pk}/delete/",
        f"/cms/pages/{page.pk}/move/{home.pk}/confirm/",
        f"/cms/bulk/wagtailcore/page/delete/?id={page.pk}",
    ):
        answer = client.post(address, {"next": "/cms/"})
        assert answer.status_code in (200, 302), address
    kept = Page.objects.get(pk=page.pk)
    assert (kept.live, kept.get_parent().pk) == (True, index.pk)
    never_public = ProtocolPageFactory(edition=None)
    client.post(f"/cms/pages/{never_public.pk}/delete/")
    assert not Page.objects.filter(pk=never_public.pk).exists()


@pytest.mark.django_db
def test_a_page_behind_a_restriction_shows_no_edition_and_no_file_of_it(client):
    page = ProtocolPageFactory(slug="unborn")
    PageViewRestriction.objects.create(page=page, restriction_type="login")
    for tail in ("", "editions/1/", "editions/1/record/", "editions/1/files/abc/"):
        answer = client.get(f"/protocols/unborn/{tail}")
        assert answer.status_code == 302, tail
        assert answer.headers["Location"].startswith("/accounts/login/"), tail
    assert page.title.encode() not in client.get("/protocols/").content


def ready_to_publish():
    page = ProtocolPageFactory()
    return page, revised(page)


@pytest.mark.race
def test_two_presses_at_once_make_one_edition(own_database, rounds):
    for _ in range(rounds):
        page, revision = ready_to_publish()
        content = revision.content

        def press(number):
            again = ProtocolPage.objects.get(pk=page.pk).save_revision()
            Revision.objects.filter(pk=again.pk).update(content=content)
            Revision.objects.get(pk=again.pk).publish()

        outcomes = at_once(6, press)
        assert [each for each in outcomes if isinstance(each, Exception)] == []
        assert page.editions.count() == 2


@pytest.mark.race
def test_without_taking_turns_they_do_not(own_database, monkeypatch):
    """Control: without the page lock, concurrent writers collide on the edition number."""
    page, revision = ready_to_publish()

    def press(number):
        draft = drafts_content.draft_of(revision.as_object())
        barrier.wait(timeout=30)
        draft.approvers = []
        editions.write(draft, {})

    import threading

    barrier = threading.Barrier(4)
    outcomes = at_once(4, press)
    assert len([each for each in outcomes if isinstance(each, Exception)]) == 3
    assert page.editions.count() == 2
    assert not WorkflowState.objects.exists()
