"""Name the packages that are ours."""

ROOMS = {
    "agencies", "assurance", "certificates", "courses", "elearning", "history", "home", "lms",
    "privacy", "protocols", "record",
}  # fmt: skip


def is_ours(thing: type) -> bool:
    """Return whether the class, or one that it extends, is defined in one of our packages."""
    return any(base.__module__.partition(".")[0] in ROOMS for base in thing.__mro__)
