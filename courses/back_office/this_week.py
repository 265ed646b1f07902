"""Entries of *This week* about dates, bookings, registers and training elsewhere."""

import datetime as dt
from dataclasses import replace

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from agencies import mergers
from agencies.models import Board, Post
from courses.catalogue import provider_links
from courses.completion.answering import answered_by
from courses.models import Booking, BookingPolicy, Course, Evidence, Run
from courses.scheduling import minimum_numbers
from lms.formatting import day
from lms.registries.base import Action, Item
from lms.registries.this_week import WeekEntry

SOON = dt.timedelta(days=2)
MOMENT = "l j F, H:i"


def local(at, style=MOMENT):
    return date_format(timezone.localtime(at), style)


class OfRuns(WeekEntry):
    """Base of the entries that list dates; `whole` is the filter that shows all of them."""

    whole = ""

    def runs(self, viewer):
        return Run.objects.registers_of(viewer).select_related("course", "venue")

    def item(self, run):
        address = reverse("run:inspect", args=[run.pk])
        return Item(run.course.title, address, self.note(run), actions=self.actions(run))

    def note(self, run):
        raise NotImplementedError

    def actions(self, run):
        return ()

    def more_address(self):
        return f"{reverse('run:index')}?{self.whole}"


class BelowMinimum(OfRuns):
    name = "below"
    order = 10
    whole = "state=below"

    def rows(self, viewer):
        return self.runs(viewer).filter(pk__in=minimum_numbers.runs_below_minimum())

    def note(self, run):
        return f"{local(run.starts_at)}: {run.taken} booked, {run.minimum} needed"

    def actions(self, run):
        back, title = f"?next={reverse('wagtailadmin_home')}", run.course.title
        ahead, edit, cancel = (
            reverse(f"run:{name}", args=[run.pk]) for name in ("ahead", "edit", "cancel")
        )
        return (
            Action("It runs", ahead + back, f": {title}"),
            Action("Move", edit, f" {title}"),
            Action("Cancel", cancel + back, f" {title}"),
        )

    def section(self, viewer):
        days = BookingPolicy.load().minimum_days
        return replace(
            super().section(viewer),
            heading=f"Below their minimum, in the next {days} working days",
            quiet=f"Every date of the next {days} working days has enough people, or is decided.",
        )


class Ending(WeekEntry):
    """Offers and requests ending within two days, and requests for this office to decide.

    Requests that wait for a job have an entry of their own.
    """

    name = "ending"
    order = 20
    heading = "Offers and requests near their end"
    quiet = "No offer or request ends in the next 2 days, and none waits for this office."

    def rows(self, viewer):
        """Annotate `ends_at`: when the place goes to the next person, or is no longer held."""
        soon = timezone.now() + SOON
        offers = Q(state=Booking.State.OFFERED, offered_until__lt=soon)
        requests = Q(state=Booking.State.REQUESTED, waits_for_job=False)
        requests &= Q(held_until__lt=soon) | Q(approver_email=Board.load().email)
        bookings = Booking.objects.visible_to(viewer).filter(offers | requests)
        bookings = bookings.annotate(ends_at=Coalesce("offered_until", "held_until"))
        return bookings.select_related("person", "run__course").order_by("ends_at", "pk")

    def item(self, booking):
        run, address = booking.run, reverse("booking:inspect", args=[booking.pk])
        about = f"{run.course.title}, {local(run.starts_at, 'j F')}"
        return Item(booking.person.name, address, f"{about}: {self.state(booking)}")

    def state(self, booking):
        if booking.state == Booking.State.OFFERED:
            return f"offered until {local(booking.ends_at)}"
        asked = f"asked {booking.approver_email or 'nobody'}"
        is_kept = booking.ends_at and booking.holds_place
        return f"{asked}, place kept until {local(booking.ends_at)}" if is_kept else asked

    def more_address(self):
        return f"{reverse('booking:index')}?state=requested"


