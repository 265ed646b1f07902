"""Read the environment, and name the variable that is wrong in one sentence."""

import logging
import re
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured


class Environment(environ.Env):
    """Environment in which a value of the wrong kind is named with its variable."""

    def get_value(self, var: str, cast: Any = None, *args: Any, **kwargs: Any) -> Any:
        if cast is bool and self.ENVIRON.get(var, "").strip().lower() not in YES_OR_NO:
            raise ImproperlyConfigured(f"Correct {var} in the environment: not yes or no.")
        try:
            return super().get_value(var, cast, *args, **kwargs)
        except (ValueError, KeyError) as error:
            kind = {int: "a whole number", bool: "yes or no"}.get(cast, "what it must be")
            raise ImproperlyConfigured(f"Correct {var} in the environment: not {kind}.") from error

    def number(self, var: str, *, default: int, least: int = 0) -> int:
        """Return a whole number that is at least `least`."""
        found: int = self.int(var, default=default)
        if found < least:
            raise ImproperlyConfigured(f"Correct {var} in the environment: less than {least}.")
        return found

    def rate(self, var: str, *, default: str) -> str:
        """Return how often something may be done, such as "60/m/user,300/m/ip"."""
        found: str = self.str(var, default=default)
        if not all(RATE.fullmatch(part.strip()) for part in found.split(",")):
            raise ImproperlyConfigured(
                f"Correct {var} in the environment: it is written like 60/m/user,300/m/ip."
            )
        return found

    def log_level(self, var: str, *, default: str) -> str:
        found: str = self.str(var, default=default)
        if found not in logging.getLevelNamesMapping():
            raise ImproperlyConfigured(
                f"Correct {var} in the environment: DEBUG, INFO, WARNING or ERROR."
            )
        return found

    def address(self, var: str, *, default: str) -> str:
        """Return an email address, which may have a name: Board <training@example.org>."""
        found: str = self.str(var, default=default)
        if not SENDER.fullmatch(found):
            raise ImproperlyConfigured(f"Correct {var} in the environment: not an email address.")
        return found

    def file(self, var: str) -> str:
        """Return the path of a file that is there; empty where the variable is not set."""
        found: str = self.str(var, default="")
        if found and not Path(found).is_file():
            raise ImproperlyConfigured(f"Correct {var} in the environment: no file is at {found}.")
        return found

    def email_url(self, var: str = "EMAIL_URL", *args: Any, **kwargs: Any) -> Any:
        if not self.str(var, default="smtp://").startswith(MAIL_SERVERS):
            raise ImproperlyConfigured(
                f"Correct {var} in the environment: it begins with smtp://, smtp+tls:// or"
                " smtp+ssl://."
            )
        try:
            return super().email_url(var, *args, **kwargs)
        except ValueError as error:
            raise ImproperlyConfigured(f"Correct {var} in the environment: {error}.") from error

    def cache_url(self, var: str = "CACHE_URL", *args: Any, **kwargs: Any) -> Any:
        try:
            return super().cache_url(var, *args, **kwargs)
        except (ImproperlyConfigured, ValueError, KeyError) as error:
            raise ImproperlyConfigured(
                f"Correct {var} in the environment: it begins with dbcache:// or rediscache://."
            ) from error

    email, cache = email_url, cache_url

    def db_url(self, var: str = "DATABASE_URL", *args: Any, **kwargs: Any) -> Any:
        try:
            found = super().db_url(var, *args, **kwargs)
        except (ValueError, KeyError) as error:
            raise _no_database(var) from error
        if found.get("ENGINE") not in ENGINES:
            raise _no_database(var)
        return found

    db = db_url


YES_OR_NO = {"", *environ.Env.BOOLEAN_TRUE_STRINGS, "false", "off", "no", "n", "0"}
RATE = re.compile(r"[1-9]\d*/\d*[smhd]/(?:user|ip|key)")
SENDER = re.compile(r"(?:[^<>]+<)?[^<>@\s]+@[^<>@\s]+>?")
MAIL_SERVERS = tuple(f"{scheme}://" for scheme in environ.Env.EMAIL_SCHEMES)
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
