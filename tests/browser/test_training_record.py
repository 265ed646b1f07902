"""Test sharing a training record by link, until the link is revoked."""

import pytest
from playwright.sync_api import expect

from courses.completion import awarding
from tests.factories import BookingFactory, CompletionFactory, PostFactory, in_days

both_ways = pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])


def trained():
    person = PostFactory(person__name="Mary Seacole", agency__name="City Midwifery").person
    booking = BookingFactory(
        person=person, run__course__title="Supervision", run__starts_at=in_days(-30)
    )
    completion = CompletionFactory(person=person, booking=booking)
    return person, awarding.award_certificate(completion, by="OFFICE")


@both_ways
def test_a_record_is_shared_by_a_link_read_and_ended(visit, served_site, javascript):
    person, certificate = trained()
    page = visit(person, javascript=javascript)
    page.goto("/my/")
    page.get_by_role("link", name="My training record").click()
    page.get_by_role("link", name="share a link").click()
    page.get_by_label("30 days").check()
    page.get_by_label("Who is it for?").fill("Solent Trust")
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_role("link", name=f"{served_site.address}/record/").get_attribute("href")

    reader = visit(width=390, height=844, javascript=javascript)
    reader.goto(link)
    expect(reader.get_by_role("heading", name="Mary Seacole")).to_be_visible()
    expect(reader.get_by_text("City Midwifery")).to_have_count(0)
    reader.get_by_role("link", name=certificate.grouped_code).click()
    expect(reader.get_by_role("heading", name="This certificate is valid")).to_be_visible()

    page.get_by_role("button", name="Switch off the link for Solent Trust").click()
    expect(page.get_by_text("The link for Solent Trust does not work any more.")).to_be_visible()
    response = reader.request.get(link)
    assert response.status == 410
    assert "Mary Seacole" not in response.text()
