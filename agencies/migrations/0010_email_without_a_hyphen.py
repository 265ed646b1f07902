"""Say email, and sums with a £, in the names of fields: no column changes."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agencies', '0009_keep_text_of_forms'),
    ]

    operations = [
        migrations.AlterField(
            model_name='board',
            name='email',
            field=models.EmailField(default='training@board.example.org', max_length=254, verbose_name="training office's email address"),
        ),
        migrations.AlterField(
            model_name='person',
            name='email',
            field=models.EmailField(max_length=254, unique=True, verbose_name='email address'),
        ),
        migrations.AlterField(
            model_name='post',
            name='line_manager_email',
            field=models.EmailField(blank=True, max_length=254, verbose_name="line manager's email address"),
        ),
    ]
