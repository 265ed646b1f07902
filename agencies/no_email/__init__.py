"""People without an email address: who tells them, who may be them, and how one is added later."""
