"""Read the HTML that Word, Word Online, Google Docs, LibreOffice or a browser copies."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from lms.pasting import styles, tables
from lms.pasting.pieces import (
    Heading,
    Item,
    Paragraph,
    Pasted,
    Piece,
    Run,
    inline_of,
    text_of,
)
from lms.pasting.styles import Sheet, Style

HEADINGS = {f"h{level}": level for level in range(1, 7)}
BLOCKS = {
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "header",
    "hr",
    "html",
    "legend",
    "main",
    "nav",
    "p",
    "pre",
    "section",
    "summary",
}
UNSEEN = {"colgroup", "head", "link", "meta", "o:p", "script", "style", "template", "title", "xml"}
PICTURES = {"canvas", "img", "picture", "svg", "v:imagedata"}
OTHER_MEDIA = {"audio", "embed", "iframe", "math", "object", "video"}
CONTROLS = {"button", "input", "select", "textarea"}
STRUCK = {"s", "strike"}
LINKS = ("http", "https", "mailto", "tel")

_WORD_LIST = re.compile(r"(l\d+)\s+level(\d+)\s+lfo\d+")
_NUMBER = re.compile(r"\(?([0-9]+(?:\.[0-9]+)*|[ivxlc]+|[a-z]{1,2})[.):]|[0-9]+(?:\.[0-9]+)*", re.I)


@dataclass(frozen=True)
class Look:
    bold: bool = False
    italic: bool = False
    href: str = ""


@dataclass
class Place:
    """The item of a list that is being read; what follows its first line is part of it."""

    depth: int
    numbered: bool
    begun: bool = False


def read_clipboard(html: str) -> Pasted:
    """Return the pieces of copied HTML. Never fails: what is no HTML is a paragraph."""
    pasted = Pasted()
    text = re.sub(r"[\0\x01-\x08\x0b\x0c\x0e-\x1f]", "", html)
    # Between these Word writes what only browsers see: markers of lists, pictures.
    text = re.sub(r"<!\[[^>]*\]>", "", text)
    if not re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL).strip():
        return pasted
    try:
        page = document_fromstring(text, parser=HTMLParser(encoding="utf-8", huge_tree=True))
    except etree.LxmlError:
        return pasted
    reader = Reader(Sheet.of_page(page), pasted)
    reader.read_block(page, Look())
    return pasted


class Reader:
    """Reads elements in their order; `pasted` receives their pieces."""

    def __init__(self, sheet: Sheet, pasted: Pasted) -> None:
        self.sheet = sheet
        self.pasted = pasted
        self.line: list[Run] = []
        self.place: Place | None = None
        self.last_list = ""

    # Blocks

    def read_block(self, element: HtmlElement, look: Look) -> None:
        self.end_line()
        self.read_children(element, look)
        self.end_line()

    def read_children(self, element: HtmlElement, look: Look) -> None:
        self.write(element.text, look)
        for child in element:
            if isinstance(child.tag, str):
                self.read_element(child, look)
            self.write(child.tail, look)

    def read_element(self, element: HtmlElement, look: Look) -> None:
        tag, style = str(element.tag).lower(), self.sheet.style_of(element)
        if self.is_left_out(element, tag, style):
            return
        look = self.look_of(tag, style, element, look)
        level = level_of(element, tag, style)
        if level:
            self.read_heading(element, level)
        elif tag == "table":
            self.end_line()
            found = tables.read_table(element, self.sheet, self.read_apart)
            self.pasted.left_out.update(found.left_out)
            self.pasted.pieces += found.pieces
        elif tag in ("ul", "ol"):
            self.read_list(element, tag, look)
        elif tag == "li":
            self.read_item(element, element.getparent(), 0, look)
        elif word := _WORD_LIST.search(style.get("mso-list", "")):
            self.read_word_item(element, word[1], int(word[2]), look)
        elif tag in BLOCKS:
            self.read_block(element, look)
        elif tag == "br":
            self.line.append(Run("\n", look.bold, look.italic, look.href))
        else:
            self.read_children(element, look)

    def is_left_out(self, element: HtmlElement, tag: str, style: Style) -> bool:
        """Say whether nothing of the element is kept, and count what editors should know of."""
        lost = self.pasted.left_out
        if tag in UNSEEN or style.get("mso-list", "").lower() == "ignore":
            return True
        if tag in PICTURES:
            lost["pictures"] += 1
        elif tag in OTHER_MEDIA:
            lost["media"] += 1
        elif tag in CONTROLS:
            lost["controls"] += tag != "input" or element.get("type") != "hidden"
        elif "MsoCommentReference" in (element.get("class") or "").split():
            lost["comments"] += 1
        elif style.get("mso-element") in ("comment-list", "comment"):
            listed = [e for e in element.iter() if "mso-element:comment" in (e.get("style") or "")]
            lost["comments"] = max(lost["comments"], len(listed) - 1, 1)
        elif tag == "del":
            lost["deleted"] += bool(element.text_content().strip())
        elif styles.is_hidden(style):
            lost["hidden"] += bool(element.text_content().strip())
        elif re.search(r"MsoToc\d|MsoTof", element.get("class") or ""):
            lost["contents"] += 1
        else:
            if (tag in STRUCK or styles.is_struck(style)) and element.text_content().strip():
                lost["struck"] += 1
            return False
        return True

    def look_of(self, tag: str, style: Style, element: HtmlElement, outer: Look) -> Look:
        # The style of an item is its marker's.
        style = {} if tag == "li" else style
        href = address_of(element.get("href")) if tag == "a" else ""
        return replace(
            outer,
            bold=styles.is_bold(style, outer.bold or tag in ("b", "strong", "th")),
            italic=styles.is_italic(style, outer.italic or tag in ("i", "em", "cite")),
            href=href or outer.href,
        )

    def read_heading(self, element: HtmlElement, level: int) -> None:
        self.end_line()
        parts = [self.marker_of(element), *map(text_of, self.read_apart(element))]
        text = re.sub(r"\s+", " ", " ".join(parts)).strip()
        if text:
            self.pasted.pieces.append(Heading(level, text))

    def read_apart(self, element: HtmlElement) -> list[Piece]:
        """Return the pieces of an element alone, such as a cell."""
        pasted = Pasted(left_out=self.pasted.left_out)
        style = {} if level_of(element, str(element.tag), {}) else self.sheet.style_of(element)
        look = Look(styles.is_bold(style, False), styles.is_italic(style, False))
        Reader(self.sheet, pasted).read_block(element, look)
        return pasted.pieces

    # Lists

    def read_list(self, element: HtmlElement, tag: str, look: Look) -> None:
        self.end_line()
        outer = self.place
        depth = outer.depth + 1 if outer else 0
        self.notice_numbers(element, tag)
        for child in element:
            if not isinstance(child.tag, str):
                continue
            name = child.tag.lower()
            if name == "li":
                self.read_item(child, element, depth, look)
            elif name in ("ul", "ol"):  # Google's editors write a list below a list.
                self.place = Place(depth, tag == "ol", begun=True)
                self.read_list(child, name, look)
            else:
                self.read_element(child, look)
            self.end_line()
        self.place = outer

    def read_item(
        self, element: HtmlElement, parent: HtmlElement | None, depth: int, look: Look
    ) -> None:
        self.end_line()
        outer = self.place
        said = element.get("aria-level") or element.get("data-aria-level") or ""
        numbered = parent is not None and parent.tag == "ol"
        self.place = Place(int(said) - 1 if said.isdigit() and said > "0" else depth, numbered)
        self.read_children(element, look)
        self.end_line()
        self.place = outer

    def read_word_item(self, element: HtmlElement, name: str, level: int, look: Look) -> None:
        """Read a paragraph that Word shows as an item: its marker is text that is to be ignored."""
        self.end_line()
        marker = self.marker_of(element)
        if marker:
            numbered = bool(_NUMBER.fullmatch(marker))
        else:
            drawn = self.sheet.of_list_level.get((name, level))
            numbered = drawn is not None and drawn.get("mso-level-number-format") != "bullet"
        if name != self.last_list and numbered and level == 1:
            self.pasted.left_out["renumbered"] += marker.strip("().:") not in ("", "1")
        self.last_list = name
        outer, self.place = self.place, Place(level - 1, numbered)
        self.read_children(element, look)
        self.end_line(of_list=True)
        self.place = outer

    def notice_numbers(self, element: HtmlElement, tag: str) -> None:
        """Count a list that begins with another number than 1, or whose items have letters."""
        if tag != "ol":
            return
        last = self.pasted.pieces[-1] if self.pasted.pieces else None
        # Word Online writes each item as a list of its own, which starts where the last ended.
        goes_on = isinstance(last, Item) and last.numbered
        kind = self.sheet.style_of(element).get("list-style-type", "decimal")
        lettered = (element.get("type") or "1") != "1" or "alpha" in kind or "roman" in kind
        if not goes_on and (element.get("start", "1") != "1" or (lettered and not self.place)):
            self.pasted.left_out["renumbered"] += 1

    def marker_of(self, element: HtmlElement) -> str:
        for each in element.iter("span", "font"):
            if self.sheet.style_of(each).get("mso-list", "").lower() == "ignore":
                return re.sub(r"\s+", " ", each.text_content()).strip()
        return ""

    # Lines

    def write(self, text: str | None, look: Look) -> None:
        if text:
            flat = re.sub(r"\s+", " ", text)
            self.line.append(Run(flat, look.bold, look.italic, look.href))

    def end_line(self, of_list: bool = False) -> None:
        """Make a piece of what was read since the last one, if there is anything."""
        inline = inline_of(self.line)
        self.line.clear()
        if not inline.text:
            return
        pieces, place = self.pasted.pieces, self.place
        if not of_list:
            self.last_list = ""
        if place is None:
            pieces.append(Paragraph(inline))
        elif place.begun and pieces and isinstance(item := pieces[-1], Item):
            more = (*item.inline.runs, Run("\n"), *inline.runs)
            pieces[-1] = replace(item, inline=inline_of(more))
        else:
            pieces.append(Item(inline, place.depth, place.numbered))
            place.begun = True


def level_of(element: HtmlElement, tag: str, style: Style) -> int:
    """Return the level of a heading, however it is written; 0 where it is none."""
    if tag in HEADINGS:
        return HEADINGS[tag]
    if element.get("role") == "heading":
        said = element.get("aria-level") or "2"
        return min(int(said), 6) if said.isdigit() and said > "0" else 2
    if tag not in ("p", "div"):
        return 0
    names = element.get("class") or ""
    if "MsoTitle" in names.split():
        return 1
    named = re.search(r"\bMsoHeading([1-9])", names)
    outline = re.fullmatch(r"[1-9]", style.get("mso-outline-level", ""))
    found = named[1] if named else outline[0] if outline else "0"
    return min(int(found), 6)


def address_of(href: str | None) -> str:
    """Return the address of a link that leads somewhere from a page here, or ""."""
    href = (href or "").strip()
    try:
        scheme = urlsplit(href).scheme.lower()
    except ValueError:
        return ""
    if scheme in LINKS:
        return href
    return href if href.startswith("/") and not href.startswith("//") else ""
