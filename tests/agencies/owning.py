"""Make one row of everything that names a person, and read all rows of the database.

`OWNED` makes rows by `model.field`: the test of merging fails for a field that no row names.
"""

import uuid

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import (
    APIToken,
    Comment,
    CommentReply,
    ModelLogEntry,
    Page,
    PageLogEntry,
    PageSubscription,
    Revision,
    Task,
    TaskState,
    UploadedFile,
    Workflow,
    WorkflowState,
)
from wagtail.users.models import UserProfile

from agencies.models import ConcernContacts, Merge, Person, TwoPeople
from courses.models import ImportedReport, MeetingAlias, ProtocolCheck, Told, TrainersPack
from courses.notices import told
from elearning.learning import learning
from elearning.models import ExtraAttempt, ModuleVersion
from lms import links
from privacy.models import Retention
from protocols.models import (
    Approver,
    PublicationCheck,
    Receipt,
    ReviewConfirmation,
)
from tests import factories as made
from tests.elearning.learners import take_check
from tests.elearning.modules import make_issued, make_module
from tests.elearning.packages.brought import make_package

EMPTY_FILES = {"width": 1, "height": 1}


def older_than(person):
    """Return somebody whose account is older: with a lower key, whatever made them."""
    return Person.objects.filter(pk__lt=person.pk, name="The oldest").get()


def of_type(person):
    return ContentType.objects.get_for_model(person)


def draft(person):
    page = made.ProtocolPageFactory(edition=None)
    return Revision.objects.create(
        content_object=page.page_ptr, base_content_type=of_type(page), object_str="Draft",
        content={}, created_at=timezone.now(), user=person,
    )  # fmt: skip


def workflow_state(person):
    page = made.ProtocolPageFactory(edition=None)
    flow = Workflow.objects.create(name="Approval", active=False)
    return WorkflowState.objects.create(
        content_type=of_type(page), base_content_type=ContentType.objects.get_for_model(Page),
        object_id=str(page.pk), workflow=flow, requested_by=person, status="approved",
    )  # fmt: skip


def task_state(person):
    state = workflow_state(None)
    task = Task.objects.create(name="Step", active=False)
    return TaskState.objects.create(
        workflow_state=state, revision=draft(None), task=task, status="approved",
        finished_by=person, content_type=ContentType.objects.get_for_model(TaskState),
    )  # fmt: skip


def comment(**more):
    page = Page.objects.order_by("pk").last()
    return Comment.objects.create(page=page, contentpath="title", text="Why?", **more)


def log(person):
    page = Page.objects.order_by("pk").last()
    common = {"action": "wagtail.edit", "timestamp": timezone.now(), "user": person}
    PageLogEntry.objects.create(
        page=page, content_type=of_type(page), label="A page", uuid=uuid.uuid4(), **common
    )
    ModelLogEntry.objects.create(
        object_id="1", content_type=of_type(person), label="A record", uuid=uuid.uuid4(), **common
    )


def trained(person):
    """Make a booking with a mark, a completion, its certificate, an evaluation and a charge."""
    completed = made.CompletionFactory(person=person)
    made.MarkFactory(booking=completed.booking)
    made.EvaluationFactory(booking=completed.booking)
    made.ChargeFactory(booking=completed.booking)
    run = completed.booking.run
    ImportedReport.objects.create(run=run, digest="0" * 64, there=[[completed.booking.pk]])
    return made.CertificateFactory(holder=person, award=completed.award)


def told_trainer(person):
    run = made.RunFactory(trainers=[person])
    Told.objects.create(run=run, role="trainer", person=person, reader=told.trainer_reader(person))
    booking = made.BookingFactory()
    told.keep_booker(booking, person)
    TrainersPack.objects.create(run=run, person=person, for_day=timezone.localdate())
    made.DeliveryRequestFactory(run=run, person=person)


def publication(person):
    edition = made.ProtocolPageFactory().edition_in_force
    return PublicationCheck.objects.create(
        edition=edition, url="https://example.org", is_same=True, by=person
    )


