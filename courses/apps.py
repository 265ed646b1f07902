"""App configuration: Wagtail permission policies of the models of courses."""

from django.apps import AppConfig


class CoursesConfig(AppConfig):
    name = "courses"
    verbose_name = "Courses"

    def ready(self):
        from wagtail.permissions import register_permission_policy

        from agencies.permissions import OfficePolicy, ReadOnlyPolicy

        policies = dict.fromkeys(
            ("Run", "Course", "Level", "Venue", "Fee", "Trainer", "Question", "Material"),
            OfficePolicy,
        )
        policies |= dict.fromkeys(("Booking", "Charge", "Evidence"), ReadOnlyPolicy)
        for name, policy in policies.items():
            model = self.get_model(name)
            register_permission_policy(model, policy(model))
