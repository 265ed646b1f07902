"""Add people who have no email address, and give them one later."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils import timezone

import history
from agencies import access, joining
from agencies.joining import JoiningRefused
from agencies.models import Agency, Person, Post
from agencies.no_email import finding
from lms.mail import outbox

if TYPE_CHECKING:
    from agencies.models import PersonQuerySet, RoleGroup

ADDED = "person.added_without_address"


def add(
    agency: Agency,
    *,
    name: str,
    by: Person,
    among: PersonQuerySet,
    beside: Collection[Person] = (),
    title: str = joining.NO_TITLE,
    role_group: RoleGroup | None = None,
) -> Post:
    """Add somebody without an email address to the agency's staff.

    `beside` are those `among` these with a name like it to whom `by` has said no. Raises
    JoiningRefused where there is anybody else, so that pressing twice adds one person.
    """
    if not access.may_add_staff(by, agency):
        raise JoiningRefused(
            "Only this agency's lead or the training office may add people. Ask one of them."
        )
    with transaction.atomic():
        Agency.objects.select_for_update(of=["self"]).get(pk=agency.pk)
        refuse_unseen(name, among, beside)
        person = joining.create_person(name, None, by=by, action=ADDED, facts={"agency": agency.pk})
        return joining.join(person, agency, title=title, role_group=role_group, by=by)


def add_at_the_door(agency: Agency, *, name: str, by: Person) -> Person:
    """Create somebody without an email address who has come to a course.

    Their job waits to be confirmed, as they cannot sign in and say where they work. Raises
    JoiningRefused.
    """
    with transaction.atomic():
        person = joining.create_person(name, None, by=by, action=ADDED, facts={})
        post = Post(
            person=person, agency=agency, title=joining.NO_TITLE, starts_on=timezone.localdate()
        )
        if access.may_confirm(by, post):
            joining.join(person, agency, title=post.title, role_group=None, by=by)
        else:
            post.save()
            history.record("post.joined", post, by=by, now=joining.facts(post))
            joining.tell_who_confirms(post)
    return person


def refuse_unseen(name: str, people: PersonQuerySet, beside: Collection[Person]) -> None:
    """Raise JoiningRefused where somebody among these has a name like it and was not shown."""
    if unseen := [one for one in finding.alike(name, people) if one not in beside]:
        raise JoiningRefused(
            f"{unseen[0].name} is here already. Say whether it is the same person, and then try "
            "again."
        )


def give_address(post: Post, email: str, *, by: Person) -> Person:
    """Give somebody without an address one, to which sign-in codes go from then on.

    By the lead of the only agency at which they work, or the office. Whoever has the address
    already is asked to say that they work there: the office merges the two. Raises JoiningRefused.
    """
    email = email.strip().lower()
    try:
        return _give_address(post, email, by=by)
    except IntegrityError:  # Somebody signed up with it in the same moment.
        return _give_address(post, email, by=by)


def _give_address(post: Post, email: str, *, by: Person) -> Person:
    with transaction.atomic():
        joining.lock(post.person)
        post = joining.locked(post)
        person = post.person
        _refuse_who_may_not(post, by)
        if person.email:
            raise JoiningRefused(f"{person} has an email address already.")
        known = Person.objects.with_address(email).first()
        if known is None:
            person.email = email
            person.save(update_fields=["email"])
            EmailAddress.objects.create(user=person, email=email, primary=True, verified=False)
            history.record("person.address_changed", person, by=by)
            context = {
                "name": person.name,
                "agency": post.agency.name,
                "by": by.name,
                "email": email,
            }
            outbox.enqueue("invited", to=person, about=person, context=context)
            return person
        joining.ask_to_join(known, post.agency, by=by)
    raise JoiningRefused(
        "Somebody with this address has an account already. We have asked them to say that they "
        f"work at {post.agency}. When they have, ask the training office to put the two records "
        "together."
    )


def _refuse_who_may_not(post: Post, by: Person) -> None:
    if not access.may_confirm(by, post) or not post.is_open:
        raise JoiningRefused(
            "Only this agency's lead or the training office may add an address. Ask one of them."
        )
    if access.is_training_administrator(by):
        return
    others = post.person.posts.open().exclude(agency__in=access.agencies_led_by(by))
    if others.exists():
        raise JoiningRefused(
            f"{post.person} works at another agency too. Ask the training office to add the "
            "address."
        )
