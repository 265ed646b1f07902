"""Test asking trainers to deliver a run, their answers by link, and the pack they receive."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agencies.models import Board
from courses.models import DeliveryRequest, Run
from courses.scheduling import trainers
from courses.scheduling.trainers import DeliveringRefused
from history.models import Event
from lms.models import Mail
from tests.factories import (
    BookingFactory,
    CourseFactory,
    DeliveryRequestFactory,
    PersonFactory,
    RoleGroupFactory,
    RunFactory,
    TrainerFactory,
    in_days,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return RunFactory(course__title="Neglect")


def a_trainer(run=None, **more):
    return TrainerFactory(subjects=[run.course] if run else [], **more).person


def link_to(trainer):
    mail = Mail.objects.filter(to=trainer.email, template="can_you_deliver").first()
    word = next(word for word in mail.text.split() if "/delivery/" in word)
    return word[word.index("/delivery/") :]


def actions(thing):
    return list(Event.objects.about(thing).order_by("pk").values_list("action", flat=True))


# Asking


def test_who_is_asked_has_a_mail_with_a_link_of_their_own(run, office):
    tess, tom = a_trainer(run, person__name="Tess"), a_trainer(run, person__name="Tom")
    asked = trainers.ask(run, [tess, tom], by=office)
    assert [(each.person, each.state) for each in asked] == [(tess, "asked"), (tom, "asked")]
    assert link_to(tess) != link_to(tom)
    mail = Mail.objects.get(to=tess.email)
    assert mail.subject.startswith("Can you deliver Neglect,")
    assert actions(asked[0]) == ["delivery.asked"]


def test_who_is_not_in_the_pool_or_delivers_already_is_not_asked(run, office):
    tess = a_trainer(run)
    run.trainers.add(tess)
    assert trainers.ask(run, [tess], by=office) == []
    with pytest.raises(DeliveringRefused, match=r"Sam is not in the pool of trainers"):
        trainers.ask(run, [PersonFactory(name="Sam")], by=office)
    assert not Mail.objects.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [({"cancelled_at": in_days(-1)}, "cancelled"), ({"starts_at": in_days(-1)}, "begun")],
)
def test_nobody_is_asked_about_a_date_that_is_over_or_off(office, fields, sentence):
    run = RunFactory(**fields)
    with pytest.raises(DeliveringRefused, match=sentence):
        trainers.ask(run, [a_trainer(run)], by=office)


def test_asked_again_the_earlier_link_does_nothing(run, office, client):
    tess = a_trainer(run)
    trainers.ask(run, [tess], by=office)
    before = link_to(tess)
    trainers.ask(run, [tess], by=office)
    page = client.post(before, {"can": "yes"})
    assert "This cannot be answered any more" in page.content.decode()
    assert client.post(link_to(tess), {"can": "yes"}).status_code == 302
    assert list(run.trainers.all()) == [tess]


# Answering, by link


def test_opening_the_link_changes_nothing(run, office, client):
    tess = a_trainer(run, person__name="Tess")
    trainers.ask(run, [tess], by=office)
    for _ in range(2):
        page = client.get(link_to(tess))
        assert "Can you deliver this date?" in page.content.decode()
        assert "no-store" in page["Cache-Control"] and page["Referrer-Policy"]
    assert DeliveryRequest.objects.get().state == "asked"


def test_a_yes_gives_the_register_and_tells_the_office(run, office, client):
    tess = a_trainer(run, person__name="Tess")
    trainers.ask(run, [tess], by=office)
    link = link_to(tess)
    page = client.post(link, {"can": "yes", "note": "From 9:00"}, follow=True)
    assert "Thank you: you deliver this date" in page.content.decode()
    assert Run.objects.registers_of(tess).get() == run
    mail = Mail.objects.get(to=Board.load().email)
    assert mail.subject.startswith("Tess: can deliver, Neglect,")
    assert "From 9:00" in mail.text
    event = Event.objects.get(action="delivery.yes")
    assert event.by_process.startswith("LINK ")
    assert client.post(link, {"can": "no"}).status_code == 200
    assert list(run.trainers.all()) == [tess]


def test_a_no_is_kept_with_its_note(run, office, client):
    tess = a_trainer(run)
    trainers.ask(run, [tess], by=office)
    page = client.post(link_to(tess), {"can": "no", "note": "On leave"}, follow=True)
    assert "Thank you for telling us" in page.content.decode()
    made = DeliveryRequest.objects.get()
    assert (made.state, made.note, run.trainers.count()) == ("no", "On leave", 0)


def test_an_answer_without_a_choice_is_none(run, office, client):
    tess = a_trainer(run)
    trainers.ask(run, [tess], by=office)
    client.post(link_to(tess), {"can": "perhaps"})
    client.post(link_to(tess), {"note": "x" * 500, "can": "yes"})
    assert DeliveryRequest.objects.get().state == "asked"


def test_after_the_date_has_begun_the_link_says_so(run, office, client):
    tess = a_trainer(run)
    trainers.ask(run, [tess], by=office)
    with time_machine.travel(run.starts_at + dt.timedelta(hours=1)):
        page = client.post(link_to(tess), {"can": "yes"}).content.decode()
    assert "This cannot be answered any more" in page
    assert run.trainers.count() == 0


def test_a_date_that_is_cancelled_meanwhile_takes_no_answer(run, office, client):
    tess = a_trainer(run)
    trainers.ask(run, [tess], by=office)
    Run.objects.update(cancelled_at=timezone.now())
    page = client.post(link_to(tess), {"can": "yes"}).content.decode()
    assert "cancelled, so nobody is needed" in page
    assert (DeliveryRequest.objects.get().state, run.trainers.count()) == ("asked", 0)


def test_a_link_that_was_never_sent_does_not_exist(client):
    assert client.get(reverse("courses:delivery", args=["nothing"])).status_code == 404


def test_another_answer_than_the_first_is_for_the_office(run):
    request = DeliveryRequestFactory(run=run)
    trainers.answer(request, can=False, by=request.person)
    trainers.answer(request, can=False, by=request.person)
    with pytest.raises(DeliveringRefused, match=r"tell the training office"):
        trainers.answer(request, can=True, by=request.person)
    assert actions(request) == ["delivery.no"]


# Taking off


def test_who_is_taken_off_is_told_and_may_be_asked_again(run, office):
    tess = a_trainer(run)
    trainers.answer(DeliveryRequestFactory(run=run, person=tess), can=True, by=tess)
    trainers.take_off(run, tess, by=office)
    trainers.take_off(run, tess, by=office)
    assert not Run.objects.registers_of(tess).exists()
    assert actions(run) == ["run.trainer_added", "run.trainer_removed"]
    assert Mail.objects.filter(to=tess.email, template="trainer_taken_off").count() == 1
    assert len(trainers.ask(run, [tess], by=office)) == 1


def test_who_delivered_a_date_that_is_signed_off_stays(office):
    run = RunFactory(starts_at=in_days(-2), closed_at=in_days(-1), trainers=[PersonFactory()])
    with pytest.raises(DeliveringRefused, match=r"signed off"):
        trainers.take_off(run, run.trainers.get(), by=office)


# The pool


def test_the_pool_for_a_date_is_who_can_deliver_its_course_and_may_be_asked(run):
    fits = TrainerFactory(subjects=[run.course])
    TrainerFactory(subjects=[CourseFactory()])
    TrainerFactory(subjects=[run.course], is_available=False)
    TrainerFactory(subjects=[run.course], person__is_active=False)
    assert list(trainers.pool_for(run)) == [fits]


def test_trainers_to_ask_and_those_who_deliver_are_listed_by_last_name(client, office):
    run = RunFactory(trainers=[PersonFactory(name="Ann Zeal"), PersonFactory(name="Zed Ames")])
    for name in ["Amy Smith", "Zoe Ash"]:
        TrainerFactory(subjects=[run.course], person__name=name)
    page = client.get(f"/cms/trainer/date/{run.pk}/").text
    found = [page.rindex(name) for name in ("Zed Ames", "Ann Zeal", "Zoe Ash", "Amy Smith")]
    assert found[:2] == sorted(found[:2]) and found[2:] == sorted(found[2:])
    facts = client.get(f"/cms/run/inspect/{run.pk}/").text
    assert "Zed Ames, Ann Zeal" in facts


def test_who_teaches_elsewhere_that_day_is_known(run):
    tess, tom = PersonFactory(), PersonFactory()
    evening = RunFactory(starts_at=in_days(30, "18:00"), trainers=[tess])
    RunFactory(starts_at=in_days(31), trainers=[tess])
    RunFactory(starts_at=in_days(30), cancelled_at=timezone.now(), trainers=[tom])
    assert trainers.taught_that_day(run, [tess.pk, tom.pk]) == {tess.pk: [evening]}


# The pack


def packs(to):
    return Mail.objects.filter(to=to.email, template="trainers_pack").count()


@pytest.mark.parametrize(("at", "sent"), [("08:59", 0), ("09:00", 1), ("23:00", 1)])
def test_the_pack_is_sent_on_the_morning_of_the_day_before(at, sent):
    tess = PersonFactory()
    RunFactory(starts_at=in_days(30), trainers=[tess])
    with time_machine.travel(in_days(29, at)):
        trainers.send_packs()
        trainers.send_packs()
    assert packs(tess) == sent


def test_what_was_not_sent_the_day_before_is_sent_until_it_begins():
    tess, tom = PersonFactory(), PersonFactory()
    run = RunFactory(starts_at=in_days(30), trainers=[tess])
    with time_machine.travel(in_days(30, "07:00")):
        trainers.send_packs()
        run.trainers.add(tom)
        trainers.send_packs()
    with time_machine.travel(in_days(30, "09:31")):
        run.trainers.add(late := PersonFactory())
        trainers.send_packs()
    assert (packs(tess), packs(tom), packs(late)) == (1, 1, 0)


def test_a_date_that_moves_has_its_pack_again_and_one_that_is_cancelled_none():
    tess = PersonFactory()
    run = RunFactory(starts_at=in_days(30), trainers=[tess])
    with time_machine.travel(in_days(29, "10:00")):
        trainers.send_packs()
    Run.objects.filter(pk=run.pk).update(starts_at=in_days(40), ends_at=in_days(40, "16:00"))
    with time_machine.travel(in_days(39, "10:00")):
        trainers.send_packs()
        Run.objects.filter(pk=run.pk).update(cancelled_at=timezone.now())
        run.trainers.add(PersonFactory())
        trainers.send_packs()
    assert packs(tess) == Mail.objects.filter(template="trainers_pack").count() == 2


def test_what_people_need_is_on_the_page_and_never_in_the_mail(client):
    tess = PersonFactory(name="Tess", telephone="023 9200 0000")
    run = RunFactory(starts_at=in_days(1), trainers=[tess], venue__access="Ramp at the side")
    midwife, no_profession = RoleGroupFactory(name="Midwives"), None
    BookingFactory(run=run, role_group=midwife, access_needs="Large print", agency__name="Trust")
    BookingFactory(run=run, role_group=no_profession, agency__name="School")
    with time_machine.travel(in_days(0, "12:00")):
        trainers.send_packs()
    mail = Mail.objects.get(template="trainers_pack")
    assert "Large print" not in mail.text + mail.html
    assert f"/register/{run.pk}/pack/" in mail.text
    client.force_login(tess)
    page = client.get(f"/register/{run.pk}/pack/").content.decode()
    for fact in ("Large print", "Ramp at the side", "Midwives", "Trust", "School", "023 9200"):
        assert fact in page
    assert "3: 2 places and 1 trainer" in page


def test_the_pack_has_the_same_queries_for_one_and_for_three(client):
    tess = PersonFactory()
    run = RunFactory(trainers=[tess])
    client.force_login(tess)
    address, made = f"/register/{run.pk}/pack/", []
    for _ in range(2):
        BookingFactory(run=run, role_group=RoleGroupFactory())
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        made.append(len(queries))
        BookingFactory(run=run)
    assert made[0] == made[1]
