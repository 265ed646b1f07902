"""Manage people's jobs at agencies: join, confirm, refuse, move, leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

import history
from agencies import access
from agencies.free_text import names
from agencies.models import Agency, Board, Domain, Person, Post
from lms import links
from lms.mail import outbox
from lms.models import Mail
from lms.refused import Refused
from lms.registries import job_followers, leavers

if TYPE_CHECKING:
    from agencies.models import RoleGroup


# Job title of people whom a lead adds by name and address; they correct it when they sign in.
NO_TITLE = "Job title not given"


class JoiningRefused(Refused):
    """Refusal whose message tells the user why."""


@transaction.atomic
def join(
    person: Person,
    agency: Agency,
    *,
    title: str,
    role_group: RoleGroup | None,
    line_manager_email: str = "",
    starts_on: date | None = None,
    by: Person,
) -> Post:
    """Give the person an open job at the agency, confirmed or waiting for confirmation.

    It is confirmed at once if a verified address of theirs is at a domain that only the agency's
    people have, or if somebody who may confirm it adds them. Idempotent: the same request again
    returns the same job.
    """
    lock(person)
    if agency.merged_into_id:
        raise JoiningRefused(f"{agency} is now part of {agency.today}. Choose that agency.")
    email = line_manager_email.strip().lower()
    refuse_own_address(person, email)
    open_post = person.posts.open().filter(agency=agency).first()
    if open_post:
        return same_job(open_post, title)
    post = Post(
        person=person,
        agency=agency,
        title=title,
        role_group=role_group,
        line_manager_email=email,
        starts_on=starts_on or timezone.localdate(),
    )
    if by.pk != person.pk and not access.may_confirm(by, post):
        raise JoiningRefused(
            "Only the person, the agency's lead or the training office may say this. Ask one of "
            "them."
        )
    proof = None if access.may_confirm(by, post) else proving_domain(person, agency)
    post.proved_by = proof.name if proof else ""
    if proof or access.may_confirm(by, post):
        post.confirmed_at = timezone.now()
        post.line_manager = known_manager(post, anybody=by != person)
    if by.pk != person.pk and email:
        post.line_manager_confirmed_at = timezone.now()
    post.save()
    history.record("post.joined", post, by=by, now=facts(post))
    if post.is_waiting:
        tell_who_confirms(post)
    tell_of_manager(post, by=by)
    return post


def invite(agency: Agency, *, name: str, email: str, by: Person) -> Post:
    """Give somebody whom the agency's lead names a confirmed job there, and mail them.

    Creates an account if there is none, with an unverified address that becomes theirs once they
    enter a code sent to it. People with an account must say themselves that they work there, and
    are asked to: a lead cannot gain access to somebody else's record. Raises JoiningRefused.
    """
    if not access.may_add_staff(by, agency):
        raise JoiningRefused(
            "Only this agency's lead or the training office may add people. Ask one of them."
        )
    try:
        return _invite(agency, name=name, email=email, by=by)
    except IntegrityError:  # The account was created concurrently: retry finds it.
        return _invite(agency, name=name, email=email, by=by)


def _invite(agency: Agency, *, name: str, email: str, by: Person) -> Post:
    with transaction.atomic():
        known = Person.objects.with_address(email).first()
        if known is None:
            return create_invited_person(agency, name=name, email=email, by=by)
        if not known.is_active:
            raise JoiningRefused(
                "Nobody can be added at this address at present. Ask the training office about it."
            )
        posts = known.posts.filter(agency=agency)
        if waiting := posts.waiting_for_confirmation().first():
            return confirm(waiting, by=by)
        if current := posts.current().first():
            return current
        ask_to_join(known, agency, by=by)
    raise JoiningRefused(
        "Somebody with this address has an account and is not on your list of staff. We have asked "
        f"them to say that they work at {agency}: confirm them when they have, and book them then."
    )


def ask_to_join(person: Person, agency: Agency, *, by: Person) -> None:
    """Mail the request, at most once a day however often a lead tries."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    asked = Mail.objects.about(person).filter(template="asked_to_join", created_at__gte=today)
    if person.is_active and not asked.exists():
        context = {"name": person.name, "agency": agency.name, "by": by.name}
        outbox.enqueue("asked_to_join", to=person, about=person, context=context)


