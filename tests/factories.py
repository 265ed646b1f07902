"""Factories for tests, one per model and named for it."""

import datetime as dt
import hashlib
import uuid

import factory
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from django.utils.text import slugify
from factory.django import DjangoModelFactory
from wagtail.images import get_image_model

from agencies.models import Agency, Domain, Person, Post, RoleGroup, Sector
from certificates import codes, content_store
from certificates.models import Certificate
from courses.completion import evidence_files, materials
from courses.models import (
    Booking,
    Charge,
    Completion,
    Course,
    CourseIndexPage,
    CoursePage,
    DeliveryRequest,
    Evaluation,
    Evidence,
    Fee,
    Level,
    Mark,
    Material,
    Question,
    Reserve,
    Run,
    SentMark,
    Session,
    Trainer,
    Venue,
)
from home.models import HomePage, StandardPage
from lms.models import Mail
from protocols.drafts import content
from protocols.editions import editions
from protocols.indicators.block import ProtocolBody
from protocols.models import (
    Acknowledgement,
    AgeGroup,
    Approval,
    AssessmentDomain,
    Dissemination,
    EditionSource,
    Indicator,
    ProtocolIndexPage,
    ProtocolOwner,
    ProtocolPage,
    Tier,
    Topic,
)


class MailFactory(DjangoModelFactory):
    """A mail waiting to be sent."""

    class Meta:
        model = Mail

    message_id = factory.Sequence(lambda n: f"<{n}@testserver>")
    sender = "Training <training@board.example.org>"
    to = factory.Sequence(lambda n: f"person{n}@example.org")
    subject = factory.Sequence(lambda n: f"Mail {n}")
    text = "Hello.\n"


class SectorFactory(DjangoModelFactory):
    class Meta:
        model = Sector
        django_get_or_create = ["name"]

    name = "Health"


class RoleGroupFactory(DjangoModelFactory):
    class Meta:
        model = RoleGroup
        django_get_or_create = ["name"]

    name = "Midwives"


class AgencyFactory(DjangoModelFactory):
    class Meta:
        model = Agency

    name = factory.Sequence(lambda n: f"Agency {n}")
    sector = factory.SubFactory(SectorFactory)


class DomainFactory(DjangoModelFactory):
    class Meta:
        model = Domain

    agency = factory.SubFactory(AgencyFactory)
    name = factory.Sequence(lambda n: f"agency{n}.example.org")


class PersonFactory(DjangoModelFactory):
    """A person who may sign in; `is_verified=False` leaves their address unproven.

    With `email=None` they have none, and cannot.
    """

    class Meta:
        model = Person
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.Sequence(lambda n: f"person{n}@example.org")
    password = factory.LazyFunction(lambda: make_password(None))

    @factory.post_generation
    def is_verified(person, create, extracted, **kwargs):
        if create and person.email:
            verified = extracted is not False
            EmailAddress.objects.create(
                user=person, email=person.email, primary=True, verified=verified
            )

    @factory.post_generation
    def groups(person, create, extracted, **kwargs):
        """Add the person to groups by name, as in `PersonFactory(groups=[BOARD_MEMBERS])`."""
        if create and extracted:
            from django.contrib.auth.models import Group

            person.groups.set([Group.objects.get_or_create(name=name)[0] for name in extracted])


class PostFactory(DjangoModelFactory):
    """A confirmed job; `confirmed_at=None` for one that waits for confirmation."""

    class Meta:
        model = Post

    person = factory.SubFactory(PersonFactory)
    agency = factory.SubFactory(AgencyFactory)
    title = "Community midwife"
    role_group = factory.SubFactory(RoleGroupFactory)
    starts_on = factory.LazyFunction(lambda: timezone.localdate().replace(day=1, month=1))
    confirmed_at = factory.LazyFunction(timezone.now)


class LevelFactory(DjangoModelFactory):
    class Meta:
        model = Level
        django_get_or_create = ["name"]

    name = "Group 2"


class CourseFactory(DjangoModelFactory):
    """A course without a page; CoursePageFactory makes one that is in the catalogue."""

    class Meta:
        model = Course
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"C{n}")
    title = factory.Sequence(lambda n: f"Course {n}")
    summary = "What it is about, in one sentence."
    audience = "Anyone who supervises staff working with children and families."
    outcomes = "Say what it is for.\nDo it well."
    level = factory.SubFactory(LevelFactory)
    hours = 6
    format = Course.Format.CLASSROOM

    @factory.post_generation
    def topics(course, create, extracted, **kwargs):
        if create and extracted:
            course.topics.set(extracted)

    @factory.post_generation
    def prerequisites(course, create, extracted, **kwargs):
        if create and extracted:
            course.prerequisites.set(extracted)


