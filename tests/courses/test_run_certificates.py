"""Test issuing all certificates of a run in the background, and downloading them as one file."""

import datetime as dt
import io
import zipfile

import pypdf
import pytest
from django.db import connection
from django.db.models.signals import post_save
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django_tasks_db.models import DBTaskResult

from certificates import bulk_download, content_store, erasing
from certificates.models import Certificate, certificate_storage
from courses.completion import awarding, run_certificates
from courses.completion.run_certificates import AwardingRefused
from courses.models import Completion
from history.models import Event
from lms.jobs import worker
from lms.models import Mail
from tests.factories import (
    BookingFactory,
    CertificateFactory,
    CompletionFactory,
    PersonFactory,
    RunFactory,
    in_days,
)
from tests.servers import wait_until


def completed_run(*names, **course):
    """Create a signed-off run that each of these people completed."""
    fields = {f"course__{name}": value for name, value in course.items()}
    run = RunFactory(starts_at=in_days(-9), closed_at=in_days(-8), places=99, **fields)
    for name in names:
        booking = BookingFactory(run=run, person__name=name)
        CompletionFactory(person=booking.person, booking=booking)
    return run


def page(client, run):
    return client.get(f"/cms/run/certificates/{run.pk}/")


def said(response):
    return " ".join(strip_tags(response.content.decode()).split())


@pytest.mark.django_db
def test_people_are_listed_by_last_name(office):
    run = completed_run("Ann Zander", "Zoe Ash", "Bob Birch", "Cat Cole")
    for name in ("Ann Zander", "Zoe Ash"):
        awarding.award_certificate(Completion.objects.get(person__name=name), by="OFFICE")
    progress = run_certificates.progress_of(run, viewer=office)
    assert [each.name for each in progress.made] == ["Zoe Ash", "Ann Zander"]
    assert [each.person.name for each in progress.to_make] == ["Bob Birch", "Cat Cole"]


def press(client, run):
    return client.post(f"/cms/run/certificates/{run.pk}/", follow=True)


@pytest.mark.django_db
def test_the_office_sees_how_many_of_how_many_and_has_the_rest_made(client, office):
    run = completed_run("Ann", "Bea", "Cat")
    awarding.award_certificate(Completion.objects.get(person__name="Bea"), by="OFFICE")
    assert "Made 1 of 3" in said(page(client, run))
    assert "Make the other 2" in said(page(client, run))

    answer = press(client, run)

    assert "Being made 1 of 3" in said(answer)
    assert 'hx-trigger="every 2s"' in answer.content.decode()
    assert "Make the other" not in said(answer)
    assert list(Event.objects.about(run).values_list("action", flat=True)) == [
        "run.certificates_asked"
    ]
    awarding.award_certificates.call(run.pk)
    DBTaskResult.objects.all().delete()
    answer = page(client, run)
    assert "Made 3 of 3" in said(answer)
    assert "hx-trigger" not in answer.content.decode()
    assert [each.name for each in answer.context["progress"].made] == ["Ann", "Bea", "Cat"]
    assert Mail.objects.filter(template="certificate_ready").count() == 3


@pytest.mark.django_db
def test_pressed_twice_it_is_asked_for_once(client, office):
    run = completed_run("Ann")
    press(client, run)
    press(client, run)
    tasks = DBTaskResult.objects.filter(task_path=awarding.award_certificates.module_path)
    assert tasks.count() == 1


