"""Configure the `courses` app: its permission policies, words of history, search source."""

from django.apps import AppConfig


class CoursesConfig(AppConfig):
    name = "courses"
    verbose_name = "Courses"

    def ready(self):
        from wagtail.permissions import register_permission_policy

        from agencies.permissions import OfficePolicy, ReadOnlyPolicy
        from courses import history_actions
        from courses.catalogue.search_source import Courses
        from history import actions
        from search import sources

        actions.register(history_actions.WORDS)
        sources.register(Courses())
        policies = dict.fromkeys(
            ("Run", "Course", "Level", "Venue", "Fee", "Trainer", "Question", "Material"),
            OfficePolicy,
        )
        policies |= dict.fromkeys(("Booking", "Charge", "Evidence"), ReadOnlyPolicy)
        for name, policy in policies.items():
            model = self.get_model(name)
            register_permission_policy(model, policy(model))
