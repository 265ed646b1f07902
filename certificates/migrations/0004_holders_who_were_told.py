"""Keep whose holders know that a certificate has ended; an upgrade writes to nobody."""

from django.db import migrations, models
from django.db.models.functions import Coalesce


def take_over(apps, schema_editor):
    Certificate = apps.get_model("certificates", "Certificate")
    Certificate.objects.update(end_told_at=Coalesce("revoked_at", "superseded_at"))


class Migration(migrations.Migration):

    dependencies = [("certificates", "0003_index_certificates_in_list_order")]

    operations = [
        migrations.AddField(
            model_name="certificate",
            name="end_told_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.RunPython(take_over, migrations.RunPython.noop, elidable=True),
    ]
