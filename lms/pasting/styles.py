"""Read what style sheets and style attributes of a copied text say that matters to a page."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml.html import HtmlElement

_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_CLASS = re.compile(r"^[a-zA-Z0-9]*\.([\w-]+)$")
_LIST_LEVEL = re.compile(r"@list\s+(l\d+):level(\d+)$")

Style = dict[str, str]


def declarations(text: str) -> Style:
    """Return the properties of a style attribute or a rule, with names in small letters."""
    pairs = [each.partition(":") for each in text.split(";")]
    return {name.strip().lower(): value.strip() for name, _, value in pairs if value.strip()}


@dataclass
class Sheet:
    """Rules of a text for classes, and for levels of Word's lists."""

    of_class: dict[str, Style] = field(default_factory=dict)
    of_list_level: dict[tuple[str, int], Style] = field(default_factory=dict)

    @classmethod
    def of_page(cls, page: HtmlElement) -> Sheet:
        sheet = cls()
        for style in page.iter("style"):
            for selectors, body in _RULE.findall(_COMMENT.sub(" ", style.text_content())):
                for selector in map(str.strip, selectors.split(",")):
                    sheet._keep(selector, declarations(body))
        return sheet

    def _keep(self, selector: str, style: Style) -> None:
        if named := _CLASS.match(selector):
            self.of_class.setdefault(named[1], {}).update(style)
        if level := _LIST_LEVEL.match(selector):
            self.of_list_level[level[1], int(level[2])] = style

    def style_of(self, element: HtmlElement) -> Style:
        style: Style = {}
        for name in (element.get("class") or "").split():
            style |= self.of_class.get(name, {})
        return style | declarations(element.get("style") or "")


def is_bold(style: Style, inherited: bool) -> bool:
    """Say whether the style is bold; `inherited` where it does not say."""
    weight = style.get("font-weight", "").lower()
    if weight.isdigit():
        return int(weight) >= 600
    return weight in ("bold", "bolder") if weight and weight != "inherit" else inherited


def is_italic(style: Style, inherited: bool) -> bool:
    slant = style.get("font-style", "").lower()
    return slant in ("italic", "oblique") if slant and slant != "inherit" else inherited


def is_hidden(style: Style) -> bool:
    return style.get("display") == "none" or style.get("mso-hide") == "all"


def is_struck(style: Style) -> bool:
    line = style.get("text-decoration", "") + style.get("text-decoration-line", "")
    return "line-through" in line


def is_coloured(style: Style) -> bool:
    """Say whether the background is of a colour other than white."""
    background = (style.get("background-color") or style.get("background") or "").lower()
    plain = ("", "transparent", "none", "initial", "inherit", "white", "#fff", "#ffffff", "auto")
    return background.replace(" ", "") not in (*plain, "rgb(255,255,255)", "rgba(0,0,0,0)")
