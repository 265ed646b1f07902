"""Pages on which people do a module."""
