"""Configure the `courses` app: its permission policies, words of history, search source."""

from django.apps import AppConfig


class CoursesConfig(AppConfig):
    name = "courses"
    verbose_name = "Courses"

    def ready(self):
        from wagtail.permissions import register_permission_policy

        from agencies.own_account.sessions import POWERS
        from agencies.permissions import OfficePolicy, ReadOnlyPolicy
        from courses import history_actions
        from courses.back_office import this_week as entries
        from courses.booking.unconfirmed_jobs import PlacesAskedFor
        from courses.catalogue.home_block import NextDates, OnlineAtAnyTime
        from courses.catalogue.search_source import Courses
        from courses.completion.online import OnlineCourses
        from courses.leavers import WAITS
        from courses.merging import SETTLERS
        from courses.privacy import ERASED_IN_TIME, RULES
        from courses.templatetags.registers import keeps_registers
        from elearning.learning.followers import attempt_followers
        from history import actions
        from lms.privacy.record_types import record_types
        from lms.privacy.rules import privacy_rules
        from lms.registries.home_blocks import home_blocks
        from lms.registries.job_followers import job_followers
        from lms.registries.leavers import waits
        from lms.registries.merging import settlers
        from lms.registries.this_week import this_week
        from search.sources import search_sources

        actions.register(history_actions.WORDS)
        privacy_rules.register(*RULES)
        record_types.register(*ERASED_IN_TIME)
        search_sources.register(Courses())
        policies = dict.fromkeys(
            ("Run", "Course", "Level", "Venue", "Fee", "Trainer", "Question", "Material"),
            OfficePolicy,
        )
        policies |= dict.fromkeys(("Booking", "Charge", "Evidence"), ReadOnlyPolicy)
        for name, policy in policies.items():
            model = self.get_model(name)
            register_permission_policy(model, policy(model))
        POWERS.append(keeps_registers)
        home_blocks.register(NextDates(), OnlineAtAnyTime())
        job_followers.register(PlacesAskedFor())
        attempt_followers.register(OnlineCourses())
        waits.register(*WAITS)
        settlers.register(*SETTLERS)
        this_week.register(*(entry() for entry in entries.ENTRIES))
