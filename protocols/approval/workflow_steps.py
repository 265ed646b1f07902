"""Create the default workflow from draft to edition, once; the board may edit it later.

A `post_migrate` handler rather than a migration: tests flush the tables, and groups are created
after every migration too.
"""

from agencies.access import COMMITTEE_CHAIRS, POLICY_LEADS, PROTOCOL_EDITORS

WORKFLOW = "From draft to version"
# In workflow order; the agencies' step has no group, since each protocol names its own agencies.
AGENCIES = "Agencies"
STEPS = [
    ("Author", PROTOCOL_EDITORS),
    ("Policy lead", POLICY_LEADS),
    (AGENCIES, None),
    ("Case Review Committee chair", COMMITTEE_CHAIRS),
]


def create_workflow(*, using="default", **kwargs):
    """Create the workflow for the protocol index page, unless this site has one for it."""
    from wagtail.models import Workflow, WorkflowPage, WorkflowTask

    from protocols.models import ProtocolIndexPage

    index = ProtocolIndexPage.objects.using(using).first()
    if not index or Workflow.objects.using(using).filter(name=WORKFLOW).exists():
        return
    if WorkflowPage.objects.using(using).filter(page=index.page_ptr).exists():
        return
    workflow = Workflow.objects.using(using).create(name=WORKFLOW)
    for position, (name, group) in enumerate(STEPS):
        step = _step(name, group, using)
        WorkflowTask.objects.using(using).create(
            workflow=workflow, task=step.task_ptr, sort_order=position
        )
    WorkflowPage.objects.using(using).create(workflow=workflow, page=index.page_ptr)


def put_in_force(workflow_state, user=None):
    """Publish the draft after the last step, even if its approver has no right to publish."""
    draft = workflow_state.content_object.get_latest_revision()
    draft.publish(user=user, skip_permission_checks=True)


def _step(name, group, using):
    from django.contrib.auth.models import Group

    from protocols.models import AgencyStep, BoardStep

    if not group:
        return AgencyStep.objects.using(using).create(name=name)
    step = BoardStep.objects.using(using).create(name=name)
    step.groups.add(Group.objects.using(using).get_or_create(name=group)[0])
    return step
