"""Refusals of this room: each is a sentence for the learner."""

from lms.refused import Refused


class LearningRefused(Refused):
    """Press that changes nothing: the message says why, and what to do."""
