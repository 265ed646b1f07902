"""Test that the office gives another attempt, and counts a module as done for somebody."""

import datetime as dt

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from courses.models import Completion
from elearning.learning import granting, learning, progress, standing
from elearning.learning.refusing import LearningRefused
from elearning.models import Attempt, ExtraAttempt
from history.models import Event
from lms.models import Mail
from record import learning as record
from tests.elearning.learners import take_check
from tests.elearning.modules import make_issued, make_module
from tests.factories import CoursePageFactory, PersonFactory, PostFactory

pytestmark = pytest.mark.django_db
State = Attempt.State


@pytest.fixture
def version(editor):
    return make_issued(by=editor, attempts_allowed=2, pause_hours=0)


@pytest.fixture
def course(version):
    return CoursePageFactory(
        course__kind="module", course__format="", course__module=version.module
    ).course


@pytest.fixture
def person():
    return PostFactory(person__name="Ann Learner", agency__name="City Midwifery").person


def fail(version, person, times=1):
    for _ in range(times):
        last = take_check(learning.begin(version.module, by=person), right=0)
    return last


def words(answer):
    return " ".join(BeautifulSoup(answer.content, "html.parser").get_text(" ").split())


# Another attempt


def test_somebody_with_none_left_gets_one_more_and_is_told(version, person, editor):
    last = fail(version, person, 2)
    with pytest.raises(LearningRefused, match="used your 2 attempts"):
        learning.begin(version.module, by=person)
    granted = granting.grant(person, version.module, "Dyslexia: more time", by=editor)
    assert (granted.round, granted.reason, granted.granted_by) == (1, "Dyslexia: more time", editor)
    event = Event.objects.about(last).get(action="attempt.granted")
    assert (event.by_person, event.was, event.now["allowed"]) == (editor.pk, {"allowed": 2}, 3)
    mail = Mail.objects.get(template="module_attempt_granted")
    assert mail.to == person.email and "You can try again now." in mail.text
    assert "Dyslexia" not in mail.text
    again = learning.begin(version.module, by=person)
    assert (again.round, again.number) == (1, 3)
    assert take_check(again).state == State.PASSED


def test_it_is_given_once_however_often_the_button_is_pressed(version, person, editor):
    fail(version, person, 2)
    granting.grant(person, version.module, "Asked", by=editor)
    with pytest.raises(LearningRefused, match="has an attempt left"):
        granting.grant(person, version.module, "Asked", by=editor)
    assert ExtraAttempt.objects.count() == 1


def nothing(version, person):
    pass


def one_failed(version, person):
    fail(version, person)


def done(version, person):
    take_check(learning.begin(version.module, by=person))


@pytest.mark.parametrize("before", [nothing, one_failed, done])
def test_who_has_an_attempt_left_gets_none(version, person, editor, before):
    before(version, person)
    with pytest.raises(LearningRefused, match="has an attempt left"):
        granting.grant(person, version.module, "Asked", by=editor)
    assert not ExtraAttempt.objects.exists()


def test_nobody_gives_themself_an_attempt_or_counts_a_module_as_done(version, person):
    fail(version, person, 2)
    for verb in (granting.grant, granting.waive):
        with pytest.raises(LearningRefused, match="your own learning"):
            verb(person, version.module, "I asked", by=person)


# Counted as done


def begun(version, person):
    learning.begin(version.module, by=person)


def used_up(version, person):
    fail(version, person, 2)


@pytest.mark.parametrize(
    ("before", "states"),
    [
        (nothing, ["completed"]),
        (begun, ["lapsed", "completed"]),
        (one_failed, ["failed", "completed"]),
        (used_up, ["failed", "failed", "completed"]),
    ],
)
def test_a_module_counts_as_done_and_what_was_begun_stays(
    version, course, person, editor, before, states
):
    before(version, person)
    attempt = granting.waive(person, version.module, "Did the same in Kent", by=editor)
    tries = Attempt.objects.order_by("number")
    assert [each.state for each in tries] == states
    assert [each.round for each in tries] == [1] * len(states)
    assert (attempt.why, attempt.reason, attempt.score) == ("waived", "Did the same in Kent", None)
    assert [each.verb for each in attempt.statements.all()] == ["waived"]
    event = Event.objects.about(attempt).get()
    assert (event.action, event.by_person) == ("attempt.waived", editor.pk)
    completion = Completion.objects.get()
    assert (completion.person, completion.course, completion.attempt) == (person, course, attempt)
    mail = Mail.objects.get(template="module_waived")
    assert mail.to == person.email and "Kent" not in mail.text
    [learned] = record.completions_of(person, person)
    assert learned.is_waived and learned.certificate is None


def test_it_shows_without_a_certificate(client, version, course, person, editor):
    granting.waive(person, version.module, "Did the same in Kent", by=editor)
    client.force_login(person)
    said = words(client.get("/my/"))
    assert "counts this course as done, so there is no certificate" in said
    assert "Kent" not in said and "Get my certificate" not in said
    assert "Counted as done by the training office" in words(client.get("/my/record/"))
    assert client.get(f"/learn/early-help/attempts/{Attempt.objects.get().pk}/").status_code == 200


def no_version(version, person):
    version.withdrawn_at, version.withdrawn_reason = timezone.now(), "Wrong"
    version.save()


