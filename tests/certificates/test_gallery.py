"""Test that each of forty names and titles prints whole, small and readable, or is refused."""

import io

import pypdf
import pypdfium2
import pytest
import zxingcpp

from certificates.printing.fitting import CannotPrint
from tests.certificates.gallery import CASES, drawn

MOST_BYTES = 110 * 1024


def squeezed(text):
    return "".join(text.split())


def test_there_are_forty():
    assert len(CASES) == 40


@pytest.mark.parametrize("case", [case for case in CASES if not case.is_refused])
def test_it_prints_on_one_page_with_its_name_to_be_found(case):
    certificate, pdf = drawn(case)
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    assert len(reader.pages) == 1
    assert len(pdf) <= MOST_BYTES
    assert squeezed(case.said or certificate.name) in squeezed(reader.pages[0].extract_text())
    assert certificate.name in reader.metadata.subject
    assert reader.metadata.author == certificate.board
    assert certificate.title in reader.metadata.title
    assert reader.trailer["/Root"]["/Lang"] == "en-GB"


@pytest.mark.parametrize("case", [case for case in CASES if not case.is_refused])
def test_its_square_code_is_read_and_nothing_leaves_the_border(case):
    certificate, pdf = drawn(case)
    document = pypdfium2.PdfDocument(pdf)
    at_150_dpi = document[0].render(scale=150 / 72).to_pil().convert("L")
    small = document[0].render(scale=1).to_pil().convert("L")
    document.close()
    assert [code.text for code in zxingcpp.read_barcodes(at_150_dpi)] == [certificate.verify_url]
    width, height = small.size
    margins = [small.crop((33, 40, 70, height - 40)), small.crop((772, 40, 808, height - 40))]
    assert [margin.getextrema() for margin in margins] == [(255, 255), (255, 255)]


@pytest.mark.parametrize("case", [case for case in CASES if case.is_refused])
def test_what_cannot_be_drawn_is_refused_with_a_sentence(case):
    with pytest.raises(CannotPrint, match=r"[Aa]sk the training office to .*\.") as refused:
        drawn(case)
    assert len(str(refused.value)) < 400
