"""Words for the actions that history records about modules and attempts."""

WORDS = {
    "module.added": "Online module added",
    "module.changed": "Draft changed",
    "module.questions_brought_in": "Questions brought in",
    "recording.added": "Recording added",
    "recording.changed": "Recording changed",
    "module.issued": "Version issued",
    "module.withdrawn": "Version withdrawn",
    "package.received": "Package sent",
    "attempt.begun": "Module begun",
    "attempt.passed": "Module passed",
    "attempt.completed": "Module completed",
    "attempt.failed": "Check of a module not passed",
    "attempt.lapsed": "Attempt ended without being finished",
    "attempt.set_aside": "Begun again on a newer version",
    "attempt.reminded": "Reminded of a module that is not finished",
    "attempt.granted": "Another attempt given by the office",
    "attempt.waived": "Module counted as done by the office",
    "attempt.used_up": "Attempts used up, the office told",
}
