"""Words for the actions that history records about the demonstration."""

WORDS = {
    "demonstration.made": "Demonstration made",
}
