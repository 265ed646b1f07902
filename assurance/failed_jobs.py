"""Describe the worker's failures to the office, with what to do about each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django.apps import apps
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from agencies import access
from certificates.issuing import CertificateRefused
from lms.formatting import day, weekday
from lms.mail.outbox import AddressRefused
from lms.models import JobFailure

if TYPE_CHECKING:
    import datetime as dt

    from django.db.models import Model

    from agencies.models import Person
    from courses.models import Run

ADDRESS_REFUSED = f"{AddressRefused.__module__}.{AddressRefused.__qualname__}"

CERTIFICATE_REFUSED = f"{CertificateRefused.__module__}.{CertificateRefused.__qualname__}"


class Named(NamedTuple):
    """Office name of a row, and the page on which to correct it, if there is one."""

    words: str
    address: str = ""
    is_for_editors: bool = False


@dataclass(frozen=True)
class FailedJob:
    """One failure as shown to the office."""

    doing: str
    about: Named
    what_to_do: str
    since: str


def in_words(failures: Iterable[JobFailure], viewer: Person) -> list[FailedJob]:
    """Describe each failure with the name of its row and what to do."""
    failures = list(failures)
    rows = _rows_of(failures)
    return [
        FailedJob(
            doing=_doing(each.job),
            about=_named(each, rows.get((each.about_type, each.about_id)), viewer),
            what_to_do=f"{_what_to_do(each)} {_next_try(each.next_try_at)}",
            since=_moment(each.first_failed_at),
        )
        for each in failures
    ]


def _doing(path: str) -> str:
    """Return the job's label, from `jobs.in_words`, or its path."""
    try:
        words: str = import_string(path).in_words
    except (ImportError, AttributeError):
        return path
    return words


def _rows_of(failures: list[JobFailure]) -> dict[tuple[str, str], Model]:
    """Fetch the rows that still exist, with one query per kind."""
    wanted = defaultdict(set)
    for each in failures:
        if each.about_type in KINDS:
            wanted[each.about_type].add(each.about_id)
    found = {}
    for kind, ids in wanted.items():
        rows = apps.get_model(kind)._default_manager.select_related(*KINDS[kind].joined)
        found.update({(kind, str(row.pk)): row for row in rows.filter(pk__in=ids)})
    return found


def _named(failure: JobFailure, row: Any, viewer: Person) -> Named:
    if row is not None:
        named = KINDS[failure.about_type].name(row)
        may_open = not named.is_for_editors or access.is_protocol_editor(viewer)
        return named if may_open else named._replace(address="")
    kind = failure.about_type.rpartition(".")[2]
    return Named(f"{kind} {failure.about_id}".strip().capitalize())


def _what_to_do(failure: JobFailure) -> str:
    whole = "" if failure.about_type else "Everything of this kind is waiting. "
    if failure.error == ADDRESS_REFUSED:
        kind = KINDS.get(failure.about_type)
        return f"{whole}{kind.wrong_address if kind else OF_OFFICE}"
    if failure.error == CERTIFICATE_REFUSED:
        return "It cannot be made as it is. The list of the date’s certificates says why."
    told = f"{failure.error.rpartition('.')[2]}, {failure.source_line}"
    return f"{whole}Tell whoever looks after this site, and give them this: {told}."


def _next_try(at: dt.datetime) -> str:
    if at <= timezone.now():
        return "We’ll try again in a minute."
    return f"We’ll try again {_moment(at)}."


def _moment(at: dt.datetime) -> str:
    """Format a time such as "at 3:15pm", with the day unless it is today."""
    local = timezone.localtime(at)
    on = "" if local.date() == timezone.localdate() else f" on {weekday(local)}"
    return f"at {local:%-I:%M}{local:%p}".replace("AM", "am").replace("PM", "pm") + on


def _date(run: Run) -> str:
    return f"{run.course.title}, {day(run.starts_at)}" if run.starts_at else run.course.title


def _booking(booking: Any) -> Named:
    words = f"{booking.person.name}: {_date(booking.run)}"
    return Named(words, reverse("booking:inspect", args=[booking.pk]))


def _completion(completion: Any) -> Named:
    booking = completion.booking
    words = f"{completion.person.name}: {_date(booking.run) if booking else completion.course}"
    return Named(words, reverse("run:certificates", args=[booking.run_id]) if booking else "")


