"""Test which texts are accepted as a person's name."""

import pytest
from django.core.exceptions import ValidationError

from agencies.free_text import names


@pytest.mark.parametrize(
    "name",
    [
        "Zoë O’Brien-Núñez",
        "李小龙",
        "Ирина Иванова",
        "محمد الفايد",
        "Ng",
        "Ann Lee, Jr.",
    ],
)
def test_names_in_any_script_stand_as_they_are(name):
    assert names.tidy(name) == name
    names.check(name)


def test_what_hides_or_reorders_is_taken_out():
    assert names.tidy(" Anna\u202eevE\x00\n  Smith\u200b ") == "AnnaevE Smith"


def test_the_joiners_of_persian_stay():
    assert names.tidy("علی\u200cرضا") == "علی\u200cرضا"


@pytest.mark.parametrize(
    "name",
    ["12345", "...", "<b>Anna</b>", "Win https://evil.test", "www.evil.test", "{{7}}a"],
)
def test_what_is_no_name_is_refused(name):
    with pytest.raises(ValidationError):
        names.check(name)
