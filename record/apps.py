"""Register the app of personal training records."""

from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "record"
    verbose_name = "Records"

    def ready(self):
        from history import actions
        from record import history_actions

        actions.register(history_actions.WORDS)
