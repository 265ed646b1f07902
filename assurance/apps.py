"""Configure the `assurance` app."""

from django.apps import AppConfig


class AssuranceConfig(AppConfig):
    name = "assurance"
    verbose_name = "Assurance"

    def ready(self):
        from assurance import history_actions
        from history import actions

        actions.register(history_actions.WORDS)
