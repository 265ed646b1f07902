"""Run an S3 server beside a test, which can be stopped and started, and settings that name it."""

import logging
from contextlib import contextmanager

import boto3
from moto.server import ThreadedMotoServer

from lms.settings import files

BUCKET, REGION = "board-files", "eu-west-2"
KEY = {"key": "a-key", "secret": "a-secret-key"}


class ObjectStore:
    """An S3 server on this machine, with one bucket that keeps its objects while it is stopped."""

    def __init__(self):
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        self.port, self.server = 0, None
        self.start()
        here = {"LocationConstraint": REGION}
        self.client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=here)

    def start(self):
        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=self.port, verbose=False)
        self.server.start()
        _, self.port = self.server.get_host_and_port()

    def stop(self):
        self.server.stop()

    @contextmanager
    def away(self):
        """Let nobody reach it within the block."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def client(self):
        return boto3.client(
            "s3",
            endpoint_url=self.address,
            region_name=REGION,
            aws_access_key_id=KEY["key"],
            aws_secret_access_key=KEY["secret"],
        )

    @property
    def url(self):
        """Value of LMS_FILES_URL."""
        return f"s3://{BUCKET}/pilot?region={REGION}&endpoint={self.address}"

    @property
    def environment(self):
        return {
            "LMS_FILES_URL": self.url,
            "AWS_ACCESS_KEY_ID": KEY["key"],
            "AWS_SECRET_ACCESS_KEY": KEY["secret"],
        }

    @property
    def storages(self):
        return files.in_object_store(self.url, **KEY, media_url="/media/")

    def objects(self):
        """Return the name of each object and its bytes."""
        client = self.client
        found = client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return {
            each["Key"]: client.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read()
            for each in found
        }

    def empty(self):
        for name in self.objects():
            self.remove(name)

    def put(self, name, content):
        """Change an object behind the site's back."""
        self.client.put_object(Bucket=BUCKET, Key=name, Body=content)

    def remove(self, name):
        self.client.delete_object(Bucket=BUCKET, Key=name)
