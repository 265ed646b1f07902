"""What is checked every night, and who sees that it happens once?"""

import logging
from datetime import time

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks import task

from lms.models import Night

logger = logging.getLogger(__name__)
STARTS_AT = time(2, 30)


def ask_if_due() -> bool:
    """From half past two (Europe/London) the day's checks are asked for, by one worker, once.

    A worker that was not there then asks when it comes: late is better than not at all.
    """
    now = timezone.localtime()
    if now.time() < STARTS_AT or Night.objects.filter(day=now.date()).exists():
        return False
    try:
        with transaction.atomic():
            Night.objects.create(day=now.date())
            run_checks.enqueue()
    except IntegrityError:
        return False
    return True


@task()
def run_checks() -> None:
    """Every check of settings.NIGHTLY was run; one that fails does not keep the others from it."""
    failures = []
    for path in settings.NIGHTLY:
        try:
            import_string(path)()
        except Exception as error:
            logger.exception("%s failed", path)
            error.add_note(path)
            failures.append(error)
    if failures:
        raise ExceptionGroup("Some of the nightly checks failed", failures)
