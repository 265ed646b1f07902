"""Models of online learning."""

from elearning.models.attempts import Answer, Attempt, ExtraAttempt, ItemState, Statement
from elearning.models.modules import Module
from elearning.models.packages import Package, PackageFile, PackageItem
from elearning.models.questions import Question, QuestionVersion
from elearning.models.recordings import Recording
from elearning.models.versions import ModuleVersion, Rule, VersionFile

__all__ = [
    "Answer",
    "Attempt",
    "ExtraAttempt",
    "ItemState",
    "Module",
    "ModuleVersion",
    "Package",
    "PackageFile",
    "PackageItem",
    "Question",
    "QuestionVersion",
    "Recording",
    "Rule",
    "Statement",
    "VersionFile",
]
