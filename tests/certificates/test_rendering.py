"""Test that a rendered certificate is complete, readable, verifiable and safe."""

import datetime as dt
import io
import re

import pypdf
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from certificates.designs import default_logo
from certificates.printing import rendering
from lms.printing import fonts, shaping
from tests.factories import CertificateFactory, PersonFactory

pytestmark = pytest.mark.django_db


def drawn(**facts):
    """Return (certificate, PDF), unsaved."""
    facts.setdefault("holder", PersonFactory())
    certificate = CertificateFactory.build(**facts)
    return certificate, rendering.render(certificate)


def text_of(pdf):
    return " ".join(pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())


def picture_of(pdf, dpi):
    return pypdfium2.PdfDocument(pdf)[0].render(scale=dpi / 72).to_pil().convert("L")


def test_it_says_what_was_certified():
    certificate, pdf = drawn(
        name="Siobhán O\u2019Connor",
        title="Concealed pregnancy and the unborn baby",
        course_code="CP",
        course_version="3",
        outcomes=["Recognise the signs", "Follow the Unborn Baby Protocol"],
        hours="3.5",
        format="Virtual classroom",
        agency="City Midwifery",
        completed_on=dt.date(2026, 11, 20),
        refresh_on=dt.date(2029, 11, 20),
        board="Portsmouth Safeguarding Children Board",
    )
    text = text_of(pdf)
    missing = [
        words
        for words in [
            "Portsmouth Safeguarding Children Board",
            "Certificate of completion",
            "Siobhán O\u2019Connor",
            "City Midwifery",
            "Concealed pregnancy and the unborn baby",
            "Virtual classroom \u00b7 3½ hours \u00b7 Course CP, version 3",
            "Recognise the signs",
            "Follow the Unborn Baby Protocol",
            "Completed on 20 November 2026",
            "Refresh recommended by 20 November 2029",
            "Dr Rowena Hale Independent Chair",
            certificate.number,
            certificate.grouped_code,
            "/certificates/verify/",
        ]
        if words not in text
    ]
    assert missing == []
    assert "expire" not in text.lower()


def test_it_is_one_a4_page_with_its_fonts_and_says_what_it_is():
    certificate, pdf = drawn()
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    page = reader.pages[0]
    assert [round(float(side)) for side in page.mediabox[2:]] == [842, 595]
    assert reader.metadata.title == f"Certificate {certificate.number}: Supervision"
    assert reader.metadata.author == "Safeguarding Children Board"
    assert reader.trailer["/Root"]["/Lang"] == "en-GB"
    fonts_of_page = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    used = [font for font in fonts_of_page if "FontDescriptor" in str(font)]
    assert used
    assert all("/FontFile2" in font["/FontDescriptor"] for font in used)
    assert len(pdf) < 110 * 1024


def test_its_square_code_leads_to_its_page():
    certificate, pdf = drawn()
    found = zxingcpp.read_barcodes(picture_of(pdf, 150))
    assert [code.text for code in found] == [certificate.verify_url]
    links = [
        annotation.get_object()["/A"]["/URI"]
        for annotation in pypdf.PdfReader(io.BytesIO(pdf)).pages[0]["/Annots"]
    ]
    assert set(links) == {certificate.verify_url}


@pytest.mark.parametrize(
    "name",
    [
        "Łukasz Żółć",
        "Nguyễn Thị Ánh",
        "Siân Ŵyn Ŷnyr",
        "İbrahim Şahin Ağaoğlu",
        "Þórunn Æsa Ðóra",
        "Jiří Dvořák Ľubomír",
        "Ștefan Țepeș",
        "Ẹniọlá Ọṣun",
        "D\u2019Arcy O\u2019Neill-Smyth",
        "Zoe\u0308 Rene\u0301e",
    ],
)
def test_latin_names_with_every_accent_are_drawn(name):
    _, pdf = drawn(name=name)
    assert fonts.printable(name) in text_of(pdf)


def test_a_name_is_all_in_one_typeface():
    assert fonts.family_for("Łukasz Żółć") == "atkinson-hyperlegible"
    assert fonts.family_for("Siân Ŵyn") == "noto-sans"
    assert fonts.family_for("مريم") is None


@pytest.mark.parametrize(
    "name", ["W" * 120, "Wilhelmina Alexandrina " * 5, "x", "Ab " * 40, "i" * 120]
)
def test_a_name_of_any_length_stays_inside_the_border(name):
    _, pdf = drawn(name=name[:120].strip(), title="Working together " * 11)
    assert re.sub(r"\s", "", name[:120]) in re.sub(r"\s", "", text_of(pdf))
    picture = picture_of(pdf, 72)
    width, height = picture.size
    margins = [picture.crop((33, 40, 70, height - 40)), picture.crop((772, 40, 808, height - 40))]
    assert [margin.getextrema() for margin in margins] == [(255, 255), (255, 255)]


