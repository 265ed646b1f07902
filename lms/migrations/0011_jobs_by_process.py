"""Let periodic jobs and queued tasks keep their rows under the names they have today."""

from django.db import migrations

JOBS = {
    "lms.worker.forget_finished_tasks": "lms.jobs.worker.forget_finished_tasks",
    "courses.nightly.check_counters": "courses.booking.nightly_checks.check_counters",
    "courses.nightly.forget_access_needs": "courses.booking.nightly_checks.forget_access_needs",
    "courses.evaluation.forget_sheets": "courses.evaluation.evaluation.forget_sheets",
    "agencies.checking.ask_leads": "agencies.staff_list_review.ask_leads",
    "courses.minimum.tell_office": "courses.scheduling.minimum_numbers.tell_office",
    "protocols.chasing.chase": "protocols.cascade.reminders.chase",
    "protocols.chasing_drafts.chase": "protocols.approval.reminders.chase",
    "protocols.alerts.forget_unconfirmed": "protocols.readers.alerts.forget_unconfirmed",
    "protocols.reviewing.tell_owners": "protocols.editions.reviews.tell_owners",
    "courses.clock.lapse_offers": "courses.booking.expiry.lapse_offers",
    "courses.clock.pursue_requests": "courses.booking.expiry.pursue_requests",
    "courses.clock.release_reserves": "courses.booking.expiry.release_reserves",
    "courses.reminding.remind": "courses.scheduling.reminders.remind",
    "courses.delivering.send_packs": "courses.scheduling.trainers.send_packs",
    "courses.evaluation.remind": "courses.evaluation.evaluation.remind",
    "courses.evaluation.invite_later": "courses.evaluation.evaluation.invite_later",
    "protocols.alerts.send": "protocols.readers.alerts.send",
    "protocols.scheduling.publish_due": "protocols.editions.scheduling.publish_due",
    "home.search_keeping.keep_up": "home.search_keeping.sync",
}
TASKS = {
    "courses.awarding.award_certificates": "courses.completion.awarding.award_certificates",
    "lms.nightly.run_checks": "lms.jobs.nightly.run_checks",
}


def rename(apps, schema_editor):
    replace(apps.get_model("lms", "Chore"), "path", JOBS)
    replace(apps.get_model("lms", "JobFailure"), "job", JOBS)
    replace(apps.get_model("django_tasks_database", "DBTaskResult"), "task_path", TASKS)


def rename_back(apps, schema_editor):
    replace(apps.get_model("lms", "Chore"), "path", {new: old for old, new in JOBS.items()})
    replace(apps.get_model("lms", "JobFailure"), "job", {new: old for old, new in JOBS.items()})


def replace(model, field, names):
    for old, new in names.items():
        is_there = model._meta.get_field(field).unique and model.objects.filter(**{field: new})
        if not is_there:
            model.objects.filter(**{field: old}).update(**{field: new})


class Migration(migrations.Migration):
    dependencies = [
        ("lms", "0010_job_failures"),
        ("django_tasks_database", "0021_conditional_partial_index_ordering"),
    ]
    operations = [migrations.RunPython(rename, rename_back)]
