"""Decide where files go: into folders of DATA_DIR, or into an object store for several machines."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.core.exceptions import ImproperlyConfigured

# Never below MEDIA_ROOT, and without an address: each is served by a view to those who may have it.
# Certificates; evidence of training elsewhere; handouts; files of versions of protocols;
# packages of online learning.
PRIVATE = ("certificates", "evidence", "materials", "editions", "packages")
# Pictures and documents of the back office, as Wagtail names them.
UPLOADS = "default"
OPTIONS = {"endpoint": "endpoint_url", "region": "region_name"}
EXAMPLE = "s3://BUCKET or s3://BUCKET/FOLDER, then ?region=eu-west-2 or ?endpoint=https://HOST"


def in_folders(data_dir: Path) -> dict[str, dict[str, Any]]:
    """Return the storages of one machine, whose files lie in folders of DATA_DIR."""
    uploads = {"BACKEND": "lms.storage.durable_files.UploadsFileSystemStorage"}
    return {UPLOADS: uploads} | {
        alias: {
            "BACKEND": "lms.storage.durable_files.DurableFileSystemStorage",
            "OPTIONS": {"location": data_dir / alias},
        }
        for alias in PRIVATE
    }


def in_object_store(
    url: str, *, key: str, secret: str, media_url: str
) -> dict[str, dict[str, Any]]:
    """Return the storages in the bucket that `url` names, one folder for each.

    Without a key, boto3 finds its own: that of the machine's role. Raises ImproperlyConfigured.
    """
    parts = urlsplit(url)
    said = dict(parse_qsl(parts.query))
    if parts.scheme != "s3" or not parts.netloc or parts.username or said.keys() - OPTIONS.keys():
        raise ImproperlyConfigured(f"Correct LMS_FILES_URL in the environment: {EXAMPLE}.")
    if bool(key) != bool(secret):
        raise ImproperlyConfigured(
            "Set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither."
        )
    if not find_spec("storages") or not find_spec("boto3"):
        raise ImproperlyConfigured(
            "LMS_FILES_URL names an object store: pip install -r requirements-s3.txt."
        )
    options: dict[str, Any] = {OPTIONS[name]: value for name, value in said.items()}
    options |= {
        "bucket_name": parts.netloc,
        "access_key": key or None,
        "secret_key": secret or None,
    }

    def storage(alias: str, folder: str, **more: Any) -> dict[str, Any]:
        location = f"{parts.path.strip('/')}/{folder}".strip("/")
        return {
            "BACKEND": "lms.storage.object_store.ObjectStorage",
            "OPTIONS": options | {"alias": alias, "location": location} | more,
        }

    uploads = storage(UPLOADS, "media", base_url=media_url, file_overwrite=False)
    return {UPLOADS: uploads} | {alias: storage(alias, alias) for alias in PRIVATE}
