"""Words for the actions that history records about what is erased in time."""

WORDS = {
    "retention.switched_on": "Erasing in time switched on",
    "retention.switched_off": "Erasing in time switched off",
    "retention.erased": "Erased what was kept long enough",
}
