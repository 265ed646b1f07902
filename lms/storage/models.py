"""Result of the last comparison of stored files with the records that name them."""

from django.db import models

from lms.operational import OperationalModel


class FilesCheckQuerySet(models.QuerySet):
    def visible_to(self, viewer):
        """Return it to those who may see what failed, which is on the same page; else nothing."""
        may_see = viewer.is_authenticated and viewer.has_perm("lms.view_mail")
        return self if may_see else self.none()


class FilesCheck(OperationalModel):
    """Numbers of files without a record and of records without their file; one row."""

    checked_at = models.DateTimeField()
    strays = models.PositiveIntegerField("files that no record names")
    stray_bytes = models.PositiveBigIntegerField("bytes of those")
    missing = models.PositiveIntegerField("records whose file is missing")

    objects = FilesCheckQuerySet.as_manager()

    def __str__(self):
        return f"Files checked at {self.checked_at}"
