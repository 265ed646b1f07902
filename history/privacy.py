"""Rules of personal data for the audit log."""

from lms.privacy.rules import WHOEVER_IT_NAMES, Basis, Merging, names, personal

RULES = [
    personal(
        "history.Event",
        "History: who did what, when",
        whose=WHOEVER_IT_NAMES,
        basis=Basis.PUBLIC_TASK,
        record_type="history",
        because="Nothing in it can be changed or deleted; it has numbers and states, no names",
        fields={
            "at action thing_type by_process": "What was done to which kind of record, and when",
            "thing_id": names("Number of the record", Merging.KEEP_BOTH),
            "by_person": names("Number of who did it", Merging.KEEP_BOTH),
            "was now": ("States, days, numbers and ids, before and after"),
        },
    ),
]
