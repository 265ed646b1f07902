"""Make modules as editors write them, for tests."""

import hashlib
import uuid

from django.core.files.uploadedfile import SimpleUploadedFile

from elearning.authoring import issuing, recordings
from elearning.models import Module, VersionFile
from protocols.drafts.copies import FILES

MP4 = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2mp41" + bytes(range(256)) * 2000
VTT = "WEBVTT\n\n00:00.000 --> 00:02.000\nA door opens.\n"
GIFT = "::Signs::What is a sign? {=Bruises ~A new coat}\n\nTalking helps. {T}\n"


def lesson(title, text="<p>What to look for.</p>", minutes=5, **more):
    body = [{"type": "section", "value": {"heading": "Signs", "text": text}}]
    value = {"title": title, "minutes": minutes, "body": body}
    return {"type": "lesson", "id": str(uuid.uuid4()), "value": value | more}


def scenario(title="A new neighbour"):
    def choice(text, goes_to=None):
        return {"text": text, "consequence": f"<p>After {text.lower()}.</p>", "goes_to": goes_to}

    situations = [
        {
            "title": "The first visit",
            "text": "<p>Nobody opens.</p>",
            "choices": [choice("Call again", 2), choice("Do nothing")],
        },
        {
            "title": "The second visit",
            "text": "<p>Somebody opens.</p>",
            "choices": [choice("Ask"), choice("Leave")],
        },
    ]
    value = {"title": title, "minutes": 3, "introduction": "", "situations": situations}
    return {"type": "scenario", "id": str(uuid.uuid4()), "value": value}


def single(text, right="Yes", wrong=("No",), **more):
    options = [{"text": right, "is_right": True, "feedback": "That is so."}]
    options += [{"text": each, "is_right": False, "feedback": "Not so."} for each in wrong]
    return question("single", text, options=options, **more)


def question(kind, text, **value):
    value = {"text": f"<p>{text}</p>", "feedback": "", "lesson": ""} | value
    return {"type": kind, "id": str(uuid.uuid4()), "value": value}


def pool(questions, draws=None, outcome="Know the signs"):
    value = {"outcome": outcome, "draws": draws or len(questions), "questions": questions}
    return {"type": "pool", "id": str(uuid.uuid4()), "value": value}


def make_module(code="early-help", *, content=None, pools=None, **fields):
    """Make a module of two lessons, with a check of four questions unless `pools` says."""
    if pools is None:
        pools = [pool([single(f"Question {n}?", lesson="Noticing") for n in range(1, 5)])]
    module = Module(
        **{
            "code": code,
            "title": "Early Help",
            "summary": "How Early Help works.",
            "minutes": 30,
            "content": content or [lesson("Noticing"), lesson("Asking")],
            "check_questions": pools,
        }
        | fields
    )
    # A stream is read as the database has it.
    for name in ("content", "check_questions"):
        field = Module._meta.get_field(name)
        setattr(module, name, field.stream_block.to_python(getattr(module, name)))
    module.save()
    return module


def make_issued(code="early-help", *, by, **fields):
    """Make a module with one issued version; return that version."""
    return issuing.issue(make_module(code, **fields), by=by, what_changed="First version.")


def make_file(version, content=b"PNG", name="picture.png", content_type="image/png"):
    """Make a file of a version, as issuing keeps it."""
    return VersionFile.objects.create(
        version=version,
        name=name,
        content_type=content_type,
        file=FILES.write(content),
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
    )


def recording_file(content=MP4, name="visit.mp4"):
    return SimpleUploadedFile(name, content)


def make_recording(title="A visit", content=MP4, captions=VTT, transcript="", by="TEST"):
    file = recording_file(content)
    return recordings.add(title, file, captions=captions, transcript=transcript, by=by)
