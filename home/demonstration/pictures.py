"""Draw the pictures on the demonstration's pages, as none are delivered with it."""

import io

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw, ImageFont
from wagtail.images import get_image_model

from lms.printing import fonts

ACCENT, INK = "#0b5563", "#1d2625"
TINTS = ["#e9f2f1", "#cfe3e3", "#a9cdcf", "#0b5563"]
TIERS = [
    "Tier 1\nuniversal",
    "Tier 2\nearly help",
    "Tier 3\ntargeted\nearly help",
    "Tier 4\nstatutory",
]
WIDTH, HEIGHT, BOX, GAP, FOOT = 1200, 680, 270, 30, 540


def with_picture(value):
    """Replace a named picture in a block's value by its id, drawing it the first time."""
    title = value["image"]["title"]
    pictures = get_image_model().objects
    picture = pictures.filter(title=title).first() or pictures.create(
        title=title, file=ContentFile(levels_of_help(), "levels-of-help.png")
    )
    shown = {"image": picture.pk, "decorative": False, "alt_text": value["image"]["alt_text"]}
    return value | {"image": shown}


def levels_of_help() -> bytes:
    """Draw four rising steps, with an arrow for stepping up and one for stepping down."""
    picture = Image.new("RGBA", (WIDTH, HEIGHT))
    pen = ImageDraw.Draw(picture)
    for position, (words, tint) in enumerate(zip(TIERS, TINTS, strict=True)):
        left, top = 15 + position * (BOX + GAP), 290 - position * 70
        pen.rounded_rectangle((left, top, left + BOX, FOOT), 14, fill=tint, outline=ACCENT, width=3)
        colour = "white" if tint == ACCENT else INK
        middle = (left + BOX / 2, (top + FOOT) / 2)
        pen.multiline_text(middle, words, colour, face(40), anchor="mm", align="center", spacing=12)
    arrow(pen, (40, 235), (880, 39))
    pen.text((40, 100), "Step up", ACCENT, face(44, bold=True))
    arrow(pen, (WIDTH - 40, 585), (40, 585))
    pen.text((WIDTH / 2, 664), "Step down", ACCENT, face(44, bold=True), anchor="md")
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def face(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(fonts.truetype(fonts.FIRST, bold)), size)


def arrow(pen, start, end) -> None:
    (x, y), (to_x, to_y) = start, end
    pen.line((start, end), ACCENT, 6)
    length = ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5
    along = (to_x - x) / length * 26, (to_y - y) / length * 26
    foot = to_x - along[0], to_y - along[1]
    across = -along[1] / 2, along[0] / 2
    pen.polygon(
        [
            end,
            (foot[0] + across[0], foot[1] + across[1]),
            (foot[0] - across[0], foot[1] - across[1]),
        ],
        ACCENT,
    )