def create_invited_person(agency: Agency, *, name: str, email: str, by: Person) -> Post:
    person = create_person(name, email, by=by, facts={"agency": agency.pk})
    context = {"name": name, "agency": agency.name, "by": by.name, "email": email}
    outbox.enqueue("invited", to=person, about=person, context=context)
    return join(person, agency, title=NO_TITLE, role_group=None, by=by)


def create_walk_in_person(*, name: str, email: str, by: Person) -> Person:
    """Create an account for somebody met in person and not known yet; the caller writes to them.

    The address is unverified until they enter a code sent to it. They say where they work when they
    sign in.
    """
    return create_person(name, email, by=by, facts={})


def create_person(
    name: str,
    email: str | None,
    *,
    by: Person,
    facts: dict[str, object],
    action: str = "person.invited",
) -> Person:
    """Create an account for somebody whom another person names. Raises JoiningRefused."""
    if why := names.why_unprintable(name):
        raise JoiningRefused(f"{why}.")
    person = Person(name=name, email=email)
    person.set_unusable_password()
    person.save()
    if email:
        EmailAddress.objects.create(user=person, email=email, primary=True, verified=False)
    history.record(action, person, by=by, now=facts)
    return person


@transaction.atomic
def confirm(post: Post, *, by: Person, manager_read: str = "") -> Post:
    """Confirm a waiting job and mail the person. Idempotent.

    What became of what waited for it is in `became_of`. `manager_read` is the manager's address
    that was shown with it; it is confirmed with the job unless the person has named another
    meanwhile.
    """
    post = locked(post)
    refuse_who_may_not_decide(post, by)
    if post.is_confirmed:
        return post
    if not post.is_waiting:
        raise JoiningRefused(
            "This request has already been refused or withdrawn. If that was wrong, the person "
            "can say again where they work."
        )
    post.confirmed_at = timezone.now()
    vouched = bool(manager_read) and manager_read == post.line_manager_email
    post.line_manager = known_manager(post, anybody=vouched)
    post.line_manager_confirmed_at = post.confirmed_at if vouched else None
    post.save(update_fields=["confirmed_at", "line_manager", "line_manager_confirmed_at"])
    history.record("post.confirmed", post, by=by, was={"confirmed": False}, now=facts(post))
    outbox.enqueue("job_confirmed", to=post.person, context=mail_context(post), about=post)
    post.became = job_followers.tell_confirmed(post, by)  # type: ignore[attr-defined]
    tell_of_manager(post, by=by)
    return post


@dataclass(frozen=True)
class Outcome:
    """Outcome for one of many jobs: the sentence why it was not confirmed, if it was not."""

    post: Post
    refusal: str = ""

    @property
    def became(self) -> str:
        """Return in sentences what became of what waited for the job."""
        return became_of(self.post)


def became_of(post: Post) -> str:
    """Return in sentences what became of what waited for a job that was confirmed just now."""
    return " ".join(getattr(post, "became", ()))


def confirm_each(posts: Iterable[Post], *, by: Person) -> list[Outcome]:
    """Confirm each job by itself: one that is refused does not hold up the others."""
    return [_outcome(confirm, post, by) for post in posts]


def vouch_for_each(posts: Iterable[Post], *, by: Person) -> list[Outcome]:
    """Vouch for each job by itself: one that is refused does not hold up the others."""
    return [_outcome(vouch, post, by) for post in posts]


def _outcome(verb: Callable[..., Post], post: Post, by: Person) -> Outcome:
    try:
        return Outcome(verb(post, by=by))
    except JoiningRefused as refusal:
        return Outcome(post, str(refusal))


