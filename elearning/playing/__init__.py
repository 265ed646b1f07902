"""Play packages on the content host, and save what they report."""