@pytest.mark.django_db
def test_stopped_in_the_middle_it_makes_no_more_until_the_office_asks_again(client, office):
    run = completed_run("Ann", "Bea", "Cat")
    press(client, run)

    def stop(**signal):
        client.post(f"/cms/run/certificates/{run.pk}/", {"stop": "yes"})

    post_save.connect(stop, sender=Certificate)
    try:
        awarding.award_certificates.call(run.pk)
    finally:
        post_save.disconnect(stop, sender=Certificate)

    answer = page(client, run)
    assert "Made 1 of 3" in said(answer)
    assert "Stopped." in said(answer)
    # Other triggers, such as an answered evaluation, do not restart a stopped batch.
    awarding.award_certificates.call(run.pk)
    assert Certificate.objects.count() == 1
    # One person requests their own certificate, then the office restarts the batch for the rest.
    waiting = Completion.objects.without_certificate().first()
    awarding.award_certificate(waiting, by=waiting.person)
    assert "Being made 2 of 3" in said(press(client, run))
    awarding.award_certificates.call(run.pk)
    assert Certificate.objects.count() == 3
    assert list(Event.objects.about(run).order_by("pk").values_list("action", flat=True)) == [
        "run.certificates_asked", "run.certificates_stopped", "run.certificates_asked",
    ]  # fmt: skip


@pytest.mark.django_db
def test_without_anything_being_made_there_is_nothing_to_stop(client, office):
    run = completed_run("Ann")
    run_certificates.stop(run, by=office)
    assert not Event.objects.about(run).exists()
    assert "Make the other 1" in said(page(client, run))


@pytest.mark.django_db
def test_who_has_none_stands_there_with_the_reason(client, office):
    run = completed_run("Ann \N{SUNFLOWER}", "Bea", "Cat", "Dee", asks_evaluation=True)
    of = {each.person.name: each for each in Completion.objects.all()}
    CertificateFactory(
        holder=of["Bea"].person,
        award=of["Bea"].award,
        revoked_at=timezone.now(),
        revoked_reason="In error",
    )
    of["Cat"].booking.evaluations.create(kind="end", asked_at=timezone.now())
    answer = page(client, run)
    reasons = {each.person.name: why for each, why in answer.context["progress"].kept_back}
    assert "Revoked" in reasons["Bea"]
    assert "no sign for" in reasons["Ann \N{SUNFLOWER}"]
    assert "The evaluation is not answered yet" in reasons["Cat"]
    assert "Make the other 1" in said(answer)


@pytest.mark.django_db
def test_without_anything_to_make_it_says_so(office):
    with pytest.raises(AwardingRefused, match="not signed off"):
        run_certificates.make_all(RunFactory(starts_at=in_days(-1)), by=office)
    with pytest.raises(AwardingRefused, match="no certificate to be made"):
        run_certificates.make_all(completed_run(), by=office)


@pytest.mark.django_db
@pytest.mark.parametrize("what", ["certificates", "certificates_print", "certificates_zip"])
def test_only_the_office_gets_any_of_it(client, settings, what):
    settings.LMS_SECOND_FACTOR_REQUIRED = False
    run = completed_run("Ann")
    trainer = PersonFactory()
    run.trainers.add(trainer)
    address = f"/cms/run/{what}/{run.pk}/"
    assert client.get(address).status_code == 302
    for person in (trainer, Completion.objects.get().person):
        client.force_login(person)
        assert client.get(address).status_code in (302, 403, 404)


@pytest.mark.django_db
def test_they_are_printed_as_one_file_as_they_were_stored(client, office):
    run = completed_run("Cat", "Ann", "Bea")
    assert client.get(f"/cms/run/certificates_print/{run.pk}/").status_code == 404
    awarding.award_certificates.call(run.pk)

    response = client.get(f"/cms/run/certificates_print/{run.pk}/")

    assert response["Content-Type"] == "application/pdf"
    assert "no-store" in response["Cache-Control"]
    pages = pypdf.PdfReader(io.BytesIO(b"".join(response.streaming_content))).pages
    stored = [content_store.read(each) for each in Certificate.objects.order_by("name")]
    alone = [pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text() for pdf in stored]
    assert [page.extract_text() for page in pages] == alone
    assert ["Ann" in alone[0], "Bea" in alone[1], "Cat" in alone[2]] == [True] * 3