@transaction.atomic
def refuse(post: Post, *, by: Person, reason: str = "") -> Post:
    """Refuse a waiting job: end it unconfirmed and mail the person the reason."""
    post = locked(post)
    refuse_who_may_not_decide(post, by)
    if post.is_confirmed:
        raise JoiningRefused("This job is already confirmed. End it instead.")
    if not post.is_waiting:
        return post
    post.ends_on = max(post.starts_on, timezone.localdate())
    post.save(update_fields=["ends_on"])
    history.record("post.refused", post, by=by, was={"ends_on": None}, now=facts(post))
    ended = job_followers.tell_ended(post, by, reason=reason, told=True)
    context = mail_context(post) | {"reason": reason, "also": " ".join(ended)}
    outbox.enqueue("job_refused", to=post.person, context=context, about=post)
    return post


@transaction.atomic
def drop(post: Post) -> None:
    """End a request to confirm a job, as when the account is closed. Idempotent."""
    post = locked(post)
    if post.is_waiting:
        post.ends_on = max(post.starts_on, timezone.localdate())
        post.save(update_fields=["ends_on"])
        history.record("post.refused", post, by="LEAVERS", was={"ends_on": None}, now=facts(post))


@transaction.atomic
def leave(post: Post, *, on: date, by: Person) -> Post:
    """Set the last day of a job; withdraws a request that still waits.

    A lead may bring the last day forward, but not postpone it. Raises JoiningRefused.
    """
    post = locked(post)
    if by.pk != post.person_id and not access.may_confirm(by, post):
        raise JoiningRefused(
            "Only the person, their agency's lead or the training office may end a job. Ask one "
            "of them."
        )
    if on < post.starts_on:
        raise JoiningRefused("The last day cannot be before the first. Give a later day.")
    if on > timezone.localdate() + timedelta(days=366):
        raise JoiningRefused("The last day must be within a year from today.")
    if post.ends_on == on:
        return post
    refuse_to_prolong(post, on, by)
    was, waited = facts(post), post.is_waiting
    post.ends_on = on
    post.save(update_fields=["ends_on"])
    history.record("post.left", post, by=by, was=was, now=facts(post))
    if waited:
        job_followers.tell_ended(post, by)
    elif by.pk != post.person_id and post.person.is_active:
        _tell_of_last_day(post, by)
    leavers.pass_on()
    return post


@transaction.atomic
def move(
    post: Post,
    agency: Agency,
    *,
    on: date,
    title: str,
    role_group: RoleGroup | None,
    line_manager_email: str = "",
    by: Person,
) -> Post:
    """Move the person to the other agency from this day, ending the job at this one."""
    leave(post, on=max(post.starts_on, on - timedelta(days=1)), by=by)
    return join(
        post.person,
        agency,
        title=title,
        role_group=role_group,
        line_manager_email=line_manager_email,
        starts_on=on,
        by=by,
    )


@transaction.atomic
def name_line_manager(post: Post, email: str, *, by: Person) -> Post:
    """Set the address to which mails about this job's bookings are copied; empty for none.

    The manager sees the person's record only with a verified address at the agency.
    """
    post = locked(post)
    email = email.strip().lower()
    refuse_own_address(post.person, email)
    if post.line_manager_email == email:
        return post
    was = facts(post)
    post.line_manager_email = email
    by_another = post.is_confirmed and access.may_confirm(by, post)
    post.line_manager = known_manager(post, anybody=by_another) if post.is_confirmed else None
    post.line_manager_confirmed_at = timezone.now() if by_another and email else None
    post.save(update_fields=["line_manager_email", "line_manager", "line_manager_confirmed_at"])
    history.record("post.line_manager_named", post, by=by, was=was, now=facts(post))
    tell_of_manager(post, by=by)
    return post


@transaction.atomic
def confirm_line_manager(post: Post, email: str, *, by: Person) -> Post:
    """Confirm the address of a manager, who may then approve bookings, with or without account.

    `email` is the address that was shown: refused if the person has named another meanwhile.
    """
    post = locked(post)
    refuse_who_may_not_decide(post, by)
    if not email or post.line_manager_email != email.strip().lower():
        raise JoiningRefused(
            f"{post.person} has named another address meanwhile. Look at it again before you "
            "confirm it."
        )
    if not post.is_confirmed or not post.is_open:
        raise JoiningRefused(
            f"{post.person} does not work here, so there is nothing to confirm. Confirm their job "
            "first."
        )
    if post.line_manager_confirmed_at:
        return post
    was = facts(post)
    post.line_manager = known_manager(post, anybody=True)
    post.line_manager_confirmed_at = timezone.now()
    post.save(update_fields=["line_manager", "line_manager_confirmed_at"])
    history.record("post.line_manager_confirmed", post, by=by, was=was, now=facts(post))
    return post


