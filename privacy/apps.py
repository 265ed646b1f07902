"""Configure the `privacy` app: its rule, its words of history and its two reports."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "privacy"
    verbose_name = "Personal data"

    def ready(self):
        from history import actions
        from lms.privacy.rules import privacy_rules
        from lms.registries.reports import reports
        from privacy import history_actions
        from privacy.rules import RULES
        from privacy.views import PersonalDataReport, RetentionReport

        actions.register(history_actions.WORDS)
        privacy_rules.register(*RULES)
        reports.register(PersonalDataReport, RetentionReport)
