"""Tests that page bodies reject blocks that could not be followed."""

import pytest
from django.core.exceptions import ValidationError

from lms.blocks import Body
from tests.factories import body_of


def refusals(*parts):
    with pytest.raises(ValidationError) as refused:
        body_of(*parts)
    return str(refused.value.as_json_data())


def section(heading, anchor=""):
    return ("section", {"heading": heading, "anchor": anchor, "text": "<p>Words.</p>"})


def step(goes_to=None):
    branch = {"condition": "If so", "way": "on", "text": "", "goes_to": goes_to}
    return {"title": "Do", "who": "", "when": "", "text": "", "branches": [branch]}


def test_two_parts_cannot_have_the_same_link():
    said = refusals(section("One", "same"), section("Two", "same"))
    assert "Links to ‘same’ could lead to more than one place" in said


def test_a_link_cannot_be_one_that_the_page_needs():
    assert "‘main-content’" in refusals(section("One", "main-content"))


def test_an_anchor_is_made_of_small_letters_numbers_and_hyphens():
    assert "Use small letters" in refusals(section("One", "Not This"))


def test_a_step_cannot_lead_to_one_that_is_not_there():
    process = {"heading": "Process", "introduction": "", "steps": [step(), step(goes_to=3)]}
    assert "Step 2 leads on to a step that is not there." in refusals(("process", process))


def test_a_step_has_a_link_of_its_own_that_no_part_may_take():
    process = {"heading": "Process", "introduction": "", "steps": [step(), step(goes_to=1)]}
    assert "‘process-step-2’" in refusals(section("One", "process-step-2"), ("process", process))


def test_what_is_stored_is_what_the_editor_can_write():
    body = Body()
    text = (
        '<p>Stay<script>go</script></p><a href="javascript:x">y</a><a linktype="page" id="3">z</a>'
    )
    value = body.to_python([{"type": "section", "value": {"heading": "One", "text": text}}])
    value[0].value["text"].source = text
    assert body.get_prep_value(value)[0]["value"]["text"] == (
        '<p>Staygo</p><a>y</a><a id="3" linktype="page">z</a>'
    )
