
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lms', '0009_index_mail_of_one_address'),
    ]

    operations = [
        migrations.CreateModel(
            name='JobFailure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('job', models.CharField(max_length=120)),
                ('step', models.CharField(blank=True, max_length=40)),
                ('about_type', models.CharField(blank=True, max_length=60)),
                ('about_id', models.CharField(blank=True, max_length=40)),
                ('error', models.CharField(max_length=120)),
                ('source_line', models.CharField(max_length=200, verbose_name='line that raised it')),
                ('first_failed_at', models.DateTimeField()),
                ('last_failed_at', models.DateTimeField()),
                ('tries', models.PositiveIntegerField(default=0)),
                ('next_try_at', models.DateTimeField(db_index=True)),
            ],
            options={
                'ordering': ['first_failed_at', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('job', 'step', 'about_type', 'about_id'), name='job_failure_once_a_row')],
            },
        ),
    ]
