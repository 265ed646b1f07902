"""Links that sign a person in once, for who waits in vain for the emailed code."""
