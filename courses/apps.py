"""App configuration: Wagtail permission policies of the models of courses."""

from django.apps import AppConfig


class CoursesConfig(AppConfig):
    name = "courses"
    verbose_name = "Courses"

    def ready(self):
        from wagtail.permissions import register_permission_policy

        from agencies.permissions import OfficePolicy, ReadOnlyPolicy
        from courses.back_office import this_week as entries
        from courses.catalogue.home_block import NextDates
        from lms.registries.home_blocks import home_blocks
        from lms.registries.this_week import this_week

        policies = dict.fromkeys(
            ("Run", "Course", "Level", "Venue", "Fee", "Trainer", "Question", "Material"),
            OfficePolicy,
        )
        policies |= dict.fromkeys(("Booking", "Charge", "Evidence"), ReadOnlyPolicy)
        for name, policy in policies.items():
            model = self.get_model(name)
            register_permission_policy(model, policy(model))
        home_blocks.register(NextDates())
        this_week.register(*(entry() for entry in entries.ENTRIES))
