"""Rules of the models of `lms`."""

from lms.privacy.rules import (
    WHOEVER_IT_NAMES,
    Basis,
    Merging,
    blanked,
    names,
    nobody,
    personal,
)

RULES = [
    nobody("lms.Wording", "The board’s own words of an email", "kind subject text"),
    nobody("lms.WorkerBeat", "When a worker last said that it runs", "worker_id beat_at"),
    nobody("lms.PeriodicJob", "When a job runs next", "path due_at claimed_by claimed_at"),
    nobody("lms.NightlyRun", "On which days the nightly jobs ran", "day"),
    nobody(
        "lms.JobFailure",
        "Which row a job could not process: its number, the error’s class and a line of our code",
        "job step about_type error source_line first_failed_at last_failed_at tries next_try_at",
        about_id=names("Number of the row", Merging.KEEP_BOTH),
    ),
    nobody(
        "lms.FilesCheck",
        "How many stored files no record names",
        "checked_at strays stray_bytes missing",
    ),
    nobody("lms.MailHold", "When a restored copy sent no email", "restored_at copied_at ended_at"),
    personal(
        "lms.MailOutage",
        "When the mail server took nothing, and its last answer",
        whose=WHOEVER_IT_NAMES,
        basis=Basis.PUBLIC_TASK,
        record_type="office_work",
        because="It says when no email could be sent",
        fields={
            "began_at last_try_at ended_at": "When it began and ended",
            "last_error": blanked("The mail server’s words, which may repeat an address"),
        },
    ),
    personal(
        "lms.Mail",
        "Emails, kept as they were sent",
        whose="@to",
        basis=Basis.PUBLIC_TASK,
        record_type="mail",
        fields={
            "message_id sender headers": "From whom, and how the email names itself",
            "to cc": "Addresses that it was written to",
            "subject text html attachments": "What it says",
            "template about_type": "Which kind of email it is, about what kind of record",
            "about_id": names("Number of the record that it is about", Merging.KEEP_BOTH),
            "created_at state due_at claimed_by claimed_at tries last_try_at sent_at": (
                "When it was written and sent"
            ),
            "last_error reached to_is_answered refused": "Which addresses it reached or did not",
            "resend_of": "Which email it repeats",
            "resent_by": names("Number of who sent it again", Merging.KEEP_BOTH, WHOEVER_IT_NAMES),
        },
    ),
    personal(
        "lms.ActionLink",
        "Links in emails that act without signing in",
        whose="@sent_to",
        basis=Basis.PUBLIC_TASK,
        record_type="links",
        fields={
            "token_hash purpose about_type made_at expires_at used_at": (
                "What the link does, until when, and whether it was used"
            ),
            "about_id": names("Number of the record that it acts on", Merging.MOVE),
            "sent_to": "Address that it was sent to",
        },
    ),
]
