"""Forty names and titles drawn on certificates.

`python -m tests.certificates.gallery sheet.png` draws them on one page to look at; test_gallery.py
tests the same with figures.
"""

import os
import sys
from dataclasses import dataclass
from functools import cache

# Constants, so that an editor's right-to-left display does not reorder the lines that use them.
ARABIC = "مريم الزهراء بنت عبد الرحمن"
URDU = "محمّد علی جناح"
PERSIAN = "فاطمه‌سادات حسینی"
HEBREW = "שרה בת־שבע כהן"
GURMUKHI = "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ ਢਿੱਲੋਂ"
BENGALI = "শ্রীমতী রাহেলা খাতুন"
DEVANAGARI = "प्रियांका शर्मा श्रीवास्तव"
GUJARATI = "જ્યોત્સ્ના પટેલ"
TAMIL = "தமிழ்ச்செல்வி கிருஷ்ணன்"
CHINESE = "陳大文"
# The first 120 Chinese characters of GB 2312, all different.
MANY_CHINESE = bytes(each for n in range(120) for each in (0xB0 + n // 94, 0xA1 + n % 94)).decode(
    "gb2312"
)
LATIN_TITLE = "Concealed pregnancy and the unborn baby"
HOSTILE_PICTURE = '<img src="file:///etc/passwd"> <b>Eve</b>'
HOSTILE_TAGS = "{% load static %}{{ settings.SECRET_KEY }}<pdf:nextpage/>"


@dataclass(frozen=True)
class Case:
    """A name and a title; `said` is what is printed, where that differs from the input."""

    name: str
    title: str = LATIN_TITLE
    agency: str = "City Midwifery"
    said: str = ""
    is_refused: bool = False


CASES = [
    Case("Mary Seacole"),
    Case("Siobhán O’Connor-Ní Dhomhnaill"),
    Case("Łukasz Żółć"),
    Case("Siân Ŵyn Ŷnyr"),
    Case("Nguyễn Thị Ánh"),
    Case("İbrahim Şahin Ağaoğlu"),
    Case("Ẹniọlá Ọṣun"),
    Case("Þórunn Æsa Ðóra"),
    Case("Zoe\u0308 Rene\u0301e", said="Zoë Renée"),
    Case("Ștefan Țepeș"),
    Case("Олександра Шевченко"),
    Case("Αικατερίνη Παπαδοπούλου"),
    Case(ARABIC),
    Case(URDU, agency="ادارہ صحت"),
    Case(PERSIAN),
    Case(HEBREW),
    Case(GURMUKHI),
    Case(BENGALI, agency="শিশু সুরক্ষা পরিষদ"),
    Case(DEVANAGARI),
    Case(GUJARATI),
    Case(TAMIL),
    Case(CHINESE),
    Case("欧阳明月", title="儿童保护基础课程"),
    Case(f"Mei-Ling {CHINESE}"),
    Case(f"Maryam {URDU}", said="Maryam"),
    Case("Mary Seacole", title=URDU),
    Case(GURMUKHI, title=f"{BENGALI} {DEVANAGARI}"),
    Case("X"),
    Case("W" * 120),
    Case("Wilhelmina Alexandrina " * 5 + "Ada"),
    Case((ARABIC + " ") * 4, said=ARABIC),
    Case((BENGALI + " ") * 5 + "খাতুন", said=BENGALI, title="Working together " * 11),
    Case(MANY_CHINESE),
    Case("Mary Seacole", title="Safeguarding, step by step: " * 7),
    Case(HOSTILE_PICTURE),
    Case("Eve", title=HOSTILE_TAGS, agency="</style><script>alert(1)</script>"),
    Case("Eve\u202elive\u2066\u200b\u0007 Adam\ufeff\u00ad", said="Evelive Adam"),
    Case("Mary " * 2000, is_refused=True),
    Case("ا" * 10_000, is_refused=True),
    Case("Mary 👩🏽‍⚕️ Seacole", is_refused=True),
]


@cache
def drawn(case):
    """Return (certificate, PDF); raise CannotPrint if the text cannot be printed."""
    from agencies.models import Person
    from certificates.printing import rendering
    from lms.printing import fonts
    from tests.factories import CertificateFactory

    facts = {"name": case.name, "title": case.title, "agency": case.agency}
    printed = {what: fonts.printable(text) for what, text in facts.items()}
    rendering.check_printable(printed)
    holder = Person(pk=1, name=printed["name"][:120])
    certificate = CertificateFactory.build(holder=holder, code="7K2M9QXA41TBZ0HE", **printed)
    return certificate, rendering.render(certificate)


def sheet(path, columns=5, width=420):
    """Draw thumbnails of all cases on one page; refused ones show the sentence that says why."""
    import pypdfium2
    from PIL import Image, ImageDraw

    from certificates.printing.fitting import CannotPrint

    height = round(width * 595 / 842)
    rows = -(-len(CASES) // columns)
    page = Image.new("RGB", (columns * (width + 8), rows * (height + 8)), "#888888")
    for number, case in enumerate(CASES):
        try:
            document = pypdfium2.PdfDocument(drawn(case)[1])
            picture = document[0].render(scale=width / 842).to_pil()
            document.close()
        except CannotPrint as why:
            picture = Image.new("RGB", (width, height), "#f6e6e6")
            words = "\n".join(str(why)[at : at + 60] for at in range(0, len(str(why)), 60))
            ImageDraw.Draw(picture).text((12, 90), words.encode("latin-1", "replace"), "black")
        row, column = divmod(number, columns)
        page.paste(picture, (column * (width + 8) + 4, row * (height + 8) + 4))
    page.save(path)


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")
    django.setup()
    sheet(sys.argv[1])
