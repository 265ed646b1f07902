"""What was agreed, by whom, and from when?"""

from protocols.models.approvals import AgencyStep, Approval, ApprovalQuerySet, BoardStep
from protocols.models.editions import Edition, EditionFile, EditionQuerySet
from protocols.models.indicators import AgeGroup, AssessmentDomain, Indicator, Tier
from protocols.models.pages import (
    Approver,
    CheckAnswer,
    Elsewhere,
    ProtocolIndexPage,
    ProtocolOwner,
    ProtocolPage,
    ProtocolQuerySet,
    Topic,
    WhatItAnswers,
)

__all__ = [
    "AgeGroup",
    "AssessmentDomain",
    "Indicator",
    "Tier",
    "AgencyStep",
    "Approval",
    "ApprovalQuerySet",
    "Approver",
    "BoardStep",
    "CheckAnswer",
    "Edition",
    "EditionFile",
    "EditionQuerySet",
    "Elsewhere",
    "ProtocolIndexPage",
    "ProtocolOwner",
    "ProtocolPage",
    "ProtocolQuerySet",
    "Topic",
    "WhatItAnswers",
]
