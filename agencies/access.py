"""Who may see and do what? The words of authority; every room asks here.

Roles: a professional (everybody signed in), an agency lead (by post), a trainer (by run, see
courses), and the board's staff by group. What one may not see does not exist: 404 outside /cms/.
The reasons are in docs/decisions/0004-who-may-see-whom.md.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from django.conf import settings
from django.db.models import Exists, Q

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from agencies.models import Agency, Person, Post

    Viewer: TypeAlias = Person | AnonymousUser

Answer = TypeVar("Answer")

TRAINING_ADMINISTRATORS = "Training administrators"
PROTOCOL_EDITORS = "Protocol editors"
BOARD_MEMBERS = "Board members"
# Steps from the draft of a protocol to a version.
POLICY_LEADS = "Policy leads"
COMMITTEE_CHAIRS = "Case Review Committee chairs"
STAFF_GROUPS = (
    TRAINING_ADMINISTRATORS,
    PROTOCOL_EDITORS,
    BOARD_MEMBERS,
    POLICY_LEADS,
    COMMITTEE_CHAIRS,
)

# Held by nobody, superusers neither: a record is ended or closed, never deleted; and people are
# changed through agencies.accounts, not by Wagtail's changes in bulk, which history would miss.
NOBODYS_PERMISSIONS = frozenset(
    {
        "agencies.change_person",
        "agencies.delete_agency",
        "agencies.delete_person",
        "agencies.delete_post",
    }
)


def cached_on_user(viewer: Viewer, name: str, ask: Callable[[], Answer]) -> Answer:
    """What was answered is kept with the person, who is fetched anew in each request."""
    if name not in viewer.__dict__:
        viewer.__dict__[name] = ask()
    answer: Answer = viewer.__dict__[name]
    return answer


def is_signed_in(viewer: Viewer) -> bool:
    return viewer.is_authenticated and viewer.is_active


def may_sign_in(person: Person) -> bool:
    """Not closed, and not made by the demonstration unless this is one."""
    return person.is_active and (settings.DEMONSTRATION_LOGINS or not person.is_invented)


def group_names(viewer: Viewer) -> frozenset[str]:
    """The board's groups that this person is in; asked of the database once a request."""
    if not is_signed_in(viewer):
        return frozenset()
    return cached_on_user(
        viewer, "_group_names", lambda: frozenset(viewer.groups.values_list("name", flat=True))
    )


def is_training_administrator(viewer: Viewer) -> bool:
    """Works in the board's training office: every booking, register and certificate."""
    return is_signed_in(viewer) and (
        viewer.is_superuser or TRAINING_ADMINISTRATORS in group_names(viewer)
    )


def training_administrator_q(viewer: Viewer) -> Q:
    """The same of one who is signed in, asked together with another question of the database."""
    if viewer.is_superuser:
        return ~Q(pk__in=[])
    return Q(Exists(viewer.groups.filter(name=TRAINING_ADMINISTRATORS)))


sees_everybody = is_training_administrator


def is_protocol_editor(viewer: Viewer) -> bool:
    """Keeps the board's protocols and its indicators of need."""
    return is_signed_in(viewer) and (viewer.is_superuser or PROTOCOL_EDITORS in group_names(viewer))


def works_on_drafts(viewer: Viewer) -> bool:
    """Writes protocols, or approves them within the board: knows which drafts there are."""
    return is_protocol_editor(viewer) or not group_names(viewer).isdisjoint(
        {POLICY_LEADS, COMMITTEE_CHAIRS}
    )


def is_board_member(viewer: Viewer) -> bool:
    """Reads the figures of the whole partnership."""
    return is_training_administrator(viewer) or BOARD_MEMBERS in group_names(viewer)


def may_enter_back_office(viewer: Viewer) -> bool:
    """Works for the board, and is in a group that has work there: neither alone is enough."""
    return is_signed_in(viewer) and viewer.is_staff and viewer.has_perm("wagtailadmin.access_admin")


def agencies_led_by(viewer: Viewer) -> QuerySet[Agency]:
    """The agencies whose lead this person is today, with those that were merged into them.

    Three mergers deep. An agency's children are not among them: a trust's lead does not see the
    people of its practices.
    """
    from agencies.models import Agency, Post

    if not is_signed_in(viewer):
        return Agency.objects.none()
    led = Post.objects.current().filter(person=viewer, is_lead=True).values("agency")
    return Agency.objects.filter(
        Q(pk__in=led)
        | Q(merged_into__in=led)
        | Q(merged_into__merged_into__in=led)
        | Q(merged_into__merged_into__merged_into__in=led)
    )


def is_agency_lead(viewer: Viewer) -> bool:
    """Has pages of an agency to see; asked of the database once a request."""
    if not is_signed_in(viewer):
        return False
    return cached_on_user(viewer, "_is_agency_lead", agencies_led_by(viewer).exists)


def leads(viewer: Viewer, agency: Agency) -> bool:
    return agencies_led_by(viewer).filter(pk=agency.pk).exists()


def may_confirm(viewer: Viewer, post: Post) -> bool:
    """The agency's lead or the training office; never the person themself."""
    if not is_signed_in(viewer) or viewer.pk == post.person_id:
        return False
    return is_training_administrator(viewer) or leads(viewer, post.agency)


def may_add_staff(viewer: Viewer, agency: Agency) -> bool:
    """The agency's lead or the training office."""
    return is_training_administrator(viewer) or leads(viewer, agency)
