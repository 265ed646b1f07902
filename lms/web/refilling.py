"""Put values back into a form of a finished page, whichever view and template made it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

PRESSED = {"submit", "button", "reset", "image"}
NEVER_FILLED = PRESSED | {"file", "password"}
MAIN = re.compile(r"<main\b[^>]*>")
NEVER_NAMED = "csrfmiddlewaretoken"
Values = Mapping[str, list[str]]


def refill(page: str, path: str, action: str, values: Values) -> tuple[str, list[str]] | None:
    """Return the page at `path` with these values in its form, and the text without a place in it.

    The form is the one that is sent to `action`; of several, the one with most of the values' names
    and hidden values. None if there is none.
    """
    soup = BeautifulSoup(page, "html.parser")
    forms = [form for form in soup.find_all("form") if _target(form, path) == action]
    forms = [form for form in forms if _likeness(soup, form, values)]
    if not forms:
        return None
    form = max(forms, key=lambda each: _likeness(soup, each, values))
    left = {name: list(each) for name, each in values.items()}
    for control in _controls(soup, form):
        _fill(control, left)
    return str(soup), [text for each in left.values() for text in each if _is_prose(text)]


def prose(values: Values) -> list[str]:
    """Return what somebody wrote in words, not what they chose or a page carried."""
    return [text for each in values.values() for text in each if _is_prose(text)]


def _target(form: Tag, path: str) -> str:
    """Return the path that a form is posted to; empty for a form that is not posted."""
    if str(form.get("method", "")).lower() != "post":
        return ""
    return urlsplit(urljoin(path, str(form.get("action") or path))).path


def _controls(soup: BeautifulSoup, form: Tag) -> list[Tag]:
    """Return the controls in the form, and those elsewhere that name it."""
    kinds = ["input", "textarea", "select", "button"]
    found = [each for each in form.find_all(kinds) if not each.get("form")]
    if known := form.get("id"):
        found += soup.find_all(kinds, attrs={"form": known})
    return [each for each in found if each.get("name") and not each.has_attr("disabled")]


def _likeness(soup: BeautifulSoup, form: Tag, values: Values) -> tuple[int, int]:
    """Count the hidden values that are the same, and the names; 0 of both is no likeness."""
    controls = _controls(soup, form)
    same = sum(_is_hidden(each) and [each.get("value")] == values.get(each["name"])
               for each in controls)  # fmt: skip
    return (same, len({str(each["name"]) for each in controls} & values.keys()))


def _is_hidden(control: Tag) -> bool:
    return control.name == "input" and control.get("type") == "hidden"


def _fill(control: Tag, left: dict[str, list[str]]) -> None:
    """Put its value into one control, and take that out of what is left."""
    name, kind = str(control["name"]), str(control.get("type", "text")).lower()
    if name == NEVER_NAMED:
        return
    if control.name == "button" or kind in NEVER_FILLED:
        left.pop(name, None)
    elif control.name == "select":
        _choose(control, left.get(name, []))
    elif kind in ("checkbox", "radio"):
        _mark(control, "checked", str(control.get("value", "on")), left.get(name, []))
    elif left.get(name):
        value = left[name].pop(0)
        if control.name == "textarea":
            control.string = "\n" + value
        else:
            control["value"] = value


def _choose(select: Tag, chosen: list[str]) -> None:
    for option in select.find_all("option"):
        said = option.get("value")
        _mark(option, "selected", option.get_text() if said is None else str(said), chosen)


def _mark(control: Tag, mark: str, value: str, chosen: list[str]) -> None:
    """Set or remove the mark of a choice."""
    del control[mark]
    if value in chosen:
        chosen.remove(value)
        control[mark] = mark


def _is_prose(text: str) -> bool:
    return len(text.split()) > 1 and not text.lstrip().startswith(("{", "["))


def with_notice(page: str, notice: str) -> str:
    """Return the page with a notice at the beginning of its main part."""
    opening = MAIN.search(page)
    at = opening.end() if opening else 0
    return page[:at] + notice + page[at:]
