from django.db import migrations, models

FORMATS = [
    ("classroom", "Classroom"),
    ("online", "Virtual classroom"),
    ("hybrid", "Classroom and online"),
]
# Runs of virtual courses, and briefings that have a link and no venue.
RUNS = """
    UPDATE courses_run SET format = 'online'
    WHERE course_id IN (SELECT id FROM courses_course WHERE format = 'virtual')
    OR (venue_id IS NULL AND link <> ''
        AND course_id IN (SELECT id FROM courses_course WHERE format = 'briefing'))
"""
BRIEFINGS = "UPDATE courses_course SET kind = 'briefing', format = '' WHERE format = 'briefing'"
VIRTUAL = "UPDATE courses_course SET format = 'online' WHERE format = 'virtual'"


class Migration(migrations.Migration):
    """Tell how a course is taken from where its dates are held; give each date its own format."""

    dependencies = [("courses", "0017_rename_models")]

    operations = [
        migrations.AddField(
            model_name="course",
            name="kind",
            field=models.CharField(
                choices=[
                    ("taught", "Taught on a date"),
                    ("briefing", "Briefing"),
                    ("module", "Online module"),
                    ("elsewhere", "Online, given elsewhere"),
                    ("blended", "Online module and a date"),
                ],
                default="taught",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="format",
            field=models.CharField(choices=FORMATS, default="classroom", max_length=12),
        ),
        migrations.AlterField(
            model_name="course",
            name="format",
            field=models.CharField(
                blank=True,
                choices=FORMATS,
                help_text="A new course date begins with this. Blank for a briefing: each date by "
                "its place.",
                max_length=12,
            ),
        ),
        migrations.RunSQL(RUNS, migrations.RunSQL.noop),
        migrations.RunSQL(
            BRIEFINGS, "UPDATE courses_course SET format = 'briefing' WHERE kind = 'briefing'"
        ),
        migrations.RunSQL(
            VIRTUAL, "UPDATE courses_course SET format = 'virtual' WHERE format = 'online'"
        ),
    ]