@pytest.mark.django_db
def test_in_the_zip_each_is_called_by_number_and_name(client, office):
    run = completed_run("Siân O\u2019Neill", "../../etc/passwd\\x:*?", "محمّد علی")
    awarding.award_certificates.call(run.pk)

    response = client.get(f"/cms/run/certificates_zip/{run.pk}/")

    packed = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    found = {info.filename: packed.read(info) for info in packed.infolist()}
    of = {each.holder.name: each for each in Certificate.objects.all()}
    names = {
        "Siân O\u2019Neill": "Siân O\u2019Neill",
        "../../etc/passwd\\x:*?": "etc passwd x",
        "محمّد علی": "محم د علی",
    }
    assert found == {
        f"{of[name].number} {safe}.pdf": content_store.read(of[name])
        for name, safe in names.items()
    }


@pytest.mark.django_db
@pytest.mark.parametrize("what", ["print", "zip"])
def test_those_that_were_erased_are_left_out(client, office, what):
    run = completed_run("Ann", "Bea")
    awarding.award_certificates.call(run.pk)
    first, second = Certificate.objects.order_by("name")
    address = f"/cms/run/certificates_{what}/{run.pk}/"
    erasing.erase_names([first])
    assert client.get(address).status_code == 200
    erasing.erase_names([second])
    assert client.get(address).status_code == 404
    assert client.get(f"/cms/run/certificates/{run.pk}/").status_code == 200


def test_a_name_that_leaves_nothing_is_the_number_alone():
    assert bulk_download.file_name(Certificate(number="SCB-2026-1", name="///")) == "SCB-2026-1.pdf"


@pytest.mark.django_db
def test_it_asks_as_much_for_three_as_for_one(client, office):
    def queries(run):
        page(client, run)
        with CaptureQueriesContext(connection) as asked:
            page(client, run)
        return len(asked)

    one, three = completed_run("Ann", "Bea"), completed_run(*"ABCDEF")
    for completion in [*one.course.completions.all()[:1], *three.course.completions.all()[:3]]:
        awarding.award_certificate(completion, by="OFFICE")
    assert queries(one) == queries(three)


@pytest.mark.race
@pytest.mark.long(reason="it starts three workers, which draw 14 certificates")
def test_killed_in_the_middle_none_is_half_and_none_double(served_site, clock):
    run = completed_run(*[f"Person {number}" for number in range(14)])
    awarding.award_certificates.enqueue(run.pk)
    made = Certificate.objects.all()
    for enough in (3, 8):
        process = served_site.worker("--interval", "0.1")
        wait_until(lambda: made.count() >= enough)
        process.kill()
        process.wait()
        clock.shift(worker.DEAD_AFTER)  # the tasks of the dead worker are requeued
    served_site.worker("--interval", "0.1")
    wait_until(lambda: not Completion.objects.without_certificate().exists())

    awards = list(Completion.objects.values_list("award", flat=True))
    assert sorted(made.values_list("award", flat=True)) == sorted(awards)
    assert [content_store.read(each)[:5] for each in made] == [b"%PDF-"] * 14
    told = Mail.objects.filter(template="certificate_ready").values_list("to", flat=True)
    assert sorted(told) == sorted(Completion.objects.values_list("person__email", flat=True))
    assert Event.objects.filter(action="certificate.issued").count() == 14
    assert all(certificate_storage().exists(each.pdf.name) for each in made)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["certificates_print", "certificates_zip"])
def test_the_certificates_of_many_are_given_later_only_after_a_proof_and_it_is_kept(
    client, office, monkeypatch, name
):
    run = completed_run("Ann", "Bea")
    for completion in Completion.objects.all():
        awarding.award_certificate(completion, by="OFFICE")
    address = reverse(f"run:{name}", args=[run.pk])
    assert client.get(address)["Content-Disposition"].startswith("attachment")
    taken = Event.objects.filter(action="person.took_file", by_person=office.pk)
    assert taken.count() == 1
    monkeypatch.setattr("time.time", (timezone.now() + dt.timedelta(minutes=61)).timestamp)
    assert client.get(address)["Location"].startswith("/accounts/check/?next=")
    assert taken.count() == 1
