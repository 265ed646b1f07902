"""How is a mail laid out: its subject, its text, and the HTML made from the text?"""

import re
from typing import Any

from django.apps import apps
from django.conf import settings
from django.template import Context, engines
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.html import escape, format_html, format_html_join, urlize
from django.utils.safestring import SafeString, mark_safe

LINK = "color:#0b5563;text-decoration:underline;"
BUTTON = (
    "display:inline-block;padding:12px 20px;background:#0b5563;color:#ffffff;"
    "font-weight:bold;text-decoration:none;border-radius:4px;"
)
CODE = "font-size:30px;line-height:40px;font-weight:bold;letter-spacing:3px;margin:0 0 20px;"
PARAGRAPH = "margin:0 0 20px;"


def board():
    return apps.get_model(settings.BOARD_MODEL).load()


def one_line(subject: str) -> str:
    """Without line breaks: a name in a subject must not begin another header."""
    return " ".join(subject.split())[:300]


def render(template: str, context: dict[str, Any]) -> tuple[str, str]:
    """The subject and the text of templates/emails/<template>.txt, in our language and time."""
    engine = engines["django"].engine  # type: ignore[attr-defined]
    told = {"site_url": settings.SITE_URL, "board": board(), **context}
    with translation.override(settings.LANGUAGE_CODE), timezone.override(settings.TIME_ZONE):
        page = engine.get_template(f"emails/{template}.txt")
        subject, _, text = page.render(Context(told, autoescape=False)).lstrip().partition("\n")
    return one_line(subject), tidy(text)


def tidy(text: str) -> str:
    """Never more than one empty line: what a template's conditions leave behind."""
    text = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def as_html(subject: str, text: str) -> str:
    """The same words as a page: paragraphs, lists, links that can be followed, a code in large."""
    parts = [_block(part) for part in re.split(r"\n\s*\n", text.strip())]
    return render_to_string(
        "emails/base.html",
        {
            "subject": subject,
            "body": format_html_join("\n", "{}", ((p,) for p in parts)),
            "board": board(),
            "site_url": settings.SITE_URL,
        },
    )


def _block(part: str) -> SafeString:
    lines = part.splitlines()
    if re.fullmatch(r"[A-Z0-9-]{6,12}", part):
        return format_html('<p style="{}">{}</p>', CODE, part)
    if all(line.startswith("- ") for line in lines):
        items = format_html_join("", "<li>{}</li>", ((_linked(line[2:]),) for line in lines))
        return format_html('<ul style="margin:0 0 20px;padding-left:20px;">{}</ul>', items)
    if button := re.fullmatch(r"([^\n:]{3,60}): ?\n?(https?://\S+)", part):
        words, address = button.groups()
        return format_html(
            '<p style="{}"><a href="{}" style="{}">{}</a></p>', PARAGRAPH, address, BUTTON, words
        )
    joined = mark_safe("<br>".join(_linked(line) for line in lines))  # noqa: S308
    return format_html('<p style="{}">{}</p>', PARAGRAPH, joined)


def _linked(line: str) -> SafeString:
    linked = urlize(escape(line), nofollow=False)
    return mark_safe(linked.replace("<a href=", f'<a style="{LINK}" href='))  # noqa: S308
