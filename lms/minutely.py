"""What is seen to every minute, and who sees that one worker at a time does it?"""

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from lms.models import Chore

logger = logging.getLogger(__name__)
EVERY = timedelta(minutes=1)


def run_next(worker_id: str) -> bool:
    """The chore of settings.EVERY_MINUTE that has waited longest was run; False if none is due.

    One that returns True has more to do and is due again at once, behind the others; any other is
    due in a minute, one that failed too.
    """
    _keep_a_row_for_each()
    chore = Chore.objects.claim_next(worker_id)
    if chore is None:
        return False
    more = _run(chore.path)
    due_at = timezone.now() + (timedelta() if more else EVERY)
    Chore.objects.filter(pk=chore.pk, claimed_by=worker_id).update(claimed_by="", due_at=due_at)
    return True


def _run(path: str) -> bool:
    try:
        return import_string(path)() is True
    except Exception:
        logger.exception("%s failed", path)
        return False


def _keep_a_row_for_each() -> None:
    known = set(Chore.objects.values_list("path", flat=True))
    if new := [path for path in settings.EVERY_MINUTE if path not in known]:
        Chore.objects.bulk_create((Chore(path=path) for path in new), ignore_conflicts=True)
