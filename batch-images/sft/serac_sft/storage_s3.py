"""A model's files below a prefix of an S3 bucket. Address and keys come from the environment, as every AWS SDK takes them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from boto3.exceptions import RetriesExceededError, S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

from serac_sft.disk import disk_errors, replacing
from serac_sft.failures import TrainingFailure
from serac_sft.storage import Missing, Stored

MEGABYTE = 1 << 20
TRANSFER = TransferConfig(multipart_threshold=64 * MEGABYTE, multipart_chunksize=64 * MEGABYTE, max_concurrency=8)
DENIED = frozenset(
    {
        "AccessDenied",
        "403",
        "Forbidden",
        "AllAccessDisabled",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "InvalidToken",
    }
    | {"AccountProblem", "KMS.AccessDeniedException", "InvalidObjectState"}
)
ABSENT = frozenset({"NoSuchKey", "404", "NotFound"})
# What another try does not mend.
LASTING = frozenset(
    {"NoSuchBucket", "InvalidBucketName", "PermanentRedirect", "EntityTooLarge", "MethodNotAllowed", "400"}
)


class S3Root:
    def __init__(self, address: str):
        bucket, _, prefix = address.removeprefix("s3://").partition("/")
        if bucket == "":
            raise TrainingFailure("storage_failed", f"{address} names no bucket.", "Allowed: s3://bucket/prefix/.")
        self.bucket = bucket
        self.prefix = prefix if prefix == "" or prefix.endswith("/") else f"{prefix}/"
        self.address = f"s3://{bucket}/{self.prefix}"
        retries: Any = {"mode": "standard", "total_max_attempts": int(os.environ.get("AWS_MAX_ATTEMPTS", "8"))}
        with self._errors("use", ""):
            self._client = boto3.client("s3", config=Config(retries=retries, max_pool_connections=16))

    def exists(self, key: str) -> bool:
        try:
            with self._errors("s3:GetObject", key):
                self._client.head_object(Bucket=self.bucket, Key=self.prefix + key)
            return True
        except Missing:
            return False

    def read(self, key: str) -> bytes:
        with self._errors("s3:GetObject", key):
            return self._client.get_object(Bucket=self.bucket, Key=self.prefix + key)["Body"].read()

    def write(self, key: str, content: bytes) -> None:
        with self._errors("s3:PutObject", key):
            self._client.put_object(Bucket=self.bucket, Key=self.prefix + key, Body=content)

    def list(self, prefix: str) -> list[Stored]:
        with self._errors("s3:ListBucket", prefix):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=self.prefix + prefix
            )
            found = [item for page in pages for item in page.get("Contents", [])]
        # A "folder" that a console made is an object without content.
        files = [item for item in found if not item["Key"].endswith("/")]
        stored = [Stored(item["Key"].removeprefix(self.prefix), item["Size"], item["ETag"]) for item in files]
        return sorted(stored, key=lambda each: each.key)

    def download(self, key: str, path: Path) -> None:
        with self._errors("s3:GetObject", key), disk_errors("write", path), replacing(path) as temporary:
            self._client.download_file(self.bucket, self.prefix + key, str(temporary), Config=TRANSFER)

    def upload(self, path: Path, key: str) -> None:
        with self._errors("s3:PutObject", key), disk_errors("read", path):
            self._client.upload_file(str(path), self.bucket, self.prefix + key, Config=TRANSFER)

    def delete(self, key: str) -> None:
        with self._errors("s3:DeleteObject", key):
            self._client.delete_object(Bucket=self.bucket, Key=self.prefix + key)

    def delete_prefix(self, prefix: str) -> None:
        if prefix == "":
            raise ValueError("the whole root is never deleted")
        for stored in self.list(prefix):
            self.delete(stored.key)

    @contextmanager
    def _errors(self, action: str, key: str) -> Iterator[None]:
        try:
            yield
        except (ClientError, S3UploadFailedError, BotoCoreError, RetriesExceededError) as error:
            raise self._failure(action, key, error) from error

    def _failure(self, action: str, key: str, error: Exception) -> TrainingFailure:
        if isinstance(error, S3UploadFailedError) and isinstance(error.__context__, Exception):
            error = error.__context__
        what = f"{action} on {self.address}{key}"
        if isinstance(error, (NoCredentialsError, PartialCredentialsError)):
            return TrainingFailure(
                "storage_denied", f"There are no AWS keys for {what}.", "Set AWS_PROFILE or AWS_ACCESS_KEY_ID."
            )
        if not isinstance(error, ClientError):
            return TrainingFailure("storage_failed", f"{what}: {error}", passes=True)
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        message = f"{what} was answered with {code}: {error.response.get('Error', {}).get('Message', '')}"
        if code in ABSENT:
            return Missing(self.address, key)
        if code in DENIED:
            return TrainingFailure("storage_denied", message, f"The role of the trainer needs {action} on this key.")
        lasts = code in LASTING or (400 <= status < 500 and code not in {"ExpiredToken", "RequestTimeout", "SlowDown"})
        return TrainingFailure("storage_failed", message, passes=not lasts)
