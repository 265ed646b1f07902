"""Tests that concurrent saves of a page, a press and an autosave, keep the effects of both."""

from functools import partial

import pytest
from wagtail.models import Page
from wagtail.test.utils.form_data import nested_form_data, streamfield

from home.models import StandardPage
from tests.browsing import Browser
from tests.factories import PersonFactory
from tests.servers import while_locked


@pytest.mark.race
def test_a_page_that_is_published_meanwhile_stays_published(own_database, settings):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    client = Browser(headers={"accept": "application/json"})
    client.force_login(PersonFactory(is_staff=True, is_superuser=True))
    page = Page.objects.get(depth=2).add_child(
        instance=StandardPage(title="About us", slug="about-us", live=False)
    )
    page.save_revision()
    path = f"/cms/pages/{page.pk}/edit/"
    fields = nested_form_data(
        {"title": "About the board", "slug": "about-us", "body": streamfield([])}
    )
    answer = while_locked(
        partial(Page.objects.select_for_update().get, pk=page.pk),
        page.latest_revision.publish,
        partial(client.post, path, client.shown_at(path) | fields),
    )
    assert answer.json()["success"], answer.text
    page.refresh_from_db()
    assert (page.live, page.has_unpublished_changes) == (True, True)