class PlacesForJobs(WeekEntry):
    """Places kept for people whose job nobody has confirmed, where this office is asked."""

    name = "places_for_jobs"
    order = 25
    heading = "Places that wait for a job to be confirmed"
    quiet = "No place waits for this office to confirm a job."

    def rows(self, viewer):
        requests = Booking.objects.visible_to(viewer).waiting_for_job()
        leads = Post.objects.of_leads().alias(at=mergers.today("agency"))
        leads = leads.filter(at=mergers.today(OuterRef("agency")))
        leads = leads.exclude(person=OuterRef("person"))
        is_near = Q(held_until__lt=timezone.now() + SOON)
        requests = requests.filter(Q(job_office_at__isnull=False) | is_near | ~Exists(leads))
        related = ("person", "agency", "run__course")
        return requests.select_related(*related).order_by("held_until", "pk")

    def item(self, booking):
        about = f"{booking.run.course.title}, {local(booking.run.starts_at, 'j F')}"
        kept = "place" if booking.holds_place else "turn"
        note = f"{about}: {kept} kept until {local(booking.held_until)}"
        words = f"{booking.person.name}, {booking.agency.name}"
        confirm = Action("Confirm these jobs", reverse("job:waiting"), f": {words}")
        return Item(words, reverse("booking:inspect", args=[booking.pk]), note, confirm)

    def more_address(self):
        return reverse("job:waiting")


class ComingUp(OfRuns):
    """Dates of a week from now, to the minute."""

    name = "coming"
    order = 30
    heading = "In the next 7 days"
    quiet = "No course takes place in the next 7 days."
    whole = "period=upcoming"

    def rows(self, viewer):
        end = timezone.now() + dt.timedelta(days=7)
        return self.runs(viewer).upcoming().filter(starts_at__lt=end).with_waiting()

    def note(self, run):
        limit = "" if run.limit is None else f" of {run.limit}"
        waiting = f", {run.waiting} waiting" if run.waiting else ""
        return f"{local(run.starts_at)}: {run.taken}{limit} booked{waiting}"


class OpenRegisters(OfRuns):
    name = "open_registers"
    order = 40
    heading = "Registers not signed off"
    quiet = "Every register is signed off."
    whole = "state=open"

    def rows(self, viewer):
        return self.runs(viewer).not_signed_off()

    def note(self, run):
        return f"{local(run.starts_at, 'l j F Y')}: certificates wait for it"


class UndecidedEvidence(WeekEntry):
    name = "evidence"
    order = 50
    heading = "Training elsewhere, to be accepted or not"
    quiet = "Nothing that was sent waits for an answer."

    def rows(self, viewer):
        evidence = Evidence.objects.visible_to(viewer).undecided()
        return evidence.select_related("person", "course").order_by("sent_at", "pk")

    def items(self, things, viewer):
        policy = BookingPolicy.load()
        return [self.item(each, policy) for each in things]

    def item(self, evidence, policy=None):
        sent = f"sent {local(evidence.sent_at, 'j F Y')}"
        answer = f"answer by {day(answered_by(evidence, policy))}"
        what = f"{evidence.title}, for {evidence.course.title}"
        if evidence.course.is_elsewhere:
            what = f"{evidence.title}, given by {evidence.provider}"
        note = f"{what}: {sent}, {answer}"
        return Item(evidence.person.name, reverse("evidence:inspect", args=[evidence.pk]), note)

    def more_address(self):
        return reverse("evidence:index")


class ProviderLinks(WeekEntry):
    """Links to courses given elsewhere that nobody has checked for 6 months."""

    name = "provider-links"
    order = 85
    heading = "Courses given elsewhere: links to check"
    quiet = "Every link to a course given elsewhere was checked in the last 6 months."

    def rows(self, viewer):
        courses = Course.objects.link_to_check().select_related("link_checked_by")
        return courses.order_by("link_checked_on", "title", "pk")

    def item(self, course):
        address = reverse("course:check_link", args=[course.pk])
        note = f"given by {course.provider}. {provider_links.last_check(course)}"
        return Item(course.title, address, note)

    def more_address(self):
        return f"{reverse('course:index')}?link=due"


ENTRIES = [
    BelowMinimum,
    Ending,
    PlacesForJobs,
    ComingUp,
    OpenRegisters,
    UndecidedEvidence,
    ProviderLinks,
]
