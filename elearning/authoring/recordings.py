"""Add recordings and change what goes with them; tell what kind of file one is by its content."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction

from elearning.models import Recording
from history import records
from lms.refused import Refused
from protocols.drafts.copies import FILES

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from agencies.models import Person

ENDINGS = {"video/mp4": ".mp4", "video/webm": ".webm", "audio/mpeg": ".mp3", "audio/mp4": ".m4a"}
MOST_CAPTIONS = 1024**2


class RecordingRefused(Refused):
    """A file that is no recording, or no captions; the message says why."""


def content_type_of(begins: bytes) -> str:
    """Return the type of a recording by its first bytes; empty for anything else."""
    if begins[4:8] == b"ftyp":
        return "audio/mp4" if begins[8:11] in (b"M4A", b"M4B") else "video/mp4"
    if begins.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in begins[:64]:
        return "video/webm"
    # Without tags an MP3 begins with a frame of layer III.
    if begins.startswith(b"ID3") or (
        begins[:1] == b"\xff" and begins[1:2] and begins[1] & 0xE6 == 0xE2
    ):
        return "audio/mpeg"
    return ""


def refuse_unless_recording(file: UploadedFile) -> str:
    """Return the type of an uploaded recording. Raises RecordingRefused."""
    most = settings.LMS_RECORDING_MB
    if (file.size or 0) > most * 1024**2:
        raise RecordingRefused(
            f"This file is larger than {most} MB. Save it smaller and upload that"
        )
    begins = file.read(512)
    file.seek(0)
    kind = content_type_of(begins)
    if not kind:
        raise RecordingRefused(
            "This is not a video or sound that browsers play. Save it as MP4, WebM, MP3 or M4A"
        )
    return kind


def captions_in(content: bytes) -> str:
    """Return the text of a WebVTT file. Raises RecordingRefused."""
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise RecordingRefused("Save the captions as text in UTF-8") from error
    if not text.startswith("WEBVTT") or "-->" not in text:
        raise RecordingRefused("These are not captions in WebVTT: such a file begins with WEBVTT")
    if len(content) > MOST_CAPTIONS:
        raise RecordingRefused("This file is larger than 1 MB: captions are not")
    return text


@transaction.atomic
def add(
    title: str, file: UploadedFile, *, captions: str = "", transcript: str = "", by: Person
) -> Recording:
    """Store a recording under its digest, with its captions."""
    recording = Recording(title=title, transcript=transcript)
    recording.content_type = refuse_unless_recording(file)
    recording.sha256, recording.size = _digest(file), file.size or 0
    name = f"{recording.sha256[:2]}/{recording.sha256}{ENDINGS[recording.content_type]}"
    if not FILES.exists(name):
        name = FILES.storage.save(name, file)
    recording.file.name = name
    _keep(recording, captions)
    return records.save(recording, by=by)


@transaction.atomic
def change(
    recording: Recording, *, title: str, captions: str = "", transcript: str = "", by: Person
) -> Recording:
    """Change what goes with a recording; without captions those that it has stay."""
    recording.title, recording.transcript = title, transcript
    if captions:
        _keep(recording, captions)
    return records.save(recording, by=by)


def _keep(recording: Recording, captions: str) -> None:
    recording.captions = captions
    recording.captions_sha256 = ""
    if captions:
        content = captions.encode()
        FILES.write(content)
        recording.captions_sha256 = hashlib.sha256(content).hexdigest()


def _digest(file: UploadedFile) -> str:
    seen = hashlib.sha256()
    for piece in file.chunks():
        seen.update(piece)
    file.seek(0)
    return seen.hexdigest()


def why_not_ready(recording: Recording) -> list[str]:
    """List what a recording lacks for everybody to follow it."""
    lacks = []
    if recording.is_video and not recording.captions:
        lacks.append(f"The video ‘{recording.title}’ has no captions. Add them under Recordings.")
    if not recording.transcript.strip():
        lacks.append(f"‘{recording.title}’ has no transcript. Add it under Recordings.")
    return lacks


def files_of(recording: Recording) -> list[dict[str, Any]]:
    """List the fields of the files that a version keeps of a recording."""
    ending = ENDINGS[recording.content_type]
    files = [
        {
            "name": f"recording-{recording.sha256[:16]}{ending}",
            "content_type": recording.content_type,
            "file": str(recording.file),
            "sha256": recording.sha256,
            "size": recording.size,
        }
    ]
    if recording.captions:
        sha256 = recording.captions_sha256
        files.append(
            {
                "name": f"captions-{sha256[:16]}.vtt",
                "content_type": "text/vtt",
                "file": f"{sha256[:2]}/{sha256}",
                "sha256": sha256,
                "size": len(recording.captions.encode()),
            }
        )
    return files
