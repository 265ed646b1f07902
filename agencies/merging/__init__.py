"""Merging of two accounts of one person, and its undoing."""
