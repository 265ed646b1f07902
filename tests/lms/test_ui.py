"""Tests that controls work for screen readers and keyboards."""

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory

from lms.web.govuk_widgets import DayInput


class BookingForm(forms.Form):
    name = forms.CharField(label="Your name", help_text="As on a certificate.")
    needs = forms.CharField(label="Access needs", required=False, widget=forms.Textarea)
    way = forms.ChoiceField(
        label="How?", choices=[("a", "In a room"), ("b", "Online")], widget=forms.RadioSelect
    )
    agreed = forms.BooleanField(label="My manager agrees")


class FilterForm(forms.Form):
    words = forms.CharField(label="Words", required=False)
    day = forms.DateField(label="From", required=False, widget=DayInput)


def render(text, **context):
    return (
        engines["django"]
        .from_string(text)
        .render(context, RequestFactory().get("/courses/?q=a&page=2"))
    )


def test_a_field_is_described_by_its_hint_and_its_error():
    html = BookingForm({})["name"].as_field_group()
    assert '<label class="govuk-label govuk-label--s" for="id_name">Your name</label>' in html
    assert 'id="id_name_helptext">As on a certificate.</div>' in html
    assert '<div id="id_name_error">' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'class="govuk-input govuk-input--error"' in html


def test_radios_stand_in_a_fieldset_that_says_the_question_and_what_is_wrong():
    html = BookingForm({})["way"].as_field_group()
    assert '<fieldset class="govuk-fieldset" aria-describedby="id_way_error">' in html
    assert '<legend class="govuk-fieldset__legend govuk-fieldset__legend--s">How?</legend>' in html
    assert html.count('class="govuk-radios__input"') == 2
    assert 'for="id_way_0">In a room</label>' in html


def test_a_checkbox_has_its_label_once_and_behind_it():
    html = BookingForm()["agreed"].as_field_group()
    assert html.count("My manager agrees") == 1
    assert html.index("<input") < html.index("<label")


def test_optional_is_said_only_beside_fields_that_are_not():
    assert "Access needs (optional)" in BookingForm()["needs"].as_field_group()
    assert "optional" not in FilterForm()["words"].as_field_group()


def test_a_day_goes_into_the_browsers_calendar_as_it_wants_it():
    html = FilterForm({"day": "2026-03-29"})["day"].as_field_group()
    assert 'type="date"' in html
    assert 'value="2026-03-29"' in html


def test_the_error_summary_leads_to_the_first_control_of_each_field_and_names_it():
    html = render_to_string("components/error_summary.html", {"form": BookingForm({})})
    assert '<a href="#id_name">Your name: this is needed</a>' in html
    assert '<a href="#id_way_0">How?: this is needed</a>' in html
    assert '<a href="#id_agreed">My manager agrees: this is needed</a>' in html


def test_the_error_summary_is_silent_while_nothing_is_wrong():
    assert "problem" not in render_to_string(
        "components/error_summary.html", {"form": FilterForm({})}
    )


def test_what_a_person_typed_is_escaped_in_a_field():
    html = BookingForm({"name": '"><script>'})["name"].as_field_group()
    assert "<script>" not in html


def test_other_pages_keep_what_was_asked():
    page = Paginator(range(95), 10).get_page(2)
    html = render('{% include "components/pagination.html" %}', page_obj=page)
    assert '<a class="govuk-link govuk-pagination__link" href="?q=a&amp;page=3" rel="next">' in html
    assert html.count('aria-current="page"') == 1


@pytest.mark.parametrize(
    ("address", "mark"),
    [("/courses/", 'aria-current="page"'), ("/protocols/", 'href="/protocols/">Protocols</a>')],
)
def test_the_menu_marks_where_one_is(address, mark):
    html = render("{% nav_item address words %}", address=address, words="Protocols")
    assert mark in html


def test_a_share_of_nothing_is_nothing():
    assert render("{{ 3|percent_of:4 }} {{ 3|percent_of:0 }}") == "75 0"


@pytest.mark.parametrize("page", ["400.html", "500.html", "503.html", "file_unreadable.html"])
def test_what_is_shown_when_all_else_fails_needs_neither_request_nor_database(page):
    assert "<h1" in render_to_string(page)
