"""Rules of personal data for agencies, people, jobs and the board’s settings."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings

from agencies.models import MergedRow
from agencies.own_account import kept_text
from lms.privacy.record_types import ErasedInTime
from lms.privacy.rules import (
    ITSELF,
    WHOEVER_IT_NAMES,
    Basis,
    Merging,
    blanked,
    names,
    nobody,
    personal,
    replaced,
    unlinked,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from agencies.models import KeptText

ERASED_NAME = "Former delegate"

RULES = [
    nobody("agencies.Sector", "A sector", "name position"),
    nobody("agencies.RoleGroup", "A profession", "name position"),
    nobody("agencies.Agency", "An agency", "name sector parent merged_into merged_on"),
    nobody("agencies.Domain", "An agency’s email domain", "agency name proves_job"),
    nobody("agencies.SharedDomain", "An email domain of many organisations", "name"),
    personal(
        "agencies.Person",
        "Accounts",
        whose=ITSELF,
        basis=Basis.PUBLIC_TASK,
        record_type="account",
        because="Bookings, approvals and history refer to its number",
        fields={
            "name": replaced("Name", ERASED_NAME),
            "name_key": blanked("The name as it is compared to find double accounts"),
            "sort_as": blanked("The last name by which lists are sorted"),
            "email telephone": blanked("Address and phone number"),
            "password last_login": blanked("A password that nobody knows, and the last sign-in"),
            "is_active is_superuser is_staff is_invented": "Whether they can sign in, and to what",
            "groups user_permissions": unlinked(
                "What they may do for the board", Merging.KEEP_BOTH
            ),
            "joined_at": "Since when",
        },
    ),
    personal(
        "agencies.Post",
        "Jobs: who works where",
        whose="person",
        basis=Basis.PUBLIC_TASK,
        record_type="training_record",
        because="Figures by agency and profession count it",
        fields={
            "person": names("Whose job it is", Merging.JOIN),
            "agency role_group starts_on ends_on is_lead confirmed_at proved_by": (
                "Where, as what and how long they work there"
            ),
            "title": blanked("Job title"),
            "line_manager": unlinked("Their manager’s account", Merging.MOVE, "line_manager"),
            "line_manager_email line_manager_confirmed_at": blanked(
                "Their manager’s address", whose="@line_manager_email"
            ),
        },
    ),
    personal(
        "agencies.OpenSession",
        "Where people are signed in, in words",
        whose="person",
        basis=Basis.SECURITY,
        record_type="sessions",
        fields={
            "person": names("Who is signed in", Merging.KEEP_BOTH),
            "session device signed_in_at last_used_at": (
                "The session, on which device, since when and until when"
            ),
        },
    ),
    personal(
        "agencies.KeptText",
        "Text of forms that were sent after a session had ended",
        whose="person",
        basis=Basis.PUBLIC_TASK,
        record_type="kept_text",
        fields={
            "person": names("Who typed it", Merging.KEEP_BOTH),
            "browser sealed": "The text, encrypted with a key that only their browser has",
            "expires_at": "Until when",
        },
    ),
    personal(
        "agencies.TwoPeople",
        "Two accounts of one name that the office found to be two people",
        whose="older",
        basis=Basis.PUBLIC_TASK,
        record_type="account",
        fields={
            "older": names("One of the two", Merging.JOIN),
            "newer": names("The other", Merging.JOIN, "newer"),
            "found_by": names("Who found it", Merging.MOVE, "found_by"),
            "found_at": "When",
        },
    ),
    personal(
        "agencies.Merge",
        "Which accounts were merged",
        whose="kept",
        basis=Basis.PUBLIC_TASK,
        record_type="account",
        because="It has numbers of accounts, and says where the records of one are",
        fields={
            "kept": names("The account that stays", Merging.KEEP_BOTH),
            "other": names("The account that was merged into it", Merging.KEEP_BOTH, "other"),
            "merged_at undone_at": "When it was merged, and when that was undone",
            "merged_by": names("Who merged them", Merging.MOVE, "merged_by"),
            "undone_by": names("Who undid it", Merging.MOVE, "undone_by"),
        },
    ),
    personal(
        "agencies.MergedRow",
        "What merging two accounts changed, to undo it",
        whose="merge__kept",
        basis=Basis.PUBLIC_TASK,
        record_type="merged_rows",
        fields={
            "merge model row": "In which merge, and which record",
            "was now": "Values before and after, and records that both had",
        },
    ),
    personal(
        "agencies.ConcernContacts",
        "Phone numbers for a concern about a child",
        whose="checked_by",
        basis=Basis.PUBLIC_TASK,
        record_type="office_work",
        because="The public needs the numbers",
        fields={
            "hub_name hub_telephone hub_hours out_of_hours_name out_of_hours_telephone "
            "out_of_hours_hours version checked_on reminded_on": "Teams, their numbers and hours",
            "checked_by": unlinked("Who checked them", Merging.MOVE),
        },
    ),
    personal(
        "agencies.Board",
        "The board’s details",
        whose=WHOEVER_IT_NAMES,
        basis=Basis.PUBLIC_TASK,
        record_type="office_work",
        because="Changed by the office when the chair changes",
        fields={
            "name short_name email telephone certificate_prefix is_demonstration "
            "asks_second_factor": ("The board’s name and how to reach its office"),
            "signatory_name signatory_title": "Name and title of who signs certificates",
        },
    ),
]


class KeptTexts(ErasedInTime):
    """Text of forms that nobody came back for within the hour."""

    name, order, title = "kept_text", 215, "Text of forms sent after a session ended"
    kept_for = "1 hour"
    erasing = "The text is deleted. After the hour nobody can read it, so nothing is lost."
    always, oldest, people = True, "expires_at", "person"

    def due(self, now: dt.datetime) -> QuerySet[KeptText]:
        return kept_text.over(now)

    def erase(self, rows: Sequence[KeptText]) -> None:
        kept_text.delete(rows)


class MergedRows(ErasedInTime):
    """Values that merging two accounts changed, once it can be undone no more."""

    name, order, title = "merged_rows", 150, "Values for undoing a merge of two accounts"
    kept_for = "30 days after the merge, unless the site’s settings say otherwise"
    erasing = "The merge can be undone no more. The records stay with the account that was kept."
    always, oldest, people = True, "merge__merged_at", "merge__kept"

    def due(self, now: dt.datetime) -> QuerySet[MergedRow]:
        before = now - timedelta(days=settings.LMS_MERGE_UNDO_DAYS)
        return MergedRow.objects.filter(merge__merged_at__lt=before)

    def erase(self, rows: Sequence[MergedRow]) -> None:
        MergedRow.objects.filter(pk__in=[row.pk for row in rows]).delete()


ERASED_IN_TIME = (KeptTexts(), MergedRows())
