"""Models of protocols: pages, editions, approvals, cascades, indicators, readers and reviews."""

from protocols.models.approvals import AgencyStep, Approval, ApprovalQuerySet, BoardStep
from protocols.models.disseminations import Dissemination, Receipt
from protocols.models.editions import Edition, EditionFile, EditionPdf, EditionQuerySet
from protocols.models.indicators import AgeGroup, AssessmentDomain, Indicator, Tier
from protocols.models.pages import (
    Approver,
    CheckAnswer,
    EditionSource,
    ExternalPublication,
    ProtocolIndexPage,
    ProtocolOwner,
    ProtocolPage,
    ProtocolQuerySet,
    Topic,
)
from protocols.models.policy import ProtocolPolicy
from protocols.models.readers import Acknowledgement, Alert, Subscription
from protocols.models.reviews import PublicationCheck, ReviewConfirmation, ReviewNotice

__all__ = [
    "Acknowledgement",
    "Alert",
    "Dissemination",
    "Receipt",
    "Subscription",
    "AgeGroup",
    "AgencyStep",
    "Approval",
    "ApprovalQuerySet",
    "Approver",
    "BoardStep",
    "AssessmentDomain",
    "CheckAnswer",
    "Edition",
    "EditionFile",
    "EditionPdf",
    "EditionQuerySet",
    "ExternalPublication",
    "Indicator",
    "PublicationCheck",
    "ProtocolIndexPage",
    "ProtocolOwner",
    "ProtocolPage",
    "ProtocolPolicy",
    "ProtocolQuerySet",
    "Tier",
    "ReviewNotice",
    "ReviewConfirmation",
    "Topic",
    "EditionSource",
]
