"""Base of the models that are records of work and not content of pages."""

from django.db import models


class OperationalModel(models.Model):
    """Model that Wagtail's reference index leaves out, which would queue a task at each save."""

    wagtail_reference_index_ignore = True

    class Meta:
        abstract = True
