"""Configure the `agencies` app and Wagtail's user management for our people."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from wagtail.users.apps import WagtailUsersAppConfig


class AgenciesConfig(AppConfig):
    name = "agencies"
    verbose_name = "Agencies and people"
    default = True

    def ready(self):
        from wagtail.permissions import register_permission_policy

        from agencies import history_actions
        from agencies.back_office import this_week as entries
        from agencies.back_office.double_accounts import PossibleDoubles
        from agencies.board_groups import create_groups
        from agencies.leaving.waits import WAITS
        from agencies.merging.settling import SETTLERS
        from agencies.permissions import OfficePolicy, ReadOnlyPolicy
        from agencies.privacy.rules import ERASED_IN_TIME, RULES
        from agencies.views.needs import JobsToCheck, JobsToConfirm, ManagersToConfirm, WhereIWork
        from history import actions
        from lms.privacy.record_types import record_types
        from lms.privacy.rules import privacy_rules
        from lms.registries.leavers import waits
        from lms.registries.merging import settlers
        from lms.registries.needs import needs
        from lms.registries.reports import reports
        from lms.registries.this_week import this_week

        actions.register(history_actions.WORDS)
        privacy_rules.register(*RULES)
        record_types.register(*ERASED_IN_TIME)
        follow_accounts()
        settlers.register(*SETTLERS)
        post_migrate.connect(create_groups, sender=self)
        for name in ("Agency", "Person", "Post", "RoleGroup", "Sector", "SharedDomain"):
            model = self.get_model(name)
            register_permission_policy(model, OfficePolicy(model))
        outbox = self.apps.get_model("lms", "Mail")
        register_permission_policy(outbox, ReadOnlyPolicy(outbox))
        wording = self.apps.get_model("lms", "Wording")
        register_permission_policy(wording, OfficePolicy(wording))
        this_week.register(*(entry() for entry in entries.ENTRIES))
        reports.register(PossibleDoubles)
        waits.register(*WAITS)
        needs.register(WhereIWork(), JobsToConfirm(), ManagersToConfirm(), JobsToCheck())


def follow_accounts():
    """Follow what allauth and Django do to accounts."""
    from allauth.account import signals
    from allauth.mfa import signals as of_factors
    from django.contrib.auth.signals import user_logged_in

    from agencies.own_account import addresses, audit, devices, proving, sessions

    user_logged_in.connect(proving.note_sign_in)
    user_logged_in.connect(sessions.note_sign_in)
    user_logged_in.connect(devices.note_sign_in)
    signals.user_logged_in.connect(audit.note_sign_in)
    signals.login_code_rejected.connect(audit.note_wrong_code)
    signals.email_verification_code_rejected.connect(audit.note_wrong_code)
    of_factors.authentication_failed.connect(audit.note_wrong_app_code)
    of_factors.authenticator_added.connect(audit.note_factor_added)
    of_factors.authenticator_removed.connect(audit.note_factor_removed)
    signals.email_added.connect(addresses.note_added)
    signals.email_changed.connect(addresses.note_primary)
    signals.email_removed.connect(addresses.note_removed)


class PeopleConfig(WagtailUsersAppConfig):
    """Wagtail's 'Users' as our people: a single name, no password, never deleted."""

    user_viewset = "agencies.back_office.people.PersonViewSet"

    def ready(self):
        """Register Wagtail's policy for groups only: people have this app's own policy."""
        from django.contrib.auth.models import Group
        from wagtail.permissions import register_permission_policy

        register_permission_policy(Group)