def _run(run: Any) -> Named:
    return Named(_date(run), reverse("run:inspect", args=[run.pk]))


def _person(person: Any, what: str = "") -> Named:
    address = reverse("wagtailusers_users:edit", args=[person.pk])
    return Named(f"{person.name}{what}", address)


def _certificate(certificate: Any) -> Named:
    words = f"{certificate.holder.name}: certificate {certificate.number}"
    return Named(words, reverse("certificate:inspect", args=[certificate.pk]))


def _of_protocol(words: str, page: int) -> Named:
    return Named(words, reverse("protocol_versions", args=[page]), is_for_editors=True)


def _page(title: str, page: int | str) -> Named:
    return Named(title, reverse("wagtailadmin_pages:edit", args=[page]), is_for_editors=True)


@dataclass(frozen=True)
class Kind:
    """Names for rows of one model, and advice for an invalid address."""

    name: Callable[[Any], Named]
    wrong_address: str = "Correct the email address."
    joined: tuple[str, ...] = ()


OF_OFFICE = "We cannot send email to the training office’s own address. Correct it."
OF_BOOKING = (
    "We cannot send email to the address of this person, or of whoever decides about the booking."
    " Correct it."
)
OF_DATE = (
    "We cannot send email to anybody who must know of this date, or to the training office’s own"
    " address. Correct it."
)
OF_PERSON = "We cannot send email to this person’s address. Correct it."
OF_AGENCY = "We cannot send email to anybody who answers for the agency. Correct their address."
OF_EDITORS = "We cannot send email to anybody who has to know. Correct their address."

KINDS = {
    "courses.booking": Kind(_booking, OF_BOOKING, ("person", "run__course")),
    "courses.evaluation": Kind(
        lambda evaluation: _booking(evaluation.booking),
        "We cannot send email to the address of this person, or of their manager. Correct it.",
        ("booking__person", "booking__run__course"),
    ),
    "courses.run": Kind(_run, OF_DATE, ("course",)),
    "certificates.certificate": Kind(_certificate, OF_PERSON, ("holder",)),
    "courses.reserve": Kind(lambda reserve: _run(reserve.run), OF_BOOKING, ("run__course",)),
    "courses.run_trainers": Kind(
        lambda teaching: _person(teaching.person, f", trainer: {_date(teaching.run)}"),
        OF_PERSON,
        ("person", "run__course"),
    ),
    "courses.completion": Kind(
        _completion, OF_PERSON, ("person", "course", "booking__run__course")
    ),
    "agencies.person": Kind(_person, OF_PERSON),
    "elearning.attempt": Kind(
        lambda attempt: _person(attempt.person, f": {attempt.module}"),
        OF_PERSON,
        ("person", "module"),
    ),
    "agencies.post": Kind(
        lambda post: Named(
            f"{post.person.name}: {post.title}, {post.agency}",
            reverse("job:edit", args=[post.pk]),
        ),
        OF_AGENCY,
        ("person", "agency"),
    ),
    "courses.deliveryrequest": Kind(
        lambda asked: _person(asked.person, f", trainer: {_date(asked.run)}"),
        OF_OFFICE,
        ("person", "run__course"),
    ),
    "protocols.dissemination": Kind(
        lambda sent: _of_protocol(f"{sent.agency}: {sent.edition}", sent.edition.page_id),
        OF_AGENCY,
        ("agency", "edition"),
    ),
    "protocols.approval": Kind(
        lambda asked: _of_protocol(f"{asked.name}: {asked.page.title}", asked.page_id),
        OF_AGENCY,
        ("page",),
    ),
    "protocols.edition": Kind(
        lambda edition: _of_protocol(str(edition), edition.page_id), OF_EDITORS
    ),
    "protocols.subscription": Kind(
        lambda wanted: Named(wanted.email),
        "We cannot send email to this address. Ask whoever looks after this site to remove it.",
    ),
    "protocols.protocolpage": Kind(lambda page: _page(page.title, page.pk), OF_EDITORS),
    "wagtailcore.page": Kind(lambda page: _page(page.title, page.pk), OF_EDITORS),
    "wagtailcore.revision": Kind(
        lambda revision: _page(revision.object_str, revision.object_id), OF_EDITORS
    ),
}
