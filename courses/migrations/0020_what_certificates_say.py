from dateutil.relativedelta import relativedelta
from django.db import migrations, models

A_BATCH = 500
FORMATS = {
    "classroom": "Classroom",
    "online": "Virtual classroom",
    "hybrid": "Classroom and online",
}
KINDS = {
    "briefing": "Briefing",
    "module": "Online module",
    "elsewhere": "Online, given elsewhere",
    "blended": "Online module and a date",
}


def fill(apps, schema_editor):
    """Fill what each completion's certificate says: from its certificate, else from the course."""
    completions = apps.get_model("courses", "Completion").objects.using(
        schema_editor.connection.alias
    )
    certificates = apps.get_model("certificates", "Certificate").objects.using(
        schema_editor.connection.alias
    )
    last = 0
    while True:
        rows = completions.filter(pk__gt=last, evidence=None).order_by("pk")
        batch = list(rows.select_related("course", "agency", "booking__run")[:A_BATCH])
        if not batch:
            return
        # The live one last, so that it is the one that counts.
        issued = certificates.filter(award__in=[each.award for each in batch], erased_at=None)
        issued = issued.order_by("pk")
        of_award = {each.award: each for each in issued}
        of_award |= {
            each.award: each
            for each in issued
            if each.revoked_at is None and each.superseded_at is None
        }
        for each in batch:
            each.certified = from_certificate(of_award.get(each.award)) or from_course(each)
            each.certified["refresh_months"] = each.course.renewal_months
        completions.bulk_update(batch, ["certified"])
        last = batch[-1].pk


def from_certificate(certificate):
    if certificate is None or not certificate.title:
        return None
    refresh_on = certificate.refresh_on
    return {
        "title": certificate.title,
        "course_code": certificate.course_code,
        "course_version": certificate.course_version,
        "outcomes": certificate.outcomes,
        "hours": str(certificate.hours),
        "format": certificate.format,
        "agency": certificate.agency,
        "refresh_on": refresh_on.isoformat() if refresh_on else None,
    }


def from_course(completion):
    course, months = completion.course, completion.course.renewal_months
    refresh_on = completion.completed_on + relativedelta(months=months) if months else None
    format = completion.booking.run.format if completion.booking else course.format
    return {
        "title": course.title,
        "course_code": course.code,
        "course_version": str(course.version),
        "outcomes": [line.strip() for line in course.outcomes.splitlines() if line.strip()],
        "hours": str(course.hours),
        "format": FORMATS.get(format, "") if course.kind == "taught" else KINDS[course.kind],
        "agency": completion.agency.name,
        "refresh_on": refresh_on.isoformat() if refresh_on else None,
    }


class Migration(migrations.Migration):
    """Keep with each date and completion what its certificates say."""

    dependencies = [
        ("courses", "0019_offers_end_at_five"),
        ("certificates", "0003_index_certificates_in_list_order"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="certified",
            field=models.JSONField(blank=True, default=dict, editable=False),
        ),
        migrations.AddField(
            model_name="completion",
            name="certified",
            field=models.JSONField(blank=True, default=dict, editable=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
