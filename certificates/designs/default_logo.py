"""Draw the default logo for boards that have none of their own.

It is the logo of the page header (styles/marks/mark.svg), drawn with Pillow: a PDF needs a bitmap,
and a demonstration borrows nobody's emblem.
"""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

ACCENT = "#0b5563"
WARM = "#f3c98b"
SIDE = 240
DETAIL = 6
GRID = 48


def draw(side: int = SIDE) -> bytes:
    """Draw a square PNG on white, with few colours to keep it small."""
    image = Image.new("RGB", (side * DETAIL, side * DETAIL), "white")
    pen = ImageDraw.Draw(image)
    unit = side * DETAIL / GRID
    pen.rounded_rectangle(scaled(unit, 0, 0, 47.9, 47.9), radius=11 * unit, fill=ACCENT)
    roof(pen, unit)
    person(pen, unit, x=19, head=26, radius=4.5, shoulders=8, colour="white")
    person(pen, unit, x=32.1, head=30, radius=3.2, shoulders=4.8, colour=WARM)
    out = io.BytesIO()
    smooth = image.resize((side, side), Image.Resampling.LANCZOS)
    smooth.quantize(48).save(out, "PNG", optimize=True)
    return out.getvalue()


def roof(pen, unit):
    corners = [(8, 24), (24, 10), (40, 24)]
    pen.line(scaled(unit, *sum(corners, ())), fill="white", width=round(4.5 * unit), joint="curve")
    for x, y in corners:
        pen.ellipse(around(unit, x, y, 2.25), fill="white")


def person(pen, unit, *, x, head, radius, shoulders, colour):
    pen.ellipse(around(unit, x, head, radius), fill=colour)
    pen.pieslice(around(unit, x, 40, shoulders), 180, 360, fill=colour)


def around(unit, x, y, radius):
    return scaled(unit, x - radius, y - radius, x + radius, y + radius)


def scaled(unit, *coordinates):
    return tuple(round(coordinate * unit) for coordinate in coordinates)
