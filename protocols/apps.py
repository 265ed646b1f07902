"""Configure the `protocols` app: guards of editions, workflow signals, search sources."""

from functools import partial

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ProtocolsConfig(AppConfig):
    name = "protocols"
    verbose_name = "Protocols"

    def ready(self):
        from django.db import transaction
        from wagtail.models import WorkflowState
        from wagtail.permissions import register_permission_policy
        from wagtail.signals import task_cancelled, workflow_cancelled

        from agencies.permissions import EditorsPolicy
        from history import actions
        from history.append_only import guard
        from lms.privacy.record_types import record_types
        from lms.privacy.rules import privacy_rules
        from lms.registries.home_blocks import home_blocks
        from lms.registries.leavers import waits
        from lms.registries.menu import MenuEntry, office_menu
        from lms.registries.merging import settlers
        from lms.registries.needs import needs
        from lms.registries.reports import reports
        from lms.registries.this_week import this_week
        from protocols import history_actions
        from protocols.approval.approval import when_cancelled, when_step_ends
        from protocols.approval.needs import DraftsToApprove
        from protocols.approval.workflow_steps import create_workflow
        from protocols.back_office.editions import DueForReview
        from protocols.back_office.this_week import ENTRIES
        from protocols.editions.backfill import backfill
        from protocols.editions.home_block import LatestProtocols
        from protocols.editions.search_source import Editions
        from protocols.indicators.search_source import PAGES, Indicators
        from protocols.leavers import WAITS
        from protocols.merging import SETTLERS
        from protocols.models.disseminations import may_read_all
        from protocols.privacy import ERASED_IN_TIME, RULES
        from search.sources import search_sources

        actions.register(history_actions.WORDS)
        privacy_rules.register(*RULES)
        record_types.register(*ERASED_IN_TIME)
        search_sources.register(Editions(), Indicators(), PAGES)
        for name, once in {
            "Edition": ("withdrawn_at", "withdrawn_reason"),
            "EditionFile": (),
        }.items():
            table = self.get_model(name)._meta.db_table
            guard_it = partial(guard, table, "an edition", once=once, undone=bool(once))
            post_migrate.connect(guard_it, sender=self, weak=False, dispatch_uid=table)
        post_migrate.connect(create_workflow, sender=self)
        post_migrate.connect(backfill, sender=self)
        for name in ("AgeGroup", "AssessmentDomain", "Indicator", "Tier", "Topic"):
            model = self.get_model(name)
            register_permission_policy(model, EditorsPolicy(model))
        home_blocks.register(LatestProtocols())
        needs.register(DraftsToApprove())
        waits.register(*WAITS)
        settlers.register(*SETTLERS)
        reports.register(DueForReview)
        this_week.register(*ENTRIES)
        office_menu.register(MenuEntry("cascade", "Cascade", "mail", 305, "cascade", may_read_all))
        # Wagtail saves the workflow's state before it starts the step again: make both atomic.
        WorkflowState.resume = transaction.atomic(WorkflowState.resume)
        workflow_cancelled.connect(when_cancelled, dispatch_uid="protocols.approval.approval")
        task_cancelled.connect(when_step_ends, dispatch_uid="protocols.approval.approval")
