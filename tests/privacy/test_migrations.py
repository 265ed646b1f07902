"""Test that an upgrade lets what is erased in time find what was there before."""

from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

import history
from courses.models import ImportedReport
from lms.models import JobFailure
from privacy.erasing import erase_what_is_due
from tests.databases import ROOT
from tests.factories import PersonFactory, RunFactory

pytestmark = pytest.mark.django_db


def migration(room, name):
    """Import a migration by its name, whatever its number."""
    [path] = (ROOT / room / "migrations").glob(f"*_{name}.py")
    return import_module(f"{room}.migrations.{path.stem}")


def test_reports_that_only_history_knew_become_rows_that_can_be_erased():
    run, trainer = RunFactory(), PersonFactory()
    said = {"report": "abc", "there": [[7, [[1, 2]], None]], "said": [[3, 7, "present"]]}
    event = history.record("register.imported", run, by=trainer, now={"marks": 1, **said})
    history.record("register.imported", run, by=trainer, now={"marks": 1})
    migration("courses", "imported_reports").copy_from_history(apps, None)
    kept = ImportedReport.objects.get()
    assert (kept.run, kept.digest, kept.imported_at) == (run, "abc", event.at)
    assert (kept.there, kept.said) == (said["there"], said["said"])


def test_rows_that_failed_in_a_job_that_is_gone_are_tried_again_by_the_one_that_took_over():
    now = timezone.now()
    facts = {"first_failed_at": now, "last_failed_at": now, "next_try_at": now}
    old = "courses.booking.nightly_checks.forget_access_needs"
    JobFailure.objects.create(job=old, about_type="courses.booking", about_id="7", **facts)
    JobFailure.objects.create(job=old, **facts)
    moved = migration("privacy", "retention")
    moved.take_over(apps, None)
    failure = JobFailure.objects.get()
    assert (failure.job, failure.step) == (moved.JOB, "access_needs")
    assert f"{erase_what_is_due.__module__}.{erase_what_is_due.__name__}" == moved.JOB
    moved.give_back(apps, None)
    assert (JobFailure.objects.get().job, JobFailure.objects.get().step) == (old, "")
