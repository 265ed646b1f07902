"""Test what follows when a register is corrected after sign-off."""

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from agencies.access import TRAINING_ADMINISTRATORS
from certificates.models import Certificate
from courses.attendance import register
from courses.attendance.marking import Attendance, RegisterChanged, RegisterRefused
from courses.completion import awarding
from courses.models import BookingPolicy, Charge, Completion, Mark
from history.models import Event
from lms.models import Mail
from tests.factories import BookingFactory, MarkFactory, PersonFactory, PostFactory, RunFactory

pytestmark = pytest.mark.django_db
PRESENT, ABSENT = Attendance("present"), Attendance("absent")


@pytest.fixture
def trainer():
    return PersonFactory(name="Tess Trainer")


@pytest.fixture
def run(trainer):
    """Create yesterday's run, signed off: Ann came and has a certificate, Bob did not."""
    starts_at = timezone.now() - dt.timedelta(days=1)
    run = RunFactory(starts_at=starts_at, trainers=[trainer])
    ann, bob = (BookingFactory(run=run, person__name=name) for name in ("Ann", "Bob"))
    register.mark(run.sessions.get(), {ann.pk: PRESENT, bob.pk: ABSENT}, by=trainer)
    register.close(run, by=trainer)
    awarding.award_certificates.call(run.pk)
    run.refresh_from_db()
    Mail.objects.all().delete()
    return run


def of(run, name):
    return run.bookings.get(person__name=name)


def completed(run):
    valid = Completion.objects.valid().filter(booking__run=run)
    return sorted(valid.values_list("person__name", flat=True))


def correct(run, by, reason="Marked in the wrong line", **kinds):
    seen = {of(run, name).pk: Attendance(kind) for name, kind in kinds.items()}
    return register.correct(run.sessions.first(), seen, by=by, reason=reason)


def test_who_was_not_there_loses_completion_and_certificate_and_reads_why(run, trainer):
    completion = Completion.objects.get()
    assert correct(run, trainer, Ann="absent") == 1
    assert completed(run) == []
    certificate = Certificate.objects.get(award=completion.award)
    assert (certificate.is_live, certificate.revoked_reason) == (False, "Marked in the wrong line")
    mark = Mark.objects.get(booking=of(run, "Ann"))
    assert (mark.kind, mark.corrected_because, mark.marked_by) == (
        "absent",
        "Marked in the wrong line",
        trainer,
    )
    [mail] = Mail.objects.all()
    assert (mail.template, mail.to) == ("completion_withdrawn", completion.person.email)
    assert "Marked in the wrong line" in mail.text
    assert certificate.number in mail.text
    events = Event.objects.filter(action__in=["register.corrected", "completion.withdrawn"])
    assert {(e.action, e.by_person) for e in events} == {
        ("register.corrected", trainer.pk),
        ("completion.withdrawn", trainer.pk),
    }
    assert not any("wrong line" in f"{e.was}{e.now}" for e in events)


def test_who_was_there_completes_on_the_last_days_date_and_the_certificate_follows(run, trainer):
    assert correct(run, trainer, Bob="present") == 1
    assert completed(run) == ["Ann", "Bob"]
    completion = Completion.objects.get(person__name="Bob")
    assert completion.completed_on == timezone.localdate(run.sessions.get().starts_at)
    assert DBTaskResult.objects.filter(task_path__endswith="award_certificates").count() == 2
    awarding.award_certificates.call(run.pk)
    assert Certificate.objects.live().filter(award=completion.award).exists()
    assert Certificate.objects.count() == 2


def test_taken_away_and_given_again_is_a_new_certificate(run, trainer):
    correct(run, trainer, Ann="absent")
    correct(run, trainer, "She was there after all", Ann="present")
    awarding.award_certificates.call(run.pk)
    assert completed(run) == ["Ann"]
    assert Completion.objects.filter(person__name="Ann").count() == 2
    assert sorted(c.is_live for c in Certificate.objects.all()) == [False, True]


def test_nobody_else_is_touched_and_the_same_again_changes_nothing(run, trainer):
    before = list(Completion.objects.values())
    assert correct(run, trainer, Ann="present", Bob="absent") == 0
    assert correct(run, trainer, Bob="apologies") == 1
    assert list(Completion.objects.values()) == before
    assert (Event.objects.filter(action="register.corrected").count(), Mail.objects.count()) == (
        1,
        0,
    )


def test_charges_follow(run, trainer):
    BookingPolicy.load()
    assert [c.booking for c in Charge.objects.owed()] == [of(run, "Bob")]
    correct(run, trainer, Bob="present", Ann="absent")
    assert [c.booking for c in Charge.objects.owed()] == [of(run, "Ann")]