class CoursePageFactory(DjangoModelFactory):
    """A course's page in the catalogue: `CoursePageFactory(course__title=...)`."""

    class Meta:
        model = CoursePage

    course = factory.SubFactory(CourseFactory)
    title = factory.LazyAttribute(lambda page: page.course.title)
    slug = factory.LazyAttribute(lambda page: page.course.code.lower())

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return the_catalogue().add_child(instance=model_class(*args, **kwargs))


def the_catalogue():
    """Return the only course index page, at /courses/; create it if there is none."""
    catalogue = CourseIndexPage.objects.first()
    return catalogue or HomePage.objects.get().add_child(
        instance=CourseIndexPage(title="Courses", slug="courses")
    )


class VenueFactory(DjangoModelFactory):
    class Meta:
        model = Venue

    name = factory.Sequence(lambda n: f"Venue {n}")
    address = "1 Harbour Street\nPortsmouth"


def in_days(days, at="09:30"):
    """Return the moment `at` (London time) of the day that many days from today."""
    day = timezone.localdate() + dt.timedelta(days=days)
    return timezone.make_aware(dt.datetime.combine(day, dt.time.fromisoformat(at)))


class RunFactory(DjangoModelFactory):
    """A date of a course: one session of 7 hours in 30 days, unless given otherwise.

    `starts_at` (and `ends_at`) moves that session; `sessions=[(starts_at, ends_at), ...]` gives
    each; `sessions=[]` is a run whose times are not settled. A freed place goes to the first in the
    queue at once; `freed_places="offer"` offers it.
    """

    class Meta:
        model = Run
        skip_postgeneration_save = True

    course = factory.SubFactory(CourseFactory)
    venue = factory.SubFactory(VenueFactory)
    places = 10
    freed_places = Run.FreedPlaces.AT_ONCE
    starts_at = factory.LazyFunction(lambda: in_days(30))
    ends_at = factory.LazyAttribute(lambda run: run.starts_at + dt.timedelta(hours=7))

    @factory.post_generation
    def sessions(run, create, extracted, **kwargs):
        if create:
            times = [(run.starts_at, run.ends_at)] if extracted is None else extracted
            for starts_at, ends_at in times:
                run.sessions.create(starts_at=starts_at, ends_at=ends_at)
            keep_times(run)

    @factory.post_generation
    def trainers(run, create, extracted, **kwargs):
        if create and extracted:
            run.trainers.set(extracted)


class SessionFactory(DjangoModelFactory):
    """One more session of a run, 30 days ahead; `Run.starts_at` and `ends_at` follow."""

    class Meta:
        model = Session
        skip_postgeneration_save = True

    run = factory.SubFactory(RunFactory, sessions=[])
    starts_at = factory.LazyFunction(lambda: in_days(30))
    ends_at = factory.LazyAttribute(lambda session: session.starts_at + dt.timedelta(hours=3))

    @factory.post_generation
    def times(session, create, extracted, **kwargs):
        if create:
            keep_times(session.run)


def keep_times(run):
    sessions = list(run.sessions.order_by("starts_at"))
    run.starts_at = sessions[0].starts_at if sessions else None
    run.ends_at = max(s.ends_at for s in sessions) if sessions else None
    run.save(update_fields=["starts_at", "ends_at"])


class BookingFactory(DjangoModelFactory):
    """A confirmed place, unless `state` is given; the run's counter follows."""

    class Meta:
        model = Booking
        skip_postgeneration_save = True

    run = factory.SubFactory(RunFactory)
    person = factory.SubFactory(PersonFactory)
    agency = factory.SubFactory(AgencyFactory)
    state = Booking.State.CONFIRMED
    holds_place = factory.LazyAttribute(
        lambda booking: booking.state in (Booking.State.CONFIRMED, Booking.State.OFFERED)
    )
    queued_at = factory.LazyFunction(timezone.now)
    confirmed_at = factory.LazyAttribute(
        lambda booking: booking.queued_at if booking.state == Booking.State.CONFIRMED else None
    )
    offered_until = factory.LazyAttribute(
        lambda booking: (
            booking.queued_at + dt.timedelta(hours=48)
            if booking.state == Booking.State.OFFERED
            else None
        )
    )

    @factory.post_generation
    def counted(booking, create, extracted, **kwargs):
        if create and booking.holds_place:
            booking.run.taken += 1
            booking.run.save(update_fields=["taken"])


