"""Make modules as editors write them, for tests."""

import uuid

from elearning.authoring import issuing
from elearning.models import Module


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
