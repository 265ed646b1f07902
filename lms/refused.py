"""The base of every expected refusal."""


class Refused(Exception):
    """Expected refusal whose message is a sentence for the person who asked."""