class MarkFactory(DjangoModelFactory):
    """A mark for the first session of a booking's run: present, unless given otherwise."""

    class Meta:
        model = Mark

    booking = factory.SubFactory(BookingFactory)
    session = factory.LazyAttribute(lambda mark: mark.booking.run.sessions.first())
    kind = Mark.Kind.PRESENT
    marked_at = factory.LazyFunction(timezone.now)
    marked_by = factory.SubFactory(PersonFactory)


class SentMarkFactory(DjangoModelFactory):
    """A device's mark (present) that conflicts with the register and awaits a choice."""

    class Meta:
        model = SentMark

    id = factory.LazyFunction(uuid.uuid4)
    booking = factory.SubFactory(BookingFactory)
    session = factory.LazyAttribute(lambda sent: sent.booking.run.sessions.first())
    kind = Mark.Kind.PRESENT
    marked_at = factory.LazyFunction(timezone.now)
    received_at = factory.LazyFunction(timezone.now)
    sent_by = factory.SubFactory(PersonFactory)
    state = SentMark.State.CONFLICT


class CompletionFactory(DjangoModelFactory):
    """A completion of the course of a past run."""

    class Meta:
        model = Completion

    person = factory.SubFactory(PersonFactory)
    booking = factory.SubFactory(
        BookingFactory,
        person=factory.SelfAttribute("..person"),
        run=factory.SubFactory(
            RunFactory,
            starts_at=factory.LazyFunction(lambda: in_days(-30)),
            closed_at=factory.LazyFunction(lambda: in_days(-29)),
        ),
    )
    course = factory.LazyAttribute(lambda completion: completion.booking.run.course)
    agency = factory.LazyAttribute(lambda completion: completion.booking.agency)
    completed_on = factory.LazyAttribute(
        lambda completion: timezone.localdate(completion.booking.run.ends_at)
    )


class EvidenceFactory(DjangoModelFactory):
    """Undecided evidence of training elsewhere, with a small PDF."""

    class Meta:
        model = Evidence

    class Params:
        file = factory.Sequence(
            lambda n: evidence_files.EvidenceFile(
                b"%%PDF-1.7 %d\n%%%%EOF\n" % n, evidence_files.PDF
            )
        )

    person = factory.SubFactory(PersonFactory)
    course = factory.SubFactory(CourseFactory)
    title = "Neglect"
    provider = "A charity"
    completed_on = factory.LazyFunction(timezone.localdate)
    file_path = factory.LazyAttribute(lambda evidence: evidence_files.keep(evidence.file))
    file_sha256 = factory.LazyAttribute(lambda evidence: evidence.file.sha256)
    file_type = factory.LazyAttribute(lambda evidence: evidence.file.kind)
    sent_at = factory.LazyFunction(timezone.now)


class QuestionFactory(DjangoModelFactory):
    """A required question on a scale of 5, asked at the end of every course."""

    class Meta:
        model = Question

    words = factory.Sequence(lambda n: f"How confident are you of matter {n}?")
    kind = Question.Kind.CONFIDENT


class EvaluationFactory(DjangoModelFactory):
    """An attendee's evaluation at the end of a course, asked and not answered."""

    class Meta:
        model = Evaluation

    booking = factory.SubFactory(
        BookingFactory,
        run=factory.SubFactory(
            RunFactory,
            starts_at=factory.LazyFunction(lambda: in_days(-3)),
            closed_at=factory.LazyFunction(lambda: in_days(-2)),
        ),
    )
    kind = Evaluation.Kind.END
    sent_to = factory.LazyAttribute(lambda evaluation: evaluation.booking.person.email)
    asked_at = factory.LazyFunction(timezone.now)


SLIDES = b"%PDF-1.7 slides\n%%EOF\n"


class MaterialFactory(DjangoModelFactory):
    """Slides for those who attended the course."""

    class Meta:
        model = Material

    course = factory.SubFactory(CourseFactory)
    title = "Slides"
    file = factory.LazyFunction(lambda: materials.FILES.write(SLIDES, name=f"{uuid.uuid4()}.pdf"))
    sha256 = hashlib.sha256(SLIDES).hexdigest()


