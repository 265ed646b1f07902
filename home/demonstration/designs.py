"""Make the demonstration's certificate designs that differ from the default."""

import io
import math

from PIL import Image, ImageDraw, ImageFont

from agencies.models import Person
from certificates.designs import designing, pictures
from certificates.models import DesignVersion
from courses.models import Course

PLUM, GOLD, INK = "#5a2d6e", "#a8782a", "#1c2a5e"
COURSE = "UNB"


def make_design(*, by: Person) -> None:
    """Give one course a joint certificate with the hospitals, who have their own logo and chair."""
    look = DesignVersion(
        heading="Certificate of specialist training",
        after_name="has completed the specialist course",
        statement="Given together with Solent Hospitals. Please keep this for your portfolio.",
        signatory_name="Dr Helen Marchetti",
        signatory_title="Chair of the Health Safeguarding Group",
        mark=pictures.picture_from_upload(
            _mark("Portsmouth", "Safeguarding Children", PLUM), pictures.MARK
        ),
        second_mark=pictures.picture_from_upload(
            _mark("Solent", "Hospitals", "#1b5e7d"), pictures.MARK
        ),
        signature=pictures.picture_from_upload(_signature(), pictures.SIGNATURE),
        accent=PLUM,
        line=GOLD,
    )
    design = designing.add("Specialist courses with the hospitals", look, by=by)
    Course.objects.filter(code=COURSE).update(certificate_design=design)


def _mark(name: str, below: str, colour: str) -> io.BytesIO:
    """Draw a logo: a ring with a heart, and a name beside it."""
    picture = Image.new("RGB", (1250, 500), "white")
    pen = ImageDraw.Draw(picture)
    pen.ellipse((20, 50, 420, 450), outline=colour, width=34)
    pen.ellipse((120, 160, 232, 272), fill=colour)
    pen.ellipse((208, 160, 320, 272), fill=colour)
    pen.polygon([(130, 244), (310, 244), (220, 356)], fill=colour)
    pen.text((470, 190), name, fill=colour, font=ImageFont.load_default(120), anchor="lm")
    pen.text((470, 320), below, fill="#4f5b5a", font=ImageFont.load_default(70), anchor="lm")
    return _png(picture)


def _signature() -> io.BytesIO:
    """Draw a hurried signature."""
    picture = Image.new("RGB", (1600, 270), "white")
    pen = ImageDraw.Draw(picture)
    line = [
        (90 + 13 * t + 70 * math.sin(t / 4), 140 - (95 - t * 0.75) * math.sin(t / 2.6 + 1))
        for t in range(100)
    ]
    pen.line(line, fill=INK, width=9, joint="curve")
    pen.line([(200, 232), (1480, 196)], fill=INK, width=6)
    return _png(picture)


def _png(picture: Image.Image) -> io.BytesIO:
    written = io.BytesIO()
    picture.save(written, "PNG")
    written.seek(0)
    return written
