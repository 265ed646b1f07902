"""Test that the number to call is one press away on a phone, and is on paper."""

from playwright.sync_api import expect

from agencies.models import ConcernContacts
from tests.factories import ProtocolPageFactory


def test_the_number_is_one_press_away_on_a_phone_and_printed(visit):
    ConcernContacts.objects.create(hub_telephone="01632 960 101")
    protocol = ProtocolPageFactory()
    page = visit(width=390, height=844)
    for address in ("/", protocol.url, "/courses/"):
        page.goto(address)
        expect(page.get_by_role("button", name="Menu")).to_have_attribute("aria-expanded", "false")
        page.get_by_role("link", name="Worried about a child?").click()
        number = page.locator("#worried ~ * >> role=link[name='Call 01632 960 101']")
        expect(number).to_be_in_viewport()
    page.goto(protocol.url)
    page.emulate_media(media="print")
    foot = page.get_by_role("contentinfo")
    expect(foot.get_by_role("link", name="Call 01632 960 101")).to_be_visible()
    expect(foot.get_by_role("link", name="Accessibility")).to_be_hidden()