class ReserveFactory(DjangoModelFactory):
    """Two places of a run, reserved for a sector for another 10 days."""

    class Meta:
        model = Reserve

    run = factory.SubFactory(RunFactory)
    sector = factory.SubFactory(SectorFactory)
    places = 2
    release_on = factory.LazyFunction(lambda: timezone.localdate() + dt.timedelta(days=10))


class CertificateFactory(DjangoModelFactory):
    """A valid certificate with a small file as its PDF; `issuing.issue` makes a real one."""

    class Meta:
        model = Certificate

    class Params:
        file = factory.Sequence(lambda n: b"%%PDF-1.4 certificate %d" % n)

    number = factory.Sequence(lambda n: f"SCB-2026-9{n:05}")
    code = factory.LazyFunction(codes.generate)
    award = factory.LazyFunction(uuid.uuid4)
    holder = factory.SubFactory(PersonFactory)
    name = factory.LazyAttribute(lambda certificate: certificate.holder.name)
    title = "Supervision"
    course_code = "SUP"
    course_version = "1"
    outcomes = factory.LazyFunction(lambda: ["Supervise with care"])
    hours = 6
    format = "Classroom"
    agency = "City Midwifery"
    completed_on = factory.LazyFunction(timezone.localdate)
    board = "Safeguarding Children Board"
    signatory_name = "Dr Rowena Hale"
    signatory_title = "Independent Chair"
    sha256 = factory.LazyAttribute(lambda certificate: hashlib.sha256(certificate.file).hexdigest())
    size = factory.LazyAttribute(lambda certificate: len(certificate.file))
    pdf = factory.LazyAttribute(lambda certificate: content_store.store(certificate.file))


class TopicFactory(DjangoModelFactory):
    class Meta:
        model = Topic

    name = factory.Sequence(lambda n: f"Topic {n}")
    slug = factory.Sequence(lambda n: f"topic-{n}")


class TierFactory(DjangoModelFactory):
    class Meta:
        model = Tier
        django_get_or_create = ["name"]

    name = factory.Sequence(lambda n: f"Tier {n}: some")
    slug = factory.LazyAttribute(lambda tier: slugify(tier.name))
    position = factory.Sequence(lambda n: n)
    meaning = "Whose needs these are."
    response = "Who acts."


class AssessmentDomainFactory(DjangoModelFactory):
    class Meta:
        model = AssessmentDomain
        django_get_or_create = ["name"]

    name = factory.Sequence(lambda n: f"Domain {n}")
    slug = factory.LazyAttribute(lambda domain: slugify(domain.name))
    position = factory.Sequence(lambda n: n)


class AgeGroupFactory(AssessmentDomainFactory):
    class Meta:
        model = AgeGroup
        django_get_or_create = ["name"]

    name = factory.Sequence(lambda n: f"Age {n}")


class IndicatorFactory(DjangoModelFactory):
    """An indicator in force, for every age."""

    class Meta:
        model = Indicator
        skip_postgeneration_save = True

    tier = factory.SubFactory(TierFactory, name="Tier 1: universal", position=1)
    domain = factory.SubFactory(AssessmentDomainFactory, name="Development", position=1)
    text = factory.Sequence(lambda n: f"Sign number {n}")
    starts_on = dt.date(2025, 4, 1)

    @factory.post_generation
    def topics(indicator, create, extracted, **kwargs):
        if create and extracted:
            indicator.topics.set(extracted)


class ImageFactory(DjangoModelFactory):
    """An image in the admin; `file__width`, `file__color` and `file__format` describe it."""

    class Meta:
        model = get_image_model()

    title = factory.Sequence(lambda n: f"Picture {n}")
    file = factory.django.ImageField(width=1200, height=600, color="#0b5563", format="PNG")


def picture_of(image, **fields):
    """Build a picture block for `body_of(picture_of(image, alt_text="A flow"))`."""
    shown = {"alt_text": "The flow of a referral", "decorative": False} | fields
    caption = shown.pop("caption", "")
    return ("picture", {"image": shown | {"image": image.pk}, "caption": caption})


def body_of(*parts):
    """Build a page's body as an editor leaves it: `body_of(("warning", {"text": "Stop"}))`."""
    body = ProtocolBody()
    return body.clean(body.to_python([{"type": kind, "value": value} for kind, value in parts]))


