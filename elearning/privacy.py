"""Rules of personal data for modules, attempts and answers."""

from lms.privacy.rules import Basis, Merging, blanked, names, nobody, personal, unlinked

TRAINING = {"basis": Basis.PUBLIC_TASK, "record_type": "training_record"}
COUNTED = "Figures of training count it"
WHO_WROTE_IT = {"basis": Basis.PUBLIC_TASK, "record_type": "published"}

RULES = [
    nobody(
        "elearning.Module",
        "A module, as its editors write it",
        "code title summary before_you_start minutes pass_mark attempts_allowed pause_hours "
        "content check_questions checked_against is_open latest_revision",
    ),
    nobody(
        "elearning.VersionFile",
        "A picture or document of a version",
        "version name content_type file sha256 size",
    ),
    nobody("elearning.Question", "A question of a check", "module key"),
    nobody(
        "elearning.PackageItem",
        "A part of a package",
        "package position identifier parent title href is_sco is_visible mastery_score launch_data "
        "least_progress objectives",
    ),
    nobody("elearning.PackageFile", "A file of a package", "package path file_path size"),
    personal(
        "elearning.Package",
        "Packages that were uploaded",
        whose="sent_by",
        because="Versions are made of it",
        fields={
            "module key name size upload_path state refused_because sha256 standard edition title "
            "notes unpacked_size sent_at ready_at": "The package, and what was found in it",
            "sent_by": unlinked("Who uploaded it", Merging.MOVE),
        },
        **WHO_WROTE_IT,
    ),
    personal(
        "elearning.ModuleVersion",
        "Issued versions of modules",
        whose="issued_by",
        because="A version is never changed",
        fields={
            "module number is_major what_changed title summary before_you_start minutes pass_mark "
            "attempts_allowed pause_hours content sha256 checked_against issued_at withdrawn_at "
            "withdrawn_reason": "The version, as it was issued",
            "issued_by": unlinked("Who issued it", Merging.MOVE),
        },
        **WHO_WROTE_IT,
    ),
    personal(
        "elearning.QuestionVersion",
        "Versions of questions",
        whose="made_by",
        because="A version is never changed",
        fields={
            "question number content sha256 made_at why erased_answers erased_right": (
                "The question, and how often it was answered rightly"
            ),
            "made_by": unlinked("Who wrote it", Merging.MOVE),
        },
        **WHO_WROTE_IT,
    ),
    personal(
        "elearning.Attempt",
        "Attempts at modules",
        whose="person",
        because=COUNTED,
        fields={
            "person": names("Whose attempt it is", Merging.MOVE),
            "module version round number why state score seconds_measured seed session begun_at "
            "last_at check_begun_at ended_at told_unfinished_at": "What they did, and how it ended",
            "reason": blanked("Reason of the office, free text"),
        },
        **TRAINING,
    ),
    personal(
        "elearning.ItemState",
        "How far they are in a module",
        whose="attempt__person",
        fields={"attempt key opened_at done_at place": "Which parts they have opened and finished"},
        **TRAINING,
    ),
    personal(
        "elearning.Answer",
        "Answers to the questions of a check",
        whose="attempt__person",
        fields={
            "attempt position question_version outcome given is_right given_at": (
                "What was asked and answered"
            )
        },
        **TRAINING,
    ),
    personal(
        "elearning.ExtraAttempt",
        "Attempts that the office granted",
        whose="person",
        because=COUNTED,
        fields={
            "person": names("Who may try again", Merging.MOVE),
            "module round granted_at": "Which module, and when",
            "granted_by": unlinked("Who granted it", Merging.MOVE, "granted_by"),
            "reason": blanked("Reason of the office, free text"),
        },
        **TRAINING,
    ),
    personal(
        "elearning.Statement",
        "What happened in an attempt",
        whose="attempt__person",
        fields={"attempt verb at result session": "What happened, and when"},
        **TRAINING,
    ),
]
