"""Rules of personal data for the switches of what is erased in time."""

from lms.privacy.rules import Basis, Merging, names, personal

RULES = [
    personal(
        "privacy.Retention",
        "Which record types are erased in time",
        whose="switched_by",
        basis=Basis.PUBLIC_TASK,
        record_type="office_work",
        because="It says since when the board erases",
        fields={
            "record_type is_on switched_at": "Which record type, and since when",
            "switched_by": names("Who switched it on or off", Merging.MOVE),
        },
    ),
]
