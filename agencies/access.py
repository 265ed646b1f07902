"""Decide who may see and do what: the authorisation rules of all apps.

Roles: a professional (everybody signed in), an agency lead (by post), a trainer (by run, see
courses), and the board's staff by group. What one may not see does not exist: 404 outside /cms/.
The reasons are in docs/decisions/0004-start-every-query-about-people-from-visible-to.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from django.apps import apps
from django.conf import settings
from django.db.models import Exists, Q

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from agencies.mergers import Lineages
    from agencies.models import Agency, Person, Post

    Viewer: TypeAlias = Person | AnonymousUser

Answer = TypeVar("Answer")

TRAINING_ADMINISTRATORS = "Training administrators"
PROTOCOL_EDITORS = "Protocol editors"
BOARD_MEMBERS = "Board members"
# Reviewers in the workflow from a protocol's draft to a version.
POLICY_LEADS = "Policy leads"
COMMITTEE_CHAIRS = "Case Review Committee chairs"
STAFF_GROUPS = (
    TRAINING_ADMINISTRATORS,
    PROTOCOL_EDITORS,
    BOARD_MEMBERS,
    POLICY_LEADS,
    COMMITTEE_CHAIRS,
)

# Denied to all, superusers too: records are ended or closed, never deleted; and people are changed
# through agencies.accounts, not by Wagtail's bulk actions, which bypass the history.
NOBODYS_PERMISSIONS = frozenset(
    {
        "agencies.change_person",
        "agencies.delete_agency",
        "agencies.delete_person",
        "agencies.delete_post",
    }
)


def cached_on_user(viewer: Viewer, name: str, ask: Callable[[], Answer]) -> Answer:
    """Memoise an answer on the user object, that is, for one request."""
    if not hasattr(viewer, name):  # By name: `request.user` is a wrapper with a dict of its own.
        setattr(viewer, name, ask())
    answer: Answer = getattr(viewer, name)
    return answer


def is_signed_in(viewer: Viewer) -> bool:
    return viewer.is_authenticated and viewer.is_active


def may_sign_in(person: Person) -> bool:
    """Return whether the account is open, has an address, and is not the demonstration's."""
    is_real = settings.LMS_DEMONSTRATION_LOGINS or not person.is_invented
    return person.is_active and bool(person.email) and is_real


def group_names(viewer: Viewer) -> frozenset[str]:
    """Return the names of the board's groups that the viewer is in; one query per request."""
    if not is_signed_in(viewer):
        return frozenset()
    return cached_on_user(
        viewer, "_group_names", lambda: frozenset(viewer.groups.values_list("name", flat=True))
    )


def is_training_administrator(viewer: Viewer) -> bool:
    """Return whether the viewer is in the training office: all bookings and certificates."""
    return is_signed_in(viewer) and (
        viewer.is_superuser or TRAINING_ADMINISTRATORS in group_names(viewer)
    )


def training_administrator_q(viewer: Viewer) -> Q:
    """Build `is_training_administrator` as a Q object, so that it costs no query of its own.

    The viewer must be signed in.
    """
    if viewer.is_superuser:
        return ~Q(pk__in=[])
    return Q(Exists(viewer.groups.filter(name=TRAINING_ADMINISTRATORS)))


sees_everybody = is_training_administrator


def is_protocol_editor(viewer: Viewer) -> bool:
    """Return whether the viewer maintains the board's protocols and indicators of need."""
    return is_signed_in(viewer) and (viewer.is_superuser or PROTOCOL_EDITORS in group_names(viewer))


def works_on_drafts(viewer: Viewer) -> bool:
    """Return whether the viewer writes protocols or reviews their drafts for the board."""
    return is_protocol_editor(viewer) or not group_names(viewer).isdisjoint(
        {POLICY_LEADS, COMMITTEE_CHAIRS}
    )


def is_board_member(viewer: Viewer) -> bool:
    """Return whether the viewer may read the figures of the whole partnership."""
    return is_training_administrator(viewer) or BOARD_MEMBERS in group_names(viewer)


def may_enter_back_office(viewer: Viewer) -> bool:
    """Return whether the viewer is staff and in a group with admin access: both are needed."""
    return is_signed_in(viewer) and viewer.is_staff and viewer.has_perm("wagtailadmin.access_admin")


def agencies_led_by(viewer: Viewer) -> QuerySet[Agency]:
    """Return the agencies that the viewer leads today, with all that were merged into them.

    Not their children: a trust's lead does not see the people of its practices. Nor what they were
    merged into: who led a practice does not thereby lead the trust that it became part of.
    """
    # By the registry, as `get_user_model` does: the models ask this module who may see them.
    agencies = apps.get_model("agencies", "Agency").objects
    if not is_signed_in(viewer):
        return agencies.none()
    led = apps.get_model("agencies", "Post").objects.of_leads().filter(person=viewer)
    return agencies.filter(pk__in=led.values("agency")).with_predecessors()


def list_agencies_led_by(viewer: Viewer) -> list[Agency]:
    """List `agencies_led_by`, so that the menu need not ask again whether there are any."""
    agencies = list(agencies_led_by(viewer))
    cached_on_user(viewer, "_is_agency_lead", lambda: bool(agencies))
    return agencies


class LeadsByAgency:
    """Leads who answer for each agency, for mails to many: the rule of `agencies_led_by`.

    Given current jobs, which are fetched with their person.
    """

    def __init__(self, posts: Iterable[Post], lineages: Lineages) -> None:
        self._lineages = lineages
        self._leads: dict[int, list[Person]] = defaultdict(list)
        for post in posts:
            if post.is_lead:
                self._leads[post.agency_id].append(post.person)

    def __getitem__(self, agency: int) -> list[Person]:
        """List the leads of the agency of this id and of what it was merged into, each once."""
        found = (self._leads.get(each, []) for each in self._lineages.of(agency))
        return list(dict.fromkeys(person for people in found for person in people))


def is_agency_lead(viewer: Viewer) -> bool:
    """Return whether the viewer leads any agency; one query per request."""
    if not is_signed_in(viewer):
        return False
    return cached_on_user(viewer, "_is_agency_lead", agencies_led_by(viewer).exists)


def leads(viewer: Viewer, agency: Agency) -> bool:
    return agencies_led_by(viewer).filter(pk=agency.pk).exists()


def may_confirm(viewer: Viewer, post: Post) -> bool:
    """Allow the agency's lead and the training office, but never the person themself."""
    if not is_signed_in(viewer) or viewer.pk == post.person_id:
        return False
    return is_training_administrator(viewer) or leads(viewer, post.agency)


def may_add_staff(viewer: Viewer, agency: Agency) -> bool:
    """Allow the agency's lead and the training office."""
    return is_training_administrator(viewer) or leads(viewer, agency)
