"""Keep files in an object store that speaks S3's protocol, for sites of more than one machine.

Needs requirements-s3.txt. Every error becomes one of ours: `Missing` for an object that is not
there, `Unavailable` for a store that does not answer or refuses us.
"""

from __future__ import annotations

import logging
import tempfile
import threading
from contextlib import contextmanager
from functools import lru_cache
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from django.core.files.storage import storages
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3Storage
from storages.utils import clean_name

from lms.storage.content_store import IN_MEMORY, Missing, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.core.files.storage import Storage

logger = logging.getLogger(__name__)

# A page waits for this, and a browser for the page.
CONFIG = {"connect_timeout": 3, "read_timeout": 15, "retries": {"max_attempts": 2}}
# Seconds for which nobody else waits for a store that did not answer.
AWAY_FOR = 5.0
NOT_FOUND = 404
IS_THERE = ("PreconditionFailed", "ConditionalRequestConflict")

_away_until = 0.0
_making = threading.Lock()


class ObjectStorage(S3Storage):
    """Files of one alias, in a folder of a bucket whose objects nobody else may read.

    `base_url` is where the site itself gives them out; without one they have no address.
    """

    def __init__(self, *, alias: str, base_url: str | None = None, **options: Any) -> None:
        self.alias, self.base_url = alias, base_url
        # "path": a store of our own has no name of its own for each bucket.
        style = {"addressing_style": "path" if options.get("endpoint_url") else "auto"}
        config = Config(**CONFIG, s3=style, signature_version="s3v4")
        super().__init__(**{"client_config": config} | options)

    def deconstruct(self) -> tuple[str, list[str], dict[str, Any]]:
        """Name the storage by its alias: Wagtail writes this into a task, where no key may be."""
        return f"{__name__}.storage_of", [self.alias], {}

    @property
    def connection(self) -> Any:
        # Making one is not safe in several threads; using one is not either, so each has its own.
        with _making:
            return super().connection

    def _create_session(self) -> boto3.Session:
        """Share what each connection would load again: 10 MB for each thread and alias."""
        return _session(self.access_key, self.secret_key)

    def _open(self, name: str, mode: str = "rb") -> File:
        """Fetch the whole object, so that a store that breaks off is noticed before it is sent."""
        if mode != "rb":
            raise ValueError("An object is read as bytes, and written by `save`.")
        copy = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  (its caller closes it)
        try:
            with _reached(name):
                answer = self._client.get_object(**self._where(name))
                for piece in answer["Body"].iter_chunks(IN_MEMORY):
                    copy.write(piece)
        except BaseException:
            copy.close()
            raise
        copy.seek(0)
        return File(copy, name)

    def _save(self, name: str, content: File) -> str:
        """Write an object at once; one that must not replace another gets a name that is free."""
        name, data = clean_name(name), content.read()
        more: dict[str, Any] = self._get_write_parameters(name, content)
        if not self.file_overwrite:
            more["IfNoneMatch"] = "*"
        while True:
            try:
                with _reached(name):
                    self._client.put_object(**self._where(name), Body=data, **more)
            except FileExistsError:
                name = self.get_available_name(name)
            else:
                return name

    def delete(self, name: str) -> None:
        """Delete an object; a store that is away leaves it to a task, as the row is gone by now."""
        try:
            self.delete_now(name)
        except Unavailable:
            from lms.storage.deleting import delete_again

            delete_again.enqueue(self.alias, name)

    def delete_now(self, name: str) -> None:
        with _reached(name):
            self._client.delete_object(**self._where(name))

    def exists(self, name: str) -> bool:
        with _reached(name):
            return super().exists(name)

    def size(self, name: str) -> int:
        with _reached(name):
            return self._client.head_object(**self._where(name))["ContentLength"]

    def get_modified_time(self, name: str) -> datetime:
        with _reached(name):
            return self._client.head_object(**self._where(name))["LastModified"]

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        with _reached(path):
            return super().listdir(path)

    def sizes(self) -> Iterator[tuple[str, int]]:
        """Yield the name and size of each object, a thousand for one question."""
        start = f"{self.location.strip('/')}/"
        with _reached(start):
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.bucket_name, Prefix=start):
                for each in page.get("Contents", ()):
                    yield each["Key"].removeprefix(start), each["Size"]

    def url(self, name: str, *args: Any, **options: Any) -> str:
        """Return the address at which the site gives the file out, to those who may have it."""
        if self.base_url is None:
            raise ValueError("This file is not accessible via a URL.")
        return urljoin(self.base_url, filepath_to_uri(name))

    @property
    def _client(self) -> Any:
        return self.connection.meta.client

    def _where(self, name: str) -> dict[str, str]:
        return {"Bucket": self.bucket_name, "Key": self._normalize_name(clean_name(name))}


def storage_of(alias: str) -> Storage:
    """Return the storage that `deconstruct` has named."""
    return storages[alias]


@lru_cache
def _session(key: str | None, secret: str | None) -> boto3.Session:
    return boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret)


@contextmanager
def _reached(name: str) -> Iterator[None]:
    """Raise an error of ours for one of the store's."""
    global _away_until
    if monotonic() < _away_until:
        raise Unavailable("The file store did not answer a moment ago.")
    try:
        yield
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        code = error.response.get("Error", {}).get("Code")
        if status == NOT_FOUND and code != "NoSuchBucket":
            raise Missing(f"There is no object {name}.") from error
        if code in IS_THERE:
            raise FileExistsError(f"There is an object {name}.") from error
        logger.error("The file store refused %s: %s", name, error)
        raise Unavailable(f"The file store refused {name}: {code}") from error
    except (BotoCoreError, Boto3Error) as error:
        _away_until = monotonic() + AWAY_FOR
        logger.error("The file store was not reached for %s: %s", name, error)
        raise Unavailable(f"The file store was not reached: {type(error).__name__}") from error
