"""Test the detection of a name beside a birth date, and its few false positives."""

import pytest

from agencies.free_text import birth_dates


@pytest.mark.parametrize(
    "text",
    [
        "Alex Example 01/02/2015",
        "I thought of Alex Example, born on 1 February 2015, all day.",
        "Alex Example (d.o.b. 1.2.15) was discussed",
        "DOB 2015-02-01: Zoë O’Neill-Example",
        "1st March 2015, the day Alex Example was born",
        "alex’s friend Robin was born 3 Mar 2016",
    ],
)
def test_a_name_beside_a_birth_date_is_noticed(text):
    assert birth_dates.stand_beside_a_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The trainer was clear and the room was cold.",
        "I will use it from 1 March 2026.",
        "Alex Example was a good trainer.",
        "Early Help was new to me. I shall tell my team about what we learned on 3 March 2026.",
        "Call 01632 960 123",
    ],
)
def test_what_is_not_is_let_pass(text):
    assert not birth_dates.stand_beside_a_name(text)