class ProtocolPageFactory(DjangoModelFactory):
    """A live protocol with its first edition in force; `owners` and `topics` are lists.

    `edition=None` makes a page without an edition.
    """

    class Meta:
        model = ProtocolPage

    title = factory.Sequence(lambda n: f"Protocol {n}")
    owners = factory.LazyFunction(lambda: [AgencyFactory()])
    topics = ()
    in_force_from = dt.date(2026, 4, 1)
    next_review_on = dt.date(2099, 4, 1)
    reason = "The first version."
    summary = "What agencies do."
    body = factory.LazyFunction(
        lambda: body_of(("section", {"heading": "Why we have this", "text": "<p>Because.</p>"}))
    )

    @classmethod
    def _create(cls, model, *args, owners, topics, edition=True, **fields):
        page = model(**fields)
        page.owners = [
            ProtocolOwner(agency=agency, sort_order=n) for n, agency in enumerate(owners)
        ]
        page.topics = list(topics)
        answers = EditionSource(kind="guidance", citation="Working Together", sort_order=0)
        page.answers = [answers]
        ProtocolIndexPage.objects.get().add_child(instance=page)
        if edition:
            editions.issue_edition(page, by="FACTORY", approved_by=APPROVED)
        return page


class ApprovalFactory(DjangoModelFactory):
    """An agency's pending approval of a protocol's draft, as its page stands."""

    class Meta:
        model = Approval

    agency = factory.SubFactory(AgencyFactory)
    name = factory.LazyAttribute(lambda approval: approval.agency.name)
    answer_by = factory.LazyFunction(lambda: timezone.localdate() + dt.timedelta(days=14))
    page = factory.SubFactory(ProtocolPageFactory)
    revision = factory.LazyAttribute(lambda approval: approval.page.save_revision())
    digest = factory.LazyAttribute(
        lambda approval: content.digest(content.facts_of(approval.revision.as_object()))
    )


APPROVED = [{"name": "Case Review Committee chair", "on": "2026-03-20", "agency": None}]


class DisseminationFactory(DjangoModelFactory):
    """An edition sent to an agency two days ago, to be confirmed within eight days from today."""

    class Meta:
        model = Dissemination

    edition = factory.LazyFunction(lambda: ProtocolPageFactory().edition_in_force)
    agency = factory.SubFactory(AgencyFactory)
    deadline_on = factory.LazyFunction(lambda: timezone.localdate() + dt.timedelta(days=8))
    sent_at = factory.LazyFunction(lambda: in_days(-2))


class AcknowledgementFactory(DjangoModelFactory):
    """A person's acknowledgement that they have read and understood an edition."""

    class Meta:
        model = Acknowledgement

    person = factory.SubFactory(PersonFactory)
    edition = factory.LazyFunction(lambda: ProtocolPageFactory().edition_in_force)


class StandardPageFactory(DjangoModelFactory):
    class Meta:
        model = StandardPage

    title = factory.Sequence(lambda n: f"Page {n}")

    @classmethod
    def _create(cls, model, *args, **fields):
        return HomePage.objects.get().add_child(instance=model(**fields))


class FeeFactory(DjangoModelFactory):
    """A sector's fee a day: £80."""

    class Meta:
        model = Fee
        django_get_or_create = ["sector"]

    sector = factory.SubFactory(SectorFactory)


class ChargeFactory(DjangoModelFactory):
    """A charge of £80 for a place given up late: owed, and not exported yet."""

    class Meta:
        model = Charge

    booking = factory.SubFactory(BookingFactory, state=Booking.State.WITHDRAWN)
    agency = factory.LazyAttribute(lambda charge: charge.booking.agency)
    kind = Charge.Kind.LATE
    amount = 80
    made_at = factory.LazyFunction(timezone.now)


class TrainerFactory(DjangoModelFactory):
    """A trainer in the pool; `subjects` is a list of courses."""

    class Meta:
        model = Trainer
        skip_postgeneration_save = True

    person = factory.SubFactory(PersonFactory)

    @factory.post_generation
    def subjects(trainer, create, extracted, **kwargs):
        if create and extracted:
            trainer.subjects.set(extracted)


class DeliveryRequestFactory(DjangoModelFactory):
    """An unanswered request to a trainer to deliver a run."""

    class Meta:
        model = DeliveryRequest

    run = factory.SubFactory(RunFactory)
    person = factory.SubFactory(PersonFactory)
    asked_at = factory.LazyFunction(timezone.now)