def test_of_many_outcomes_the_first_six_are_printed_and_it_says_so():
    _, pdf = drawn(outcomes=[f"Outcome {n} of the course" for n in range(1, 10)])
    text = text_of(pdf)
    assert "the first 6 of 9 outcomes" in text
    assert [n for n in range(1, 10) if f"Outcome {n} of" in text] == [1, 2, 3, 4, 5, 6]


def test_long_outcomes_stay_above_the_dates():
    _, pdf = drawn(outcomes=["Explain how, when and why to step a family up or down. " * 5] * 6)
    assert picture_of(pdf, 72).crop((75, 460, 690, 470)).getextrema() == (255, 255)


def test_what_is_too_long_even_for_small_print_is_refused_by_name():
    with pytest.raises(rendering.CannotPrint, match="outcomes of this course are too long"):
        drawn(outcomes=["Understand everything there is to know about it. " * 60] * 6)


def test_a_name_that_is_too_long_is_refused_with_who_can_help():
    with pytest.raises(rendering.CannotPrint, match="too long .* Ask the training office to short"):
        drawn(name="Wolfeschlegelsteinhausenbergerdorff " * 12)


def test_markup_in_a_name_is_text_and_fetches_nothing():
    hostile = '<img src="file:///etc/hostname"><b>Eve</b>'
    _, pdf = drawn(name=hostile, title="{% now 'Y' %} <pdf:nextpage/> &amp;", agency="</style>")
    text = text_of(pdf)
    assert hostile in text
    assert "{% now 'Y' %} <pdf:nextpage/> &amp;" in text
    assert "</style>" in text
    assert len(pypdf.PdfReader(io.BytesIO(pdf)).pages[0].images) == 2


def test_a_sign_that_no_typeface_has_stops_the_page():
    with pytest.raises(rendering.CannotPrint):
        drawn(name="Mary \N{DEER}")


def test_what_is_spelling_is_kept_and_what_hides_or_turns_a_name_is_not():
    joined = "فاطمه\N{ZERO WIDTH NON-JOINER}سادات"
    assert fonts.printable(joined) == joined
    assert fonts.printable("E\N{ZERO WIDTH JOINER}ve \u202eliE\u2069\u0000") == "Eve liE"


def test_marks_join_and_stack_where_they_are_shaped():
    """Check that conjuncts take fewer glyphs than letters, and that Arabic letters join."""
    for name in ("লক্ষ্মী", "श्रीवास्तव", "ਪ੍ਰੀਤ"):
        assert len(shaping.shape(name, bold=True).signs) < len(name)
    alone = {shaping.shape(letter, bold=True).signs[0].glyph for letter in "محمد"}
    together = {sign.glyph for sign in shaping.shape("محمد", bold=True).signs}
    assert not together & (alone - {shaping.shape("د", bold=True).signs[0].glyph})


def test_what_runs_from_the_right_does_so():
    signs = shaping.shape("Maryam محمد 12", bold=True).visual
    assert signs == "Maryam 12 دمحم"


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ("1", "1 hour"),
        ("6", "6 hours"),
        ("0.5", "½ hour"),
        ("1.5", "1½ hours"),
        ("10", "10 hours"),
        ("2.40", "2.4 hours"),
        ("2.75", "2¾ hours"),
        ("0.33", "20 minutes"),
        ("0.67", "40 minutes"),
    ],
)
def test_hours_are_said_in_words(hours, words):
    assert CertificateFactory.build(hours=hours).hours_in_words == words


@pytest.fixture
def own_mark(settings, tmp_path):
    """Yield the path where the board puts its own logo."""
    settings.LMS_BOARD_LOGO = str(tmp_path / "own.png")
    rendering.logo_file.cache_clear()
    yield tmp_path / "own.png"
    rendering.logo_file.cache_clear()


def test_the_boards_own_mark_is_used_where_there_is_one(own_mark):
    own_mark.write_bytes(default_logo.draw(side=100))
    assert rendering.logo_file().read_bytes() == own_mark.read_bytes()


def test_a_mark_that_is_no_picture_stops_the_page_and_is_told(own_mark):
    own_mark.write_bytes(b"Not a picture")
    with pytest.raises(rendering.CannotPrint, match="not be printed whole. Tell the training"):
        drawn()


def test_a_mark_that_makes_the_file_too_large_to_mail_stops_the_page(own_mark):
    noise = Image.effect_noise((600, 600), 100)
    noise.save(own_mark)
    with pytest.raises(rendering.CannotPrint, match="too large to be emailed"):
        drawn()
