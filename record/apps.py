"""Register the app of personal training records."""

from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "record"
    verbose_name = "Records"
