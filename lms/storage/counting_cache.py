"""Keep the cache in the database, and say so when a count cannot be written."""

from typing import Any

from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import DatabaseError, DataError, IntegrityError, connections, router, transaction
from django.utils import timezone

from lms import jobs

# Part of the keys under which tries are counted.
COUNTED = "allauth:rl:"


class CountingCache(DatabaseCache):
    """Django's database cache, which does not keep silent where tries are counted.

    Django's own takes a database that is locked or full for a key that is there already. Counting
    then gives up and says "Too many tries". Here the error rises, and the page says what is so.
    """

    def _base_set(
        self, mode: str, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT
    ) -> bool:
        if COUNTED not in key:
            return super()._base_set(mode, key, value, timeout)
        database, failed = router.db_for_write(self.cache_model_class), []

        def noting(execute: Any, *args: Any) -> Any:
            try:
                return execute(*args)
            except (IntegrityError, DataError):
                raise
            except DatabaseError as error:
                failed.append(error)
                raise

        # Our own transaction around Django's: a full disk may refuse only when it is committed.
        with transaction.atomic(using=database), connections[database].execute_wrapper(noting):
            is_done = super()._base_set(mode, key, value, timeout)
            if failed:
                raise failed[0]
        return bool(is_done)

    def forget_expired(self) -> int:
        """Delete the rows that are over; return how many."""
        database = connections[router.db_for_write(self.cache_model_class)]
        table, expires = map(database.ops.quote_name, (self._table, "expires"))
        with database.cursor() as cursor:
            now = database.ops.adapt_datetimefield_value(timezone.now().replace(microsecond=0))
            cursor.execute(f"DELETE FROM {table} WHERE {expires} < %s", [now])  # noqa: S608
            return cursor.rowcount


@jobs.in_words("Forget counted tries that are over")
def forget_expired() -> int:
    """Delete expired rows of the database's cache, which Django does only when it is full."""
    default = caches["default"]
    return default.forget_expired() if isinstance(default, CountingCache) else 0
