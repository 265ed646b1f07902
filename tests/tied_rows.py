"""Make thousands of rows that tie in every column that a list can be sorted by."""

import uuid

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.models import (
    Collection,
    ModelLogEntry,
    Page,
    PageLogEntry,
    ReferenceIndex,
    Site,
    Task,
    TaskState,
    Workflow,
    WorkflowPage,
    WorkflowState,
)
from wagtail.search.backends import get_search_backend

from agencies.models import Person, RoleGroup, Sector, SharedDomain
from certificates.models import Design
from courses.models import Level
from elearning.models import Module, Recording
from home.models import HomePage
from tests import factories as make

MANY = 2000
TIED = "Tied"
TREE = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def copies(one, **differ):
    """Write MANY copies of a row, which differ only in what must be unique, by their number."""
    same = {
        field.attname: getattr(one, field.attname)
        for field in one._meta.concrete_fields
        if not field.primary_key
    }
    rows = [
        type(one)(**same | {name: of(number) for name, of in differ.items()})
        for number in range(MANY)
    ]
    return type(one)._base_manager.bulk_create(rows)


def numbered(before="tied "):
    return lambda number: f"{before}{number:04}"


def among(rows, field="pk"):
    return lambda number: getattr(rows[number], field)


def create_all():
    """Create MANY rows of each model that the office lists; return one row of each by its model."""
    now, words = timezone.now(), {"name": numbered()}
    sectors = copies(Sector(name="x"), **words)
    people = copies(
        Person(name=TIED, password="!", joined_at=now),
        email=lambda number: f"tied{number}@example.org",
    )
    agencies = copies(make.AgencyFactory(), **words)
    run = make.RunFactory(places=None, course__title=TIED)
    booking = make.BookingFactory(run=run, agency=agencies[0], state="waiting")
    bookings = copies(booking, person_id=among(people))
    slugs = words | {"slug": numbered("tied-")}
    home = HomePage.objects.get()
    document, image = get_document_model()(title=TIED, file="a.pdf"), make.ImageFactory(title=TIED)
    workflow, task = Workflow.objects.create(name=TIED), Task.objects.create(name=TIED)
    of_page = {
        "content_type": ContentType.objects.get_for_model(Page),
        "base_content_type": ContentType.objects.get_for_model(Page),
    }
    pages = copies(
        Page(
            title=TIED, draft_title=TIED, depth=home.depth + 1, locale=home.locale, live=True,
            locked=True, locked_at=now, latest_revision_created_at=now, last_published_at=now,
            content_type=of_page["content_type"], url_path="/tied/",
        ),
        slug=numbered("tied-"), path=lambda number: home.path + step(number),
        translation_key=lambda number: uuid.uuid4(),
    )  # fmt: skip
    Page.objects.filter(pk=home.pk).update(numchild=MANY)
    revision = home.save_revision()
    states = copies(
        WorkflowState(workflow=workflow, status="approved", created_at=now, **of_page),
        object_id=lambda number: str(pages[number].pk),
    )
    documents, images = copies(document), copies(image)
    root = Collection.get_first_root_node()
    found = [
        sectors, people, agencies, bookings, pages, states,
        copies(run),
        copies(make.EvidenceFactory(title=TIED), person_id=among(people)),
        copies(make.ChargeFactory(cost_code=TIED), booking_id=among(bookings)),
        copies(make.TrainerFactory(), person_id=among(people)),
        copies(make.CourseFactory(title=TIED), code=numbered("T")),
        copies(make.MaterialFactory(title=TIED)),
        copies(make.QuestionFactory(words=TIED)),
        copies(make.VenueFactory(), **words),
        copies(Level(name="x"), **words),
        copies(
            Module(title=TIED, summary="x", minutes=20, content=[], check_questions=[]),
            code=numbered("tied-"),
        ),
        copies(
            Recording(content_type="audio/mpeg", size=1, transcript="x"), title=numbered()
        ),
        copies(make.FeeFactory(sector=make.SectorFactory()), sector_id=among(sectors)),
        copies(make.IndicatorFactory(), text=numbered()),
        copies(make.TierFactory(), **slugs),
        copies(make.AssessmentDomainFactory(), **slugs),
        copies(make.AgeGroupFactory(), **slugs),
        copies(make.TopicFactory(), **slugs),
        copies(
            make.CertificateFactory(name=TIED), number=numbered("T-"), code=numbered("T"),
            award=lambda number: uuid.uuid4(),
        ),
        copies(Design(name="x"), **words),
        copies(make.PostFactory(title=TIED), person_id=among(people)),
        copies(RoleGroup(name="x"), **words),
        copies(SharedDomain(name="x"), name=numbered("tied.")),
        copies(make.MailFactory(subject=TIED, to="tied@example.org"), message_id=numbered("<t")),
        copies(Group(name="x"), **words),
        documents, images, copies(workflow), copies(task),
        copies(Site(root_page=home, port=80, site_name=TIED), hostname=numbered("tied-")),
        copies(
            Collection(name=TIED, depth=root.depth + 1),
            path=lambda number: root.path + step(number),
        ),
        copies(
            TaskState(
                task=task, status="approved", started_at=now, revision=revision,
                content_type=ContentType.objects.get_for_model(TaskState),
            ),
            workflow_state_id=among(states),
        ),
        copies(
            ModelLogEntry(label=TIED, action="wagtail.edit", timestamp=now, object_id="0"),
            uuid=lambda number: uuid.uuid4(),
        ),
        copies(
            PageLogEntry(label=TIED, action="wagtail.edit", timestamp=now, page_id=home.pk),
            uuid=lambda number: uuid.uuid4(),
        ),
        copies(
            ReferenceIndex(
                **of_page, to_content_type=of_page["content_type"], to_object_id="0",
                model_path="x", content_path="x",
            ),
            object_id=lambda number: str(pages[number].pk),
            content_path_hash=lambda number: uuid.uuid4(),
        ),
    ]  # fmt: skip
    for model, rows in ((Page, pages), (type(document), documents), (type(image), images)):
        get_search_backend().get_index_for_model(model).add_items(model, rows)
    one = {type(rows[0]): rows[0] for rows in found}
    WorkflowPage.objects.create(workflow=one[Workflow], page=home)
    return one


def step(number):
    """Return the last step of a tree's path, beyond those of the rows that are there."""
    number += 50_000
    digits = ""
    while number:
        number, rest = divmod(number, len(TREE))
        digits = TREE[rest] + digits
    return digits.rjust(4, "0")