def test_a_certificate_that_was_being_made_meanwhile_does_not_hold(run, trainer, monkeypatch):
    correct(run, trainer, Bob="present")
    issue = awarding.issuing.issue

    def issue_while_corrected(*args, **kwargs):
        correct(run, trainer, Bob="absent")
        return issue(*args, **kwargs)

    monkeypatch.setattr(awarding.issuing, "issue", issue_while_corrected)
    awarding.award_certificates.call(run.pk)
    certificate = Certificate.objects.get(holder__name="Bob")
    assert (certificate.is_live, certificate.revoked_reason) == (
        False,
        "The register was corrected.",
    )
    assert not Mail.objects.filter(template="certificate_ready").exists()


@pytest.mark.parametrize(
    ("seen", "reason", "sentence"),
    [
        (PRESENT, "  ", "Say why"),
        (Attendance("late"), "Late", "how many minutes"),
        (Attendance("asleep"), "Slept", "Choose present"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(run, trainer, seen, reason, sentence):
    before = list(Mark.objects.values())
    with pytest.raises(RegisterRefused, match=sentence):
        register.correct(run.sessions.get(), {of(run, "Bob").pk: seen}, by=trainer, reason=reason)
    stranger = BookingFactory(person__name="Secret")
    with pytest.raises(RegisterRefused, match="Somebody no longer"):
        register.correct(run.sessions.get(), {stranger.pk: PRESENT}, by=trainer, reason="Why")
    assert list(Mark.objects.values()) == before


def test_an_open_register_is_marked_and_not_corrected(trainer):
    run = RunFactory(starts_at=timezone.now() - dt.timedelta(hours=1), trainers=[trainer])
    BookingFactory(run=run, person__name="Ann")
    with pytest.raises(RegisterRefused, match="not signed off"):
        correct(run, trainer, Ann="present")
    run.cancelled_at = timezone.now()
    run.save()
    with pytest.raises(RegisterRefused, match="cancelled"):
        correct(run, trainer, Ann="present")


def test_nothing_is_corrected_over_what_was_not_seen(run, trainer):
    ann = of(run, "Ann")
    with pytest.raises(RegisterChanged):
        register.correct(
            run.sessions.get(), {ann.pk: ABSENT}, expected={ann.pk: ""}, by=trainer, reason="Why"
        )


def words(response):
    return " ".join(response.content.decode().split())


def test_the_trainer_corrects_on_a_page_that_asks_why(client, run, trainer):
    client.force_login(trainer)
    assert f"/register/{run.pk}/correct/" in client.get(f"/register/{run.pk}/").content.decode()
    page = f"/register/{run.pk}/{run.sessions.get().pk}/correct/"
    assert client.get(page).status_code == 200
    bob = of(run, "Bob")
    sent = {f"mark_{bob.pk}": "present", f"was_{bob.pk}": "absent"}
    assert "Say why the register is corrected." in words(client.post(page, sent))
    assert completed(run) == ["Ann"]
    done = client.post(page, sent | {"reason": "Signed the sheet"}, follow=True)
    assert "1 mark is corrected." in words(done)
    assert "Corrected: Signed the sheet" in words(done)
    assert completed(run) == ["Ann", "Bob"]
    again = sent | {f"was_{bob.pk}": "present", "reason": "Again"}
    assert "nothing is corrected" in words(client.post(page, again, follow=True))


def test_only_the_dates_trainers_and_the_office_correct(client, run, trainer):
    page = f"/register/{run.pk}/correct/"
    for person in (of(run, "Ann").person, PersonFactory()):
        client.force_login(person)
        assert (client.get(page).status_code, client.post(page).status_code) == (404, 404)
    client.force_login(PersonFactory(groups=[TRAINING_ADMINISTRATORS]))
    assert client.get(page).status_code == 200


def test_the_office_adds_who_came_unbooked_and_marks_them_as_a_correction(client, run):
    client.force_login(PersonFactory(groups=[TRAINING_ADMINISTRATORS]))
    person = PostFactory(person__name="Nora").person
    sent = {"email": person.email, "sure": "yes"}
    page = client.post(f"/register/{run.pk}/walk-in/", sent, follow=True)
    assert page.redirect_chain[0][0].startswith(f"/register/{run.pk}/correct/#person-")
    assert [row.line.booking.person.name for row in page.context["rows"]] == ["Ann", "Bob", "Nora"]
    correct(run, PersonFactory(), Nora="present")
    assert completed(run) == ["Ann", "Nora"]


def test_the_page_asks_the_same_few_questions_for_one_and_for_many(
    client, trainer, django_assert_max_num_queries, django_assert_num_queries
):
    client.force_login(trainer)

    def page_with(rows):
        run = RunFactory(starts_at=timezone.now() - dt.timedelta(days=1), trainers=[trainer])
        for one in BookingFactory.create_batch(rows, run=run):
            MarkFactory(booking=one)
        register.close(run, by=trainer)
        return f"/register/{run.pk}/correct/"

    client.get(one := page_with(1))
    with django_assert_max_num_queries(12) as first:
        client.get(one)
    many = page_with(3)
    with django_assert_num_queries(len(first.captured_queries)):
        client.get(many)


def test_a_line_with_an_error_keeps_no_other_correction_back(client, run, trainer):
    client.force_login(trainer)
    page = f"/register/{run.pk}/{run.sessions.get().pk}/correct/"
    ann, bob = of(run, "Ann"), of(run, "Bob")
    sent = {
        f"mark_{ann.pk}": "late", f"minutes_{ann.pk}": "", f"was_{ann.pk}": "present",
        f"mark_{bob.pk}": "present", f"was_{bob.pk}": "absent",
    }  # fmt: skip
    client.post(page, sent)  # no reason: nothing is corrected
    assert completed(run) == ["Ann"]
    answer = client.post(page, sent | {"reason": "Signed the sheet"})
    assert "Enter how many minutes Ann missed, from 1 to 420" in words(answer)
    assert "1 other mark is saved." in words(answer)
    assert "Signed the sheet</textarea>" in words(answer)
    assert completed(run) == ["Ann", "Bob"]
    assert Mark.objects.get(booking=ann).kind == "present"


@pytest.mark.parametrize(
    ("now", "says"),
    [("present", 1), ("late", 1), ("apologies", 1), ("absent", 0)],
)
def test_who_was_told_that_they_did_not_come_is_told_when_the_register_says_otherwise(
    run, trainer, now, says
):
    Mark.objects.filter(booking=of(run, "Bob")).update(is_automatic=True)
    register.release_absence_notices(run, by=trainer)
    assert Mail.objects.get(template="did_not_come").to == of(run, "Bob").person.email
    minutes = 5 if now == "late" else 0
    register.correct(
        run.sessions.first(),
        {of(run, "Bob").pk: Attendance(now, minutes)},
        by=trainer,
        reason="Marked in the wrong line",
    )
    letters = Mail.objects.filter(template="not_absent", to=of(run, "Bob").person.email)
    assert letters.count() == says
    assert (of(run, "Bob").absence_told_at is None) is bool(says)
    if says:
        assert "Why: Marked in the wrong line" in letters.get().text
    assert correct(run, trainer, reason="Again", Bob="present") in (0, 1)
    letters = Mail.objects.filter(template="not_absent", to=of(run, "Bob").person.email)
    assert letters.count() == 1


def test_who_was_not_told_of_an_absence_is_not_told_that_it_was_wrong(run, trainer):
    correct(run, trainer, Bob="present")
    assert not Mail.objects.filter(template="not_absent").exists()


def test_who_is_marked_by_another_at_that_moment_keeps_no_other_correction_back(
    client, run, trainer
):
    """Let another trainer correct Ann between the reading of the register and its lock."""
    cleo = BookingFactory(run=run, person__name="Cleo")
    MarkFactory(booking=cleo, session=run.sessions.get(), kind="present")
    other = PersonFactory(name="Olive Other")
    was_read, done = [], []

    def meanwhile(execute, sql, params, many, context):
        if "courses_mark" in sql:
            was_read.append(sql)
        if was_read and not done and sql.startswith("SAVEPOINT"):
            done.append(sql)
            correct(run, other, reason="Left at once", Ann="apologies")
        return execute(sql, params, many, context)

    client.force_login(trainer)
    page = f"/register/{run.pk}/{run.sessions.get().pk}/correct/"
    ann, bob = of(run, "Ann"), of(run, "Bob")
    sent = {"reason": "Marked in the wrong line"}
    sent |= {f"mark_{ann.pk}": "absent", f"was_{ann.pk}": "present"}
    sent |= {f"mark_{bob.pk}": "present", f"was_{bob.pk}": "absent"}
    with connection.execute_wrapper(meanwhile):
        answer = client.post(page, sent)
    assert done
    shown = answer.content.decode()
    assert "Ann was marked apologies since you loaded this page." in shown
    assert "1 other mark is saved." in shown
    kinds = dict(Mark.objects.values_list("booking__person__name", "kind"))
    assert kinds == {"Ann": "apologies", "Bob": "present", "Cleo": "present"}
    again = client.post(page, sent | {f"was_{ann.pk}": "apologies"})
    assert again.status_code == 302
    assert Mark.objects.get(booking=ann).kind == "absent"
