"""Test that migration 0018 fills kind and format from the format that courses had before it."""

from importlib import import_module

import pytest
from django.db import connection

from courses.models import Course, Run
from tests.factories import CourseFactory, RunFactory

MIGRATION = import_module("courses.migrations.0018_kind_and_format")
LINK = "https://meet.example.org/1"


@pytest.mark.django_db
def test_courses_and_dates_get_their_kind_and_format_and_say_what_they_said():
    said = {"classroom": "Classroom", "virtual": "Virtual classroom", "briefing": "Briefing"}
    for format in said:
        course = CourseFactory(code=format, format=format)
        RunFactory(course=course)
        RunFactory(course=course, venue=None, link=LINK)
    with connection.cursor() as cursor:
        for statement in (MIGRATION.RUNS, MIGRATION.BRIEFINGS, MIGRATION.VIRTUAL):
            cursor.execute(statement)
    assert {course.code: course.format_label for course in Course.objects.all()} == said
    assert set(Course.objects.values_list("code", "kind", "format")) == {
        ("classroom", "taught", "classroom"),
        ("virtual", "taught", "online"),
        ("briefing", "briefing", ""),
    }
    assert set(Run.objects.values_list("course__code", "link", "format")) == {
        ("classroom", "", "classroom"), ("classroom", LINK, "classroom"),
        ("virtual", "", "online"), ("virtual", LINK, "online"),
        ("briefing", "", "classroom"), ("briefing", LINK, "online"),
    }  # fmt: skip
    assert {run.format_label for run in Run.objects.filter(course__code="briefing")} == {"Briefing"}