def no_job(version, person):
    person.posts.all().delete()


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (done, "finished ‘Early Help’ on"),
        (no_version, "has no issued version"),
        (no_job, "We don’t know where Ann Learner works"),
    ],
)
def test_it_is_refused_with_a_sentence(version, course, person, editor, before, why):
    before(version, person)
    were = Attempt.objects.count()
    with pytest.raises(LearningRefused, match=why):
        granting.waive(person, version.module, "Asked", by=editor)
    assert Attempt.objects.count() == were


def test_a_refresher_can_be_waived_once_it_is_open(version, course, person, editor):
    course.renewal_months = 12
    course.save()
    done(version, person)
    with time_machine.travel(timezone.now() + dt.timedelta(days=310), tick=False):
        attempt = granting.waive(person, version.module, "Taught it", by=editor)
    assert (attempt.round, attempt.number) == (2, 1)
    assert Completion.objects.count() == 2


# The office's pages


def test_this_week_lists_them_until_the_office_decides(client, version, person, office):
    assert "Nobody waits for another attempt" in client.get("/cms/").text
    last = fail(version, person, 2)
    page = BeautifulSoup(client.get("/cms/").content, "html.parser")
    assert "Ann Learner" in page.get_text() and "Early Help: 0% on" in page.get_text()
    address = f"/cms/module/grant/{last.pk}/"
    assert page.find("a", href=address)
    asked = words(client.get(address))
    assert "used 2 of 2 attempts at ‘Early Help’. The last score was 0%, and 80% is needed" in asked
    answer = client.post(address, {"reason": "They asked"}, follow=True)
    assert "Ann Learner has another attempt. We have emailed them." in words(answer)
    assert "Nobody waits for another attempt" in client.get("/cms/").text
    assert "has an attempt left" in words(client.get(address))
    fail(version, person)
    assert list(Attempt.objects.used_up()) == [Attempt.objects.get(number=3)]


@pytest.mark.parametrize("before", [nothing, begun, one_failed, done])
def test_nobody_is_listed_who_has_an_attempt_left(version, person, before):
    before(version, person)
    assert not Attempt.objects.used_up().exists()


def test_the_list_agrees_with_what_each_is_told(version, editor):
    people = PersonFactory.create_batch(5)
    for times, each in enumerate(people):
        if times:
            fail(version, each, min(times, 2))
    granting.grant(people[4], version.module, "Asked", by=editor)
    told = {each.pk for each in people if standing.standing_of(version.module, each).are_used_up}
    assert {each.person_id for each in Attempt.objects.used_up()} == told
    assert {each.attempt.person_id for each in progress.of_attempts(Attempt.objects.all())
            if each.now.are_used_up} == told  # fmt: skip


def test_the_telephone_screen_says_how_far_they_are_and_leads_to_both(
    client, version, course, person, office
):
    screen = f"/cms/telephone/{person.pk}/"
    assert "They have begun no online module." in words(client.get(screen))
    last = fail(version, person, 2)
    page = BeautifulSoup(client.get(screen).content, "html.parser")
    assert "Not passed: no attempts left" in page.get_text()
    assert page.find("a", href=f"/cms/module/grant/{last.pk}/")
    waive = f"/cms/module/waive/{person.pk}/?module={version.module_id}"
    chosen = BeautifulSoup(client.get(page.find("a", href=waive)["href"]).content, "html.parser")
    assert chosen.select_one("[name=module] [selected]")["value"] == str(version.module_id)
    data = {"module": version.module_id, "reason": "Did the same in Kent"}
    answer = client.post(waive, data, follow=True)
    assert "‘Early Help’ counts as done for Ann Learner. We have emailed them." in words(answer)
    assert "Counted as done on" in words(client.get(screen))


def test_both_ask_for_a_reason_and_an_issued_module(client, version, person, office):
    draft = make_module("draft", title="A draft")
    last = fail(version, person, 2)
    for address, data, names in (
        (f"/cms/module/grant/{last.pk}/", {"reason": " "}, ["reason"]),
        (f"/cms/module/waive/{person.pk}/", {}, ["module", "reason"]),
        (f"/cms/module/waive/{person.pk}/", {"module": draft.pk, "reason": "Asked"}, ["module"]),
    ):
        assert list(client.post(address, data).context["form"].errors) == names
    assert not ExtraAttempt.objects.exists() and Attempt.objects.count() == 2


@pytest.mark.parametrize("name", ["grant", "waive"])
def test_only_the_office_opens_them(client, version, person, name):
    last = fail(version, person, 2)
    address = f"/cms/module/{name}/{(last if name == 'grant' else person).pk}/"
    lead = PostFactory(agency=person.posts.get().agency, is_lead=True).person
    for each in (person, lead):
        client.force_login(each)
        assert client.post(address, {"reason": "Mine"}).status_code in (302, 403)
    assert not ExtraAttempt.objects.exists()


def test_who_has_no_email_address_is_told_by_somebody(version, course, editor):
    post = PostFactory(person__email=None)
    lead = PostFactory(agency=post.agency, is_lead=True).person
    fail(version, post.person, 2)
    granting.grant(post.person, version.module, "Asked", by=editor)
    granting.waive(post.person, version.module, "Done elsewhere", by=editor)
    assert [mail.to for mail in Mail.objects.order_by("pk")][-2:] == [lead.email] * 2


def test_this_week_asks_as_much_for_30_as_for_7(client, version, office):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            client.get("/cms/")
        return len(queries)

    for _ in range(7):
        fail(version, PersonFactory(), 2)
    asked()
    few = asked()
    for _ in range(23):
        fail(version, PersonFactory(), 2)
    assert asked() == few
