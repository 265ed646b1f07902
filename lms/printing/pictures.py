"""Prepare pictures for paper."""

from PIL import Image


def on_white(picture: Image.Image) -> Image.Image:
    """Return an RGB or RGBA picture on white and without metadata."""
    sheet = Image.new("RGB", picture.size, "white")
    sheet.paste(picture, mask=picture if picture.mode == "RGBA" else None)
    return sheet
