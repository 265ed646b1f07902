"""Registries that the rooms fill in `apps.ready`: lower rooms take part in what upper ones show."""
