"""Accounts that may be of one person: found, shown to the lead and the office, and settled."""
