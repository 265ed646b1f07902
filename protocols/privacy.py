"""Rules of personal data for protocols, versions, cascades, alerts and indicators of need."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lms.privacy.record_types import ErasedInTime
from lms.privacy.rules import (
    WHOEVER_IT_NAMES,
    Basis,
    Merging,
    blanked,
    left_as_is,
    names,
    nobody,
    personal,
    unlinked,
)
from protocols.models import Subscription
from protocols.readers import alerts

if TYPE_CHECKING:
    from django.db.models import QuerySet

PUBLISHED = {"basis": Basis.PUBLIC_TASK, "record_type": "published"}
A_DECISION = "It says who answered for a protocol"

RULES = [
    nobody("protocols.BoardStep", "A step of an approval", "groups"),
    nobody("protocols.AgencyStep", "A step of an approval"),
    nobody("protocols.Tier", "A tier of need", "slug position name meaning response"),
    nobody("protocols.AssessmentDomain", "A domain of need", "name slug position"),
    nobody("protocols.AgeGroup", "An age group", "name slug position"),
    nobody(
        "protocols.Indicator",
        "An indicator of need, of no child in particular",
        "tier domain age_group text starts_on ends_on topics",
    ),
    nobody("protocols.Topic", "A topic", "name slug parent"),
    nobody("protocols.ProtocolIndexPage", "The board’s public text", "introduction"),
    nobody(
        "protocols.ProtocolPage",
        "The text of a protocol; its owners and approvers are records of their own",
        "reference edition_label numbered_from is_major reason in_force_from next_review_on "
        "summary body check_question topics",
    ),
    nobody("protocols.ProtocolOwner", "Which agency owns a protocol", "sort_order page agency"),
    nobody("protocols.EditionSource", "What a version answers", "sort_order page kind citation"),
    nobody("protocols.CheckAnswer", "An answer to choose", "sort_order page text is_right"),
    nobody("protocols.ExternalPublication", "A copy elsewhere", "sort_order page name url"),
    nobody(
        "protocols.ProtocolPolicy",
        "The board’s numbers of days",
        "answer_days confirm_days chased_days_before chased_every_days first_notice_days "
        "second_notice_days",
    ),
    nobody("protocols.ReviewNotice", "Of which review we told", "edition review_on days"),
    nobody(
        "protocols.EditionFile",
        "A document or picture of a published version",
        "edition name content_type file sha256 size",
    ),
    personal(
        "protocols.Edition",
        "Published versions",
        whose=WHOEVER_IT_NAMES,
        because="A published version is never changed",
        fields={
            "page number is_major title reference summary reason in_force_from issued_at "
            "next_review_on owners answers check_question check_answers html data sha256 "
            "withdrawn_at withdrawn_reason": "The version, as it was published",
            "approvers": "Who approved it for which agency: name and day",
        },
        **PUBLISHED,
    ),
    personal(
        "protocols.EditionPdf",
        "Published versions as PDF",
        whose=WHOEVER_IT_NAMES,
        because="A published version is never changed",
        fields={
            "edition file sha256 size withdrawn_at made_at": "The version as a PDF, and its file",
        },
        **PUBLISHED,
    ),
    personal(
        "protocols.Approver",
        "Who approves a protocol for an agency",
        whose="person",
        fields={
            "sort_order page agency": "Which protocol, for which agency",
            "person": names("Who approves it", Merging.JOIN),
        },
        **PUBLISHED,
    ),
    personal(
        "protocols.Approval",
        "Approvals of a draft",
        whose="person",
        because=A_DECISION,
        fields={
            "page revision digest name agency state asked_at answer_by chased_on author_told_on "
            "answered_at": "Which draft, for which agency, and the answer",
            "person": names("Who is asked", Merging.MOVE),
            "answered_by": names("Who answered", Merging.MOVE, "answered_by"),
            "comment source source_on source_words": left_as_is(
                "Reason and source, free text", A_DECISION, whose=WHOEVER_IT_NAMES
            ),
        },
        **PUBLISHED,
    ),
    personal(
        "protocols.Dissemination",
        "Versions sent to an agency",
        whose="contact",
        because="It says which agency was told of which version",
        fields={
            "edition agency message deadline_on sent_at chased_on mailed_to stopped_at "
            "stopped_reason": "Which version, to which agency, until when",
            "contact": unlinked("Who answers for the agency", Merging.MOVE),
            "sent_by": names("Who sent it", Merging.MOVE, "sent_by"),
        },
        **PUBLISHED,
    ),
    personal(
        "protocols.Receipt",
        "What an agency says it did with a version",
        whose="given_by",
        because="It says what an agency did with a version",
        fields={
            "dissemination given_at cascaded_on how reached of counted_in": (
                "When, how and to how many it was passed on"
            ),
            "given_by": names("Who said so", Merging.MOVE),
            "cascaded_by": blanked("Name or job of who passed it on", whose=WHOEVER_IT_NAMES),
            "note": blanked("A note, free text", whose=WHOEVER_IT_NAMES),
        },
        **PUBLISHED,
    ),
    personal(
        "protocols.ReviewConfirmation",
        "Reviews that found a version right",
        whose="by",
        because=A_DECISION,
        fields={
            "edition reviewed_on next_review_on": "Which version, and when",
            "by": names("Who reviewed it", Merging.MOVE),
            "note": left_as_is("A note, free text", A_DECISION, whose=WHOEVER_IT_NAMES),
        },
        **PUBLISHED,
    ),
    personal(
        "protocols.PublicationCheck",
        "Comparisons with a copy elsewhere",
        whose="by",
        because=A_DECISION,
        fields={
            "edition url is_same checked_on": "Which version, where, and when",
            "by": names("Who compared it", Merging.MOVE),
            "note": left_as_is("A note, free text", A_DECISION, whose=WHOEVER_IT_NAMES),
        },
        **PUBLISHED,
    ),
    personal(
        "protocols.Acknowledgement",
        "Who has read which version",
        whose="person",
        basis=Basis.PUBLIC_TASK,
        record_type="training_record",
        because="Figures by agency count it",
        fields={
            "person": names("Who read it", Merging.JOIN),
            "edition agency read_at": "Which version, from which agency, when",
        },
    ),
    personal(
        "protocols.Subscription",
        "Email alerts",
        whose="@email",
        basis=Basis.CONSENT,
        record_type="subscription",
        fields={
            "email": "Address that alerts go to",
            "page topic asked_at confirmed_at": "About what, and since when",
        },
    ),
    personal(
        "protocols.Alert",
        "Alerts that were sent",
        whose="@subscription__email",
        basis=Basis.CONSENT,
        record_type="subscription",
        fields={"subscription edition": "Which alert, about which version"},
    ),
]


class UnconfirmedAlerts(ErasedInTime):
    """Addresses that somebody asked alerts for and nobody confirmed."""

    name, order, title = "unconfirmed_alerts", 130, "Email alerts that nobody confirmed"
    kept_for = "7 days after they were asked for"
    erasing = "The address is deleted."
    always, oldest, people = True, "asked_at", "email"

    def due(self, now: dt.datetime) -> QuerySet[Subscription]:
        return alerts.unconfirmed(now)

    def erase(self, rows: Sequence[Subscription]) -> None:
        alerts.forget_unconfirmed(rows)


ERASED_IN_TIME = (UnconfirmedAlerts(),)
