"""Test in a browser a course that others give online: from its page to a lead's figures."""

import pytest
from playwright.sync_api import expect

from agencies.access import TRAINING_ADMINISTRATORS
from courses.models import Completion, Evidence
from tests.browser.test_first_booking import PHONE, Loads
from tests.factories import (
    AgencyFactory,
    CourseElsewhereFactory,
    CoursePageFactory,
    PersonFactory,
    PostFactory,
    in_days,
)
from tests.test_wrong_files import picture

both_ways = pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
PROVIDER = "data:text/html,<title>Harbour Learning</title><h1>Your certificate</h1>"
PHOTO = {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": picture("JPEG")}


@both_ways
def test_a_certificate_goes_from_a_phone_to_the_leads_figures(visit, settings, javascript):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    course = CourseElsewhereFactory(
        code="NEG", title="Neglect online", renewal_months=12, provider="Harbour Learning"
    )
    CoursePageFactory(course=course)
    trust = AgencyFactory(name="Solent Trust")
    person = PostFactory(agency=trust, person__name="Amina Yusuf").person
    lead = PostFactory(agency=trust, is_lead=True, person__name="Lee Lead").person

    phone = visit(person, javascript=javascript, **PHONE)
    loads = Loads(phone)
    phone.goto("/courses/neg/")
    loads.heading("Neglect online")
    start = phone.get_by_role("button", name="Start on Harbour Learning")
    assert start.get_attribute("href") == course.provider_link
    # No other host answers here: the provider's page is one of the browser's own.
    phone.goto(PROVIDER)
    phone.go_back()
    before = len(loads)
    phone.get_by_role("button", name="Upload your certificate").click()
    loads.heading("Upload your certificate")
    phone.get_by_role("button", name="Send to the training office").click()
    expect(phone.get_by_role("heading", name="There is a problem")).to_be_visible()
    phone.get_by_label("When did you complete the course?").fill(in_days(-1).date().isoformat())
    phone.get_by_label("The certificate", exact=True).set_input_files(PHOTO)
    phone.get_by_label("I completed the whole course myself").check()
    phone.get_by_role("button", name="Send to the training office").click()
    loads.heading("Training elsewhere")
    expect(phone.get_by_text("We have your certificate.")).to_be_visible()
    # The upload, the upload with what is missing, and what is next.
    assert len(loads) - before == 3, loads.addresses

    administrator = PersonFactory(is_staff=True, groups=[TRAINING_ADMINISTRATORS])
    desk = visit(administrator, watched=False)
    desk.goto("/cms/")
    loads = Loads(desk)
    desk.get_by_role("link", name="Amina Yusuf").first.click()
    desk.get_by_role("link", name="Accept", exact=True).click()
    expect(desk.get_by_text("your name, the course and the day")).to_be_visible()
    desk.get_by_role("button", name="Accept").click()
    expect(desk.get_by_text("Amina Yusuf's training elsewhere is accepted.")).to_be_visible()
    assert len(loads) == 3, loads.addresses
    assert Evidence.objects.get().state == "accepted"
    assert Completion.objects.get().certified["hours"] == "2.0"

    phone.goto("/my/")
    expect(phone.get_by_text("Online, given by Harbour Learning.")).to_be_visible()
    expect(phone.get_by_text("Refresh recommended by")).to_be_visible()

    theirs = visit(lead, javascript=javascript, **PHONE)
    loads = Loads(theirs)
    theirs.goto("/agency/training/")
    theirs.get_by_role("link", name="Neglect online").click()
    row = theirs.get_by_role("row").filter(has_text="Amina Yusuf")
    expect(row).to_contain_text("Up to date")
    assert len(loads) == 2, loads.addresses
