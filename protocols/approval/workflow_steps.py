"""Which steps lead from a draft to an edition? Made once; the board may change them afterwards.

Not in a migration: the tests empty the tables, and groups are made after every migration too.
"""

from agencies.access import COMMITTEE_CHAIRS, POLICY_LEADS, PROTOCOL_EDITORS

WORKFLOW = "From draft to version"
# In their order; the agencies have no group: each protocol names its own.
AGENCIES = "Agencies"
STEPS = [
    ("Author", PROTOCOL_EDITORS),
    ("Policy lead", POLICY_LEADS),
    (AGENCIES, None),
    ("Case Review Committee chair", COMMITTEE_CHAIRS),
]


def make(*, using="default", **kwargs):
    """Drafts of protocols go through the workflow, if this site has none for them yet."""
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
    """The last step publishes, whoever's it is: an agency's, or a chair's who may not else."""
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
