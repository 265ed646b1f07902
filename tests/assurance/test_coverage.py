"""Test that topics missing from training are found."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assurance.coverage import coverage
from tests.factories import CourseFactory, IndicatorFactory, ProtocolPageFactory, TopicFactory
from tests.sheets import read_csv

pytestmark = pytest.mark.django_db
REPORT = "/cms/reports/topics-in-training/"


def lines():
    return {line.topic.name: line for line in coverage().lines}


def test_a_course_that_teaches_a_protocol_and_does_not_name_its_topic_has_a_gap():
    topic = TopicFactory(name="Concealed pregnancy")
    page = ProtocolPageFactory(topics=[topic])
    CourseFactory(title="A", topics=[topic]).protocols_taught.add(page)
    CourseFactory(title="B").protocols_taught.add(page)
    CourseFactory(title="C")
    CourseFactory(title="D", is_offered=False).protocols_taught.add(page)
    found = coverage()
    assert [course.title for course in found.courses] == ["A", "B", "C"]
    line = lines()["Concealed pregnancy"]
    assert line.cells == ["names", "missing", "nothing"]
    assert (line.protocols, line.courses, line.missing, line.has_gap) == (1, 1, 1, True)


def test_a_topic_of_a_protocol_or_an_indicator_that_no_course_names_is_a_gap():
    topic, of_indicator, bare = (TopicFactory(name=name) for name in ("P", "I", "Bare"))
    ProtocolPageFactory(topics=[topic])
    IndicatorFactory().topics.add(of_indicator)
    found = lines()
    assert found["P"].is_untaught and found["I"].is_untaught
    assert (found["I"].indicators, found["I"].protocols) == (1, 0)
    assert not found["Bare"].has_gap


def test_what_is_not_in_force_asks_for_nothing():
    topic = TopicFactory(name="T")
    page = ProtocolPageFactory(topics=[topic], edition=None)
    CourseFactory().protocols_taught.add(page)
    assert not lines()["T"].has_gap


def test_a_wider_topic_has_what_its_narrower_ones_have():
    wide = TopicFactory(name="Wide")
    narrow = TopicFactory(name="Narrow", parent=wide)
    page = ProtocolPageFactory(topics=[narrow])
    CourseFactory(topics=[narrow]).protocols_taught.add(page)
    CourseFactory(topics=[wide]).protocols_taught.add(page)
    found = lines()
    assert found["Wide"].cells == ["names", "names"]
    assert found["Narrow"].cells == ["names", "missing"]


def test_it_is_shown_and_taken_away(client, office):
    topic = TopicFactory(name="=Concealed")
    page = ProtocolPageFactory(topics=[topic])
    CourseFactory(title="Babies").protocols_taught.add(page)
    assert "Missing" in client.get(REPORT).content.decode()
    file = read_csv(client.get(f"{REPORT}?export=csv"))
    assert file.headings == ["Topic", "Protocols", "Indicators", "Courses", "Missing", "Babies"]
    assert ["'=Concealed", "1", "0", "0", "1", "Missing"] in file.rows


def test_as_many_queries_for_three_of_each_as_for_one(client, office):
    def queries():
        client.get(REPORT)
        with CaptureQueriesContext(connection) as asked:
            client.get(REPORT)
        return len(asked)

    def one_more():
        topic = TopicFactory()
        page = ProtocolPageFactory(topics=[topic])
        CourseFactory(topics=[topic]).protocols_taught.add(page)
        IndicatorFactory().topics.add(topic)

    one_more()
    few = queries()
    one_more()
    one_more()
    assert queries() == few <= 15
