"""App configuration of protocols: guard editions against changes, and connect workflow signals."""

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
        from history.append_only import guard
        from protocols.approval.approval import when_cancelled, when_step_ends
        from protocols.approval.workflow_steps import create_workflow
        from protocols.editions.backfill import backfill

        for name, once in {
            "Edition": ("withdrawn_at", "withdrawn_reason"),
            "EditionFile": (),
        }.items():
            table = self.get_model(name)._meta.db_table
            guard_it = partial(guard, table, "an edition", once=once)
            post_migrate.connect(guard_it, sender=self, weak=False, dispatch_uid=table)
        post_migrate.connect(create_workflow, sender=self)
        post_migrate.connect(backfill, sender=self)
        for name in ("AgeGroup", "AssessmentDomain", "Indicator", "Tier", "Topic"):
            model = self.get_model(name)
            register_permission_policy(model, EditorsPolicy(model))
        # Wagtail saves the workflow's state before it starts the step again: make both atomic.
        WorkflowState.resume = transaction.atomic(WorkflowState.resume)
        workflow_cancelled.connect(when_cancelled, dispatch_uid="protocols.approval.approval")
        task_cancelled.connect(when_step_ends, dispatch_uid="protocols.approval.approval")
