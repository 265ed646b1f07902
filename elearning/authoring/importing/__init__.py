"""Bring in questions from files of other systems: Moodle XML and GIFT."""
