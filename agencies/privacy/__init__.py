"""Declarations of what agencies, people, jobs and the board’s settings hold about anybody."""
