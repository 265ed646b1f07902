"""A person's own account: addresses, sessions, and proof of who they are before the rest."""
