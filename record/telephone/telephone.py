"""Find a caller, show all about them on one screen, correct their details and resend mail."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import F, Prefetch, Q, Value
from django.db.models.functions import Replace
from django.utils import timezone

import history
from agencies import accounts
from agencies.models import Person, Post
from agencies.sign_in_links import sign_in_links
from agencies.sign_in_links.sign_in_links import why_not_copied
from certificates.models import Certificate
from courses.back_office import timeline
from courses.models import Booking, Charge, Evidence
from elearning.learning import progress
from elearning.models import Attempt
from lms.mail import outbox
from lms.models import Mail
from lms.refused import Refused
from record import learning

if TYPE_CHECKING:
    from django.db.models import QuerySet

MOST_FOUND = 25
MOST_MAILS = 20
OF_A_MAIL = (
    "pk", "subject", "to", "state", "created_at", "template", "due_at", "tries", "last_try_at",
    "last_error", "sent_at",
)  # fmt: skip
LEAST_DIGITS = 5
BOOKING_NUMBER = re.compile(r"(?:booking|no\.?|#)?\s*(\d{1,9})", re.IGNORECASE)
IS_NUMBER = re.compile(r"(?:booking|no\.?|#)?[\s\d()+./-]+", re.IGNORECASE)
# Separators that people put between the digits of a telephone number.
BETWEEN = (" ", "-", "(", ")", ".", "/")


def find(words: str, *, viewer: Person) -> list[Person]:
    """Find people by name, any address, telephone, or number of a booking or certificate.

    Returns one more than MOST_FOUND if there are too many. Each has `current_posts`.
    """
    words = " ".join(words.split())
    if len(words) < 2 and not words.isdecimal():
        return []
    current = Prefetch("posts", Post.objects.current().select_related("agency"), "current_posts")
    people = Person.objects.visible_to(viewer).alias(digits=_digits_of("telephone"))
    asked = _numbered(words) if IS_NUMBER.fullmatch(words) else _named(words) | _at(words)
    found = people.filter(asked | _of_certificate(words))
    return list(found.prefetch_related(current).order_by("name", "pk")[: MOST_FOUND + 1])


def screen_of(person: Person, *, viewer: Person) -> dict[str, object]:
    """Collect everything about a caller, in a fixed number of queries."""
    addresses = list(EmailAddress.objects.filter(user=person).order_by("-primary", "email"))
    posts = list(
        Post.objects.visible_to(viewer).filter(person=person).select_related("agency", "role_group")
    )
    record = learning.record_of(person, viewer=viewer)
    record["waiting"] = record.pop("offered", []) + record["waiting"]
    charges = Charge.objects.visible_to(viewer).filter(booking__person=person)
    charges = list(charges.select_related("agency", "booking__run__course"))
    evidence = Evidence.objects.visible_to(viewer).filter(person=person)
    return record | {
        "addresses": addresses,
        "posts": posts,
        "charges": charges,
        "evidence": evidence.select_related("course"),
        "modules": progress.of_attempts(Attempt.objects.visible_to(viewer).filter(person=person)),
        "no_sign_in_link": sign_in_links.why_not(person),
        "mails": [
            (mail, delivery_in_words(mail), not why_not_copied(mail))
            for mail in _mails_to(
                {person.email, *(each.email for each in addresses)}, viewer=viewer
            ).only(*OF_A_MAIL)[:MOST_MAILS]
        ],
        "events": timeline.of_person(person, _courses_of(record), posts=posts, charges=charges),
    }


def delivery_in_words(mail: Mail) -> str:
    """Say when a mail was written, and what the mail server answered to it and when."""
    written = f"Written {_clock(mail.created_at)}"
    if mail.state == Mail.SENT and mail.sent_at:
        return f"{written}, accepted by their mail server {_clock(mail.sent_at)}"
    if mail.state == Mail.FAILED:
        return f"{written}, refused: {mail.last_error or 'no reason given'}"
    if mail.state == Mail.DROPPED:
        return f"{written}, not sent: no longer so"
    if mail.tries and mail.last_try_at:
        answered = f"deferred {_clock(mail.last_try_at)}: {mail.last_error}"
        return f"{written}, {answered}. We'll try again {_clock(mail.due_at)}"
    if mail.last_error:
        return f"{written}, waiting to be sent. The mail server last said: {mail.last_error}"
    return f"{written}, waiting to be sent"


def _clock(at: dt.datetime) -> str:
    """Format a moment as its time, with the day unless it is today."""
    local = timezone.localtime(at)
    day = "" if local.date() == timezone.localdate() else f"{local.day} {local:%B %Y}, "
    return f"{day}{local:%H:%M}"


def correct(person: Person, *, name: str, email: str | None, telephone: str, by: Person) -> Person:
    """Change the person's name, address and telephone.

    A new address is verified by the next sign-in code sent to it. Raises AccountRefused.
    """
    with transaction.atomic():
        person = Person.objects.select_for_update().get(pk=person.pk)
        accounts.refuse_who_may_not(person, by)
        accounts.rename(person, name, by=by)
        person.email, person.telephone = email, telephone
        return accounts.save(person, groups=None, by=by)


class NotSentAgain(Refused):
    """Mail that cannot be sent again; the message is for the office."""


@transaction.atomic
def send_again(letter: Mail, person: Person, *, by: Person) -> Mail:
    """Enqueue a copy of a sent mail to the person's current address.

    Undelivered mail is handled in the outbox instead. Raises NotSentAgain.
    """
    letter = Mail.objects.select_for_update().get(pk=letter.pk)
    if letter.state != Mail.SENT:
        raise NotSentAgain(
            "This email waits to be sent or did not arrive: look at it in the outbox."
        )
    if refusal := why_not_copied(letter):
        raise NotSentAgain(refusal)
    if letter.resends.exclude(state=Mail.SENT).exists():
        raise NotSentAgain(
            "It has just been sent again, and waits to be sent. Try again when it has gone."
        )
    again = outbox.resend(letter, by=by, to=person.email)
    moved = again.to != letter.to
    history.record("mail.sent_again", letter, by=by, now={"as": again.pk, "other_address": moved})
    return again


def mails_of(person: Person, *, viewer: Person) -> QuerySet[Mail]:
    """List mail to any of the person's addresses, newest first.

    Reads the addresses first: as a subquery they would keep the query from using an index.
    """
    others = EmailAddress.objects.filter(user=person).values_list("email", flat=True)
    return _mails_to({person.email, *others}, viewer=viewer)


def _mails_to(addresses: set[str | None], *, viewer: Person) -> QuerySet[Mail]:
    return Mail.objects.visible_to(viewer).filter(to__in=addresses).order_by("-pk")


def _named(words: str) -> Q:
    found = Q()
    for word in words.split():
        found &= Q(name__icontains=word)
    return found


def _at(words: str) -> Q:
    if " " in words:
        return Q(pk=None)
    addresses = EmailAddress.objects.filter(email__icontains=words)
    return Q(email__icontains=words) | Q(pk__in=addresses.values("user"))


def _of_certificate(words: str) -> Q:
    holders = Certificate.objects.filter(number__iexact=words).values("holder")
    return Q(pk__in=holders)


def _numbered(words: str) -> Q:
    found = Q(pk=None)
    if number := BOOKING_NUMBER.fullmatch(words):
        made = Booking.objects.filter(pk=int(number[1]))
        found |= Q(pk__in=made.values("person"))
    digits = _national("".join(each for each in words if each in "0123456789"))
    if len(digits) >= LEAST_DIGITS:
        found |= Q(digits__contains=digits)
    return found


def _national(digits: str) -> str:
    """Strip a leading 0 or 44, as numbers are written with either."""
    return digits.removeprefix("00").removeprefix("44").removeprefix("0")


def _digits_of(field: str) -> F | Replace:
    digits: F | Replace = F(field)
    for each in BETWEEN:
        digits = Replace(digits, Value(each), Value(""))
    return digits


def _courses_of(record: dict[str, list]) -> dict[int, str]:
    """Map booking pks to course titles, completed bookings included."""
    bookings = [b for part in ("coming_up", "waiting", "past", "ended") for b in record[part]]
    completed = {each.booking_id: each.course.title for each in record["completions"]}
    return completed | {booking.pk: booking.run.course.title for booking in bookings}
