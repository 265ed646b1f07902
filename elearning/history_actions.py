"""Words for the actions that history records about modules and attempts."""

WORDS = {
    "module.added": "Online module added",
    "module.changed": "Draft changed",
    "module.questions_brought_in": "Questions brought in",
    "recording.added": "Recording added",
    "recording.changed": "Recording changed",
    "module.issued": "Version issued",
    "module.withdrawn": "Version withdrawn",
}
