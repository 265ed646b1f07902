"""Adapt an edition's HTML for print: no controls, absolute links, embedded pictures."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Sequence
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag
from django.conf import settings
from PIL import Image

from lms.printing.pictures import on_white
from protocols.drafts import copies
from protocols.models import EditionFile

ONLY_ON_A_SCREEN = "button, svg, .screen-only, .indicators__link, .govuk-warning-text__icon"
# Lists on screen whose items have a heading or line on paper, and so need no bullets.
NO_LIST = ".flow, .flow__step, .flow__facts, .contacts, .contacts__item, .figures, .figures__item"
# Largest picture, in pixels of which a page is 640 wide; leaves room for its caption.
WIDEST, TALLEST = 580, 720
# A table with more columns is printed with the cells of a row below one another: a long word would
# run into the next column.
MOST_COLUMNS = 6


def laid_out(html: str, files: Iterable[EditionFile]) -> str:
    """Return the HTML for print, with the same words in the same order."""
    page = BeautifulSoup(html, "html.parser")
    for each in page.select(ONLY_ON_A_SCREEN):
        each.decompose()
    for table in page.select("table.indicators__table"):
        table.replace_with(*as_lists(table, page))
    for table in page.select(".page-table table"):
        if len(table.select("tr")[-1].find_all("td")) > MOST_COLUMNS:
            table.replace_with(*rows_below_each_other(table, page))
    for each in page.select(NO_LIST):
        each.name = "div"
    for parts in [each.select("li") for each in page.select(".flow__facts")]:
        in_one_line(parts, page)
    for parts in [each.select(".contacts__way") for each in page.select(".contacts__item")]:
        in_one_line(parts, page)
    for warning in page.select(".govuk-warning-text .govuk-visually-hidden"):
        warning.string = "Warning:"
    for age in page.select(".indicators__age"):
        age.insert(0, "(")
        age.append(")")
    lead_to_the_site(page)
    kept = {file.mark: file for file in files}
    for picture in page.find_all("img"):
        drawn(picture, kept)
    return str(page)


def in_one_line(parts: Sequence[Tag], page: BeautifulSoup) -> None:
    """Merge the parts into one paragraph, separated by visible space."""
    line = page.new_tag("p", attrs={"class": "line"})
    for part in parts[:1]:
        part.insert_before(line)
    for part in parts:
        line.extend(["\u00a0\u00a0\u00a0 "] if line.contents else [])
        part.name = "span"
        line.append(part)


def as_lists(table: Tag, page: BeautifulSoup) -> Iterable[Tag]:
    """Yield the indicators table as headings and lists: columns would be too narrow on paper."""
    for row in table.select("tbody tr"):
        domain = page.new_tag("h3")
        domain.extend(row.select("th")[0].contents)
        yield domain
        for cell in row.find_all("td"):
            tier = page.new_tag("h4")
            tier.extend(cell.select(".indicators__of")[0].extract().contents)
            yield tier
            yield from cell.select("ul, p")


def rows_below_each_other(table: Tag, page: BeautifulSoup) -> Iterable[Tag]:
    """Yield the caption, and each row as its cells below one another, with their headings."""
    for caption in table.select("caption"):
        caption.name = "h3"
        yield caption
    for row in table.select("tbody tr"):
        block = page.new_tag("div", attrs={"class": "row"})
        for cell in row.find_all("td", recursive=False):
            if heading := str(cell.get("data-of", "")):
                named = page.new_tag("p")
                named.append(page.new_tag("b", string=f"{heading}:"))
                block.append(named)
            cell.name = "div"
            block.append(cell)
        yield block


def lead_to_the_site(page: BeautifulSoup) -> None:
    for link in page.find_all("a"):
        address = str(link.get("href", ""))
        if address.startswith("/"):
            link["href"] = urljoin(settings.SITE_URL, address)
        elif ":" not in address:
            link.unwrap()
    for each in page.find_all(id=True):
        del each["id"]


def drawn(tag: Tag, files: dict[str, EditionFile]) -> None:
    """Embed the edition's largest copy, fitted to the page, as a JPEG on white."""
    named = [*str(tag.get("src", "")).split("/"), *str(tag.get("srcset", "")).split("/")]
    marks = [each for each in named if each in files]
    if not marks:
        tag.decompose()
        return
    with Image.open(io.BytesIO(copies.read(files[marks[-1]]))) as picture:
        sheet = on_white(picture.convert("RGBA"))
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=85, subsampling=0, optimize=True)
    scale = min(1, WIDEST / sheet.width, TALLEST / sheet.height)
    data = base64.b64encode(out.getvalue()).decode()
    tag.attrs = {
        "src": f"data:image/jpeg;base64,{data}",
        "width": str(round(sheet.width * scale)),
        "height": str(round(sheet.height * scale)),
    }