def page_of(**more):
    page = made.StandardPageFactory()
    Page.objects.filter(pk=page.pk).update(**more)


def module_issued(by):
    return make_issued(f"module-{uuid.uuid4().hex[:8]}", by=by)


def module_done(person, by):
    """Pass a module that everybody does, and begin another that everybody does."""
    for code in ("all-pass", "all-begin"):
        found = ModuleVersion.objects.filter(module__code=code).first()
        attempt = learning.begin((found or make_issued(code, by=by)).module, by=person)
        if code == "all-pass":
            take_check(attempt)


def extra_attempt(person, granted_by):
    version = module_issued(by=made.PersonFactory())
    return ExtraAttempt.objects.create(
        person=person, module=version.module, round=1, reason="Ill", granted_by=granted_by
    )


OWNED = {
    "account.EmailAddress.user": lambda person: EmailAddress.objects.create(
        user=person, email=f"second-{person.pk}@example.org", verified=True
    ),
    "agencies.Post.person": lambda person: made.PostFactory(person=person, is_lead=True),
    "agencies.Post.line_manager": lambda person: made.PostFactory(
        line_manager=person, line_manager_email=person.email
    ),
    "agencies.TwoPeople.older": lambda person: TwoPeople.objects.create(
        older=person, newer=made.PersonFactory(), found_by=made.PersonFactory()
    ),
    "agencies.TwoPeople.newer": lambda person: TwoPeople.objects.create(
        older=older_than(person), newer=person, found_by=made.PersonFactory()
    ),
    "agencies.TwoPeople.found_by": lambda person: TwoPeople.objects.create(
        older=made.PersonFactory(), newer=made.PersonFactory(), found_by=person
    ),
    "agencies.ConcernContacts.checked_by": lambda person: ConcernContacts.objects.update_or_create(
        defaults={"checked_by": person}
    ),
    "courses.Course.link_checked_by": lambda person: made.CourseElsewhereFactory(
        link_checked_by=person
    ),
    "courses.Evidence.sent_by": lambda person: made.EvidenceFactory(sent_by=person),
    "agencies.Merge.merged_by": lambda person: Merge.objects.create(
        kept=made.PersonFactory(), other=made.PersonFactory(), merged_by=person
    ),
    "agencies.Merge.undone_by": lambda person: Merge.objects.create(
        kept=made.PersonFactory(), other=made.PersonFactory(), merged_by=made.PersonFactory(),
        undone_by=person, undone_at=timezone.now(),
    ),
    "agencies.Person.groups": lambda person: person.groups.add(Group.objects.first()),
    "agencies.Person.user_permissions": lambda person: person.user_permissions.add(
        Permission.objects.first()
    ),
    "courses.Run.trainers": told_trainer,
    "courses.ProtocolCheck.checked_by": lambda person: ProtocolCheck.objects.create(
        course=made.CourseFactory(),
        edition=made.ProtocolPageFactory().edition_in_force,
        checked_by=person,
    ),
    "courses.Booking.person": trained,
    "courses.Booking.counted_by": lambda person: made.BookingFactory(counted_by=person),
    "courses.Mark.marked_by": lambda person: made.MarkFactory(marked_by=person),
    "courses.SentMark.sent_by": lambda person: made.SentMarkFactory(sent_by=person),
    "courses.MeetingAlias.person": lambda person: MeetingAlias.objects.create(
        person=person, words="amina", matched_at=timezone.now(), matched_by=made.PersonFactory()
    ),
    "courses.MeetingAlias.matched_by": lambda person: MeetingAlias.objects.create(
        person=made.PersonFactory(), words="bo", matched_at=timezone.now(), matched_by=person
    ),
    "courses.Evidence.person": lambda person: made.EvidenceFactory(person=person),
    "courses.Trainer.person": lambda person: made.TrainerFactory(
        person=person, notes="Mondays", subjects=[made.CourseFactory()]
    ),
    "protocols.Approver.person": lambda person: Approver.objects.create(
        page=made.ProtocolPageFactory(), agency=made.AgencyFactory(), person=person
    ),
    "protocols.Approval.person": lambda person: made.ApprovalFactory(
        person=person, answered_by=person
    ),
    "protocols.Dissemination.contact": lambda person: made.DisseminationFactory(
        contact=person, sent_by=person
    ),
    "protocols.Receipt.given_by": lambda person: Receipt.objects.create(
        dissemination=made.DisseminationFactory(), given_by=person,
        cascaded_on=timezone.localdate(),
    ),
    "protocols.ReviewConfirmation.by": lambda person: ReviewConfirmation.objects.create(
        edition=made.ProtocolPageFactory().edition_in_force, by=person,
        next_review_on=timezone.localdate(),
    ),
    "protocols.PublicationCheck.by": publication,
    "protocols.Acknowledgement.person": lambda person: made.AcknowledgementFactory(person=person),
    "privacy.Retention.switched_by": lambda person: Retention.objects.create(
        record_type=f"type-{person.pk}", switched_by=person
    ),
    "elearning.Attempt.person": lambda person: module_done(person, by=made.PersonFactory()),
    "elearning.Package.sent_by": lambda person: make_package(
        module=make_module(f"package-{person.pk}", pools=[]), by=person
    ),
    "elearning.ExtraAttempt.granted_by": lambda person: extra_attempt(
        made.PersonFactory(), granted_by=person
    ),
    "elearning.ExtraAttempt.person": lambda person: extra_attempt(person, granted_by=None),
    "elearning.ModuleVersion.issued_by": lambda person: module_issued(by=person),
    "lms.ActionLink.about_id": lambda person: links.create(
        "something", person, sent_to=person.email, until=timezone.now()
    ),
    "mfa.Authenticator.user": lambda person: Authenticator.objects.create(
        user=person, type="totp", data={}
    ),
    "wagtailcore.APIToken.user": lambda person: APIToken.objects.create(
        user=person, name="A", key_hash=f"{person.pk}", prefix="a"
    ),
    "wagtailcore.Page.owner": lambda person: page_of(owner=person),
    "wagtailcore.Page.locked_by": lambda person: page_of(locked_by=person, locked=True),
    "wagtailcore.Revision.user": draft,
    "wagtailcore.PageLogEntry.user": log,
    "wagtailcore.WorkflowState.requested_by": workflow_state,
    "wagtailcore.TaskState.finished_by": task_state,
    "wagtailcore.Comment.user": lambda person: comment(user=person),
    "wagtailcore.Comment.resolved_by": lambda person: comment(
        user=made.PersonFactory(), resolved_by=person, resolved_at=timezone.now()
    ),
    "wagtailcore.CommentReply.user": lambda person: CommentReply.objects.create(
        comment=comment(user=made.PersonFactory()), user=person, text="Because."
    ),
    "wagtailcore.PageSubscription.user": lambda person: PageSubscription.objects.create(
        user=person, page=Page.objects.order_by("pk").first(), comment_notifications=True
    ),
    "wagtaildocs.Document.uploaded_by_user": lambda person: get_document_model().objects.create(
        title="A document", file="documents/a.pdf", uploaded_by_user=person
    ),
    "wagtailimages.Image.uploaded_by_user": lambda person: get_image_model().objects.create(
        title="A picture", file="original_images/a.png", uploaded_by_user=person, **EMPTY_FILES
    ),
    "wagtailcore.UploadedFile.uploaded_by_user": lambda person: UploadedFile.objects.create(
        file="wagtail_uploads/a", uploaded_by_user=person
    ),
    "wagtailusers.UserProfile.user": lambda person: UserProfile.objects.get_or_create(user=person),
}  # fmt: skip


def own_everything(person):
    """Make one row of every model that names a person, by factories where there are any."""
    for make in OWNED.values():
        make(person)


def everything():
    """Return every row of every table, by model, then by key."""
    models = apps.get_models(include_auto_created=True)
    return {
        model._meta.label: {row["pk"]: row for row in rows_of(model)}
        for model in models
        if model._meta.managed and not model._meta.proxy
    }


def rows_of(model):
    columns = [each.attname for each in model._meta.local_concrete_fields]
    return model._base_manager.values("pk", *columns)
