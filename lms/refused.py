"""Base of expected refusals."""


class Refused(Exception):
    """Action that is refused; the message is a sentence for the person, saying what to do next."""
