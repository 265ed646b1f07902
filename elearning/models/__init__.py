"""Models of online learning."""

from elearning.models.attempts import Answer, Attempt, ExtraAttempt, ItemState, Statement
from elearning.models.modules import Module
from elearning.models.questions import Question, QuestionVersion
from elearning.models.recordings import Recording
from elearning.models.versions import ModuleVersion, VersionFile

__all__ = [
    "Answer",
    "Attempt",
    "ExtraAttempt",
    "ItemState",
    "Module",
    "ModuleVersion",
    "Question",
    "QuestionVersion",
    "Recording",
    "Statement",
    "VersionFile",
]