@transaction.atomic
def correct(post: Post, *, title: str, role_group: RoleGroup | None, by: Person) -> Post:
    """Correct the job's title and profession."""
    post = locked(post)
    if not access.may_confirm(by, post):
        raise JoiningRefused(
            "Only this agency's lead or the training office may correct a job. Ask one of them."
        )
    was = facts(post)
    post.title, post.role_group = title, role_group
    post.save(update_fields=["title", "role_group"])
    history.record("post.corrected", post, by=by, was=was, now=facts(post))
    return post


@transaction.atomic
def appoint_lead(post: Post, *, is_lead: bool, by: Person) -> Post:
    """Appoint or dismiss the person as this agency's lead, for the training office only."""
    post = locked(post)
    if not access.is_training_administrator(by) or by.pk == post.person_id:
        raise JoiningRefused(
            "Only the training office may say who leads an agency, and nobody about themselves. "
            "Ask a colleague there."
        )
    if is_lead and not post.is_confirmed:
        raise JoiningRefused("Confirm this job before its holder leads the agency.")
    if is_lead and not post.person.email:
        raise JoiningRefused(
            f"{post.person} has no email address, so they cannot sign in and lead. Add an address "
            "first."
        )
    if post.is_lead != is_lead:
        post.is_lead = is_lead
        post.save(update_fields=["is_lead"])
        history.record(
            "post.lead", post, by=by, was={"is_lead": not is_lead}, now={"is_lead": is_lead}
        )
        leavers.pass_on()
    return post


@transaction.atomic
def vouch(post: Post, *, by: Person) -> Post:
    """Confirm a job that until now only an address at a shared domain confirms. Idempotent."""
    post = locked(post)
    refuse_who_may_not_decide(post, by)
    if not post.is_confirmed or not post.is_open:
        raise JoiningRefused(f"{post.person} does not work here any longer.")
    if post.proved_by:
        was = {"proved_by": post.proved_by}
        post.proved_by = ""
        post.save(update_fields=["proved_by"])
        history.record("post.vouched", post, by=by, was=was, now={"proved_by": ""})
    return post


def lock(person: Person) -> None:
    """Lock the person, so that concurrent requests see each other's results."""
    Person.objects.select_for_update().get(pk=person.pk)


def locked(post: Post) -> Post:
    posts = Post.objects.select_for_update(of=["self"])
    return posts.select_related("person", "agency").get(pk=post.pk)


def same_job(post: Post, title: str) -> Post:
    if post.title.casefold() == title.casefold():
        return post
    raise JoiningRefused(f"You already have a job at {post.agency}: change or end that one.")


def refuse_own_address(person: Person, email: str) -> None:
    if email == person.email or EmailAddress.objects.filter(user=person, email=email).exists():
        raise JoiningRefused("Give your line manager's address, not your own.")


def refuse_to_prolong(post: Post, on: date, by: Person) -> None:
    """Refuse a lead who postpones a last day: a leaver's record is theirs to share."""
    own_or_office = by.pk == post.person_id or access.is_training_administrator(by)
    if post.ends_on and on > post.ends_on and not own_or_office:
        raise JoiningRefused(
            f"The last day is already {date_format(post.ends_on, 'j F Y')}, and cannot be made "
            f"later here: {post.person} can change it in 'My jobs'."
        )


def refuse_who_may_not_decide(post: Post, by: Person) -> None:
    if by.pk == post.person_id:
        raise JoiningRefused(
            "Somebody else must confirm where you work. Ask your agency's lead or the training "
            "office."
        )
    if not access.may_confirm(by, post):
        raise JoiningRefused(
            "Only this agency's lead or the training office may decide this. Ask one of them."
        )


