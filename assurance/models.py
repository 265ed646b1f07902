"""Deliberately empty: assurance reports on the models of other apps."""
