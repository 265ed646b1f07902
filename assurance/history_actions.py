"""Words for the actions that history records about briefings."""

WORDS = {
    "edition.change_told": "Learners told of the change",
}
