"""Configure the `history` app and guard its table after every migration."""

from functools import partial

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class HistoryConfig(AppConfig):
    name = "history"
    verbose_name = "History"

    def ready(self):
        from history.append_only import guard
        from history.privacy import RULES
        from lms.privacy.rules import privacy_rules

        privacy_rules.register(*RULES)
        guard_events = partial(guard, "history_event", "history")
        post_migrate.connect(guard_events, sender=self, weak=False)
