"""Words for the actions that history records about shared training records."""

WORDS = {
    "record.shared": "Training record shared by a link",
    "record.share_ended": "Link to the training record ended",
}
