"""Things that can wait for a person at an agency, and who has them once they are gone."""
