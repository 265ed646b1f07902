import uuid

from django.db import migrations, models

import courses.models.evaluation


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0007_from_the_room_to_the_certificate"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="material",
            options={"ordering": ["position", "pk"], "verbose_name": "handout"},
        ),
        migrations.RemoveConstraint(model_name="answer", name="answer_one_a_question"),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.UniqueConstraint(
                fields=("sheet", "kind", "question"), name="answer_one_a_question_and_kind"
            ),
        ),
        migrations.AlterField(
            model_name="evaluation",
            name="sheet",
            field=models.UUIDField(default=uuid.uuid4, editable=False, null=True),
        ),
        migrations.RemoveField(model_name="material", name="document"),
        migrations.AddField(
            model_name="material",
            name="file",
            field=models.FileField(
                default="",
                help_text="20 MB at most. Only those who may have it can open it.",
                storage=courses.models.evaluation.kept_apart,
                upload_to=courses.models.evaluation.out_of_reach,
            ),
            preserve_default=False,
        ),
    ]
