"""Configure the `elearning` app: permission policies, words of history, rules of personal data."""

from django.apps import AppConfig


class ElearningConfig(AppConfig):
    name = "elearning"
    verbose_name = "Online learning"

    def ready(self):
        from wagtail.permissions import register_permission_policy

        from agencies.permissions import OfficePolicy
        from elearning import history_actions
        from elearning.merging import SETTLERS
        from elearning.privacy import ERASED_IN_TIME, RULES
        from history import actions
        from lms.privacy.record_types import record_types
        from lms.privacy.rules import privacy_rules
        from lms.registries.merging import settlers

        actions.register(history_actions.WORDS)
        privacy_rules.register(*RULES)
        record_types.register(*ERASED_IN_TIME)
        settlers.register(*SETTLERS)
        model = self.get_model("Module")
        register_permission_policy(model, OfficePolicy(model))