def proving_domain(person: Person, agency: Agency) -> Domain | None:
    """Return the domain by which a verified address of theirs shows that they work there."""
    return Domain.objects.proving(Agency.objects.filter(pk=agency.pk)).proven_by(person).first()


def known_manager(post: Post, *, anybody: bool) -> Person | None:
    """Return the verified owner of the manager's address, which must be at the agency's domain.

    `anybody` waives the domain, when somebody other than the person confirms the address. Source:
    rules.md, Booking: when a manager's address counts.
    """
    addresses = EmailAddress.objects.filter(verified=True, email=post.line_manager_email)
    if not anybody:
        domain = post.line_manager_email.rpartition("@")[2]
        agencies = Agency.objects.filter(pk=post.agency_id)
        if not Domain.objects.proving(agencies).filter(name=domain).exists():
            return None
    address = addresses.exclude(user=post.person).select_related("user").first()
    return address.user if address else None


def tell_who_confirms(post: Post) -> None:
    """Mail the agency's leads for confirmation, or the training office if there are none."""
    leads = Person.objects.leading(post.agency).exclude(pk=post.person_id)
    items = job_followers.waiting_for([post]).get(post.pk, [])
    asked = [f"They have asked for a place on {item.words}. {item.note}." for item in items]
    waits = " ".join(asked)
    for to in leads or [Board.load().email]:
        is_lead = isinstance(to, Person)
        context = mail_context(post) | {
            "email": post.person.email_in_words,
            "no_lead": "" if is_lead else f"{post.agency} has no lead, so this is for you.",
            "decide_link": links.address(reverse("agencies:agency" if is_lead else "job:waiting")),
            "waits": waits,
        }
        outbox.enqueue("job_waiting", to=to, context=context, about=post)


def _tell_of_last_day(post: Post, by: Person) -> None:
    """Tell the person that somebody else has given the last day of a job they know as theirs."""
    last_day = f"{post.ends_on:%-d %B %Y}"
    context = mail_context(post) | {"by": by.name, "last_day": last_day}
    outbox.enqueue("job_ended", to=post.person, context=context, about=post)


def tell_of_manager(post: Post, *, by: Person) -> None:
    """Mail whoever may confirm the manager of a confirmed job, once a day at most.

    Who has just decided about the job, as its lead or in the training office, is not written to.
    """
    if not (post.is_confirmed and post.line_manager_email) or post.has_known_manager:
        return
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    told = Mail.objects.about(post).filter(template="manager_waiting", created_at__gte=today)
    if not told.exists():
        ask_about_manager(post, besides=by)


def ask_about_manager(post: Post, *, besides: Person | None = None) -> None:
    """Ask the agency's leads to confirm the manager, or the office where there are none."""
    leads = list(Person.objects.leading(post.agency).exclude(pk=post.person_id))
    is_the_offices = besides is not None and access.is_training_administrator(besides)
    office = [] if is_the_offices else [Board.load().email]
    for to in leads or office:
        if to == besides:
            continue
        is_lead = isinstance(to, Person)
        page = reverse("agencies:agency") if is_lead else reverse("job:edit", args=[post.pk])
        context = {
            "name": post.person.name,
            "agency": post.agency.name,
            "manager_email": post.line_manager_email,
            "no_lead": "" if is_lead else f"{post.agency} has no lead, so this is for you.",
            "decide_link": links.address(page),
        }
        outbox.enqueue("manager_waiting", to=to, context=context, about=post)


def mail_context(post: Post) -> dict[str, str]:
    """Return the placeholders that describe a job in mails."""
    return {"name": post.person.name, "agency": post.agency.name, "job_title": post.title}


def facts(post: Post) -> dict[str, object]:
    """Return what history keeps of a job: ids, dates and flags, never a name or an address."""
    return {
        "person": post.person_id,
        "agency": post.agency_id,
        "role_group": post.role_group_id,
        "line_manager": post.line_manager_id,
        "line_manager_confirmed": post.line_manager_confirmed_at is not None,
        "starts_on": post.starts_on.isoformat(),
        "ends_on": post.ends_on.isoformat() if post.ends_on else None,
        "confirmed": post.is_confirmed,
    }
