"""Read the environment, and name the variable that is wrong in one sentence."""

from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured


class Environment(environ.Env):
    """Environment in which a value of the wrong kind is named with its variable."""

    def get_value(self, var: str, cast: Any = None, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().get_value(var, cast, *args, **kwargs)
        except (ValueError, KeyError) as error:
            kind = {int: "a whole number", bool: "yes or no"}.get(cast, "what it must be")
            raise ImproperlyConfigured(f"Correct {var} in the environment: not {kind}.") from error

    def db_url(self, var: str = "DATABASE_URL", *args: Any, **kwargs: Any) -> Any:
        try:
            found = super().db_url(var, *args, **kwargs)
        except (ValueError, KeyError) as error:
            raise _no_database(var) from error
        if found.get("ENGINE") not in ENGINES:
            raise _no_database(var)
        return found

    db = db_url


ENGINES = {"django.db.backends.sqlite3", "django.db.backends.postgresql"}


def _no_database(var: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(
        f"Correct {var} in the environment: it begins with postgres:// or sqlite:///."
    )


def make_folder(name: str, path: str) -> Path:
    """Return the folder that a variable names, made if need be."""
    folder = Path(path).resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"Correct {name}: {folder} cannot be made ({error.strerror})."
        ) from error
    return folder
