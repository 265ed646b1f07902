"""Test that documents are found by their text, and only if they are public."""

import io
import zipfile

import docx
import pytest
from django.core.files.base import ContentFile
from django.utils.html import strip_tags
from reportlab.pdfgen.canvas import Canvas
from wagtail.documents import get_document_model
from wagtail.models import Collection, CollectionViewRestriction

from lms.storage.content_store import Unavailable
from search import file_text, indexer, queries
from search.models import Term
from search.sources import DOCUMENT
from tests.factories import ProtocolPageFactory, StandardPageFactory
from tests.search.test_search import leading_to

pytestmark = pytest.mark.django_db


def bomb():
    """Build a Word file of some kilobytes that unpacks to 100 MB."""
    written = io.BytesIO(word("Concealed."))
    with zipfile.ZipFile(written, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/more.xml", bytes(100_000_000))
    return written.getvalue()


def pdf(*pages):
    drawn = io.BytesIO()
    canvas = Canvas(drawn)
    for words in pages:
        canvas.drawString(72, 720, words)
        canvas.showPage()
    canvas.save()
    return drawn.getvalue()


def word(*paragraphs, cells=()):
    document, written = docx.Document(), io.BytesIO()
    for words in paragraphs:
        document.add_paragraph(words)
    if cells:
        table = document.add_table(rows=1, cols=len(cells))
        for cell, words in zip(table.rows[0].cells, cells, strict=True):
            cell.text = words
    document.save(written)
    return written.getvalue()


def document(name, content, **fields):
    file = ContentFile(content, name)
    return get_document_model().objects.create(title="The sheet", file=file, **fields)


def found(words):
    indexer.sync(seconds=float("inf"))
    return [
        (result.document.title, strip_tags(result.snippet))
        for result in queries.look_for(words, kind="document").results
        if result.document.kind == DOCUMENT.number
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("sheet.pdf", pdf("First, the parents.", "A pregnancy was concealed until late.")),
        ("sheet.docx", word("First, the parents.", cells=["When", "It was concealed until late."])),
        ("sheet.txt", "First, the parents. It was concealed until late – and so on.".encode()),
        ("sheet.txt", "It was concealed until late – and so on.".encode("cp1252")),
        ("sheet.txt", "It was concealed until late – and so on.".encode("utf-16")),
        ("SHEET.TXT", b"\xef\xbb\xbfConcealed until late."),
    ],
)
def test_a_file_is_found_by_what_it_says_and_shows_where(name, content):
    StandardPageFactory(title="Forms", body=leading_to(document(name, content), "A sheet"))
    ((title, words),) = found("concealment late")
    assert title == "A sheet"
    assert "concealed until late" in words.lower()


def test_the_copy_of_an_edition_is_read():
    sheet = document("sheet.pdf", pdf("A pregnancy was concealed."))
    ProtocolPageFactory(title="Babies", body=leading_to(sheet))
    sheet.file.storage.delete(sheet.file.name)
    assert [title for title, _ in found("concealed")] == ["The referral form"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("sheet.pdf", b"%PDF-1.4\nnothing more"),
        ("sheet.docx", b"PK\x03\x04 and nothing more"),
        ("sheet.docx", word("Concealed.")[:-200]),
        ("sheet.docx", None),
        ("sheet.txt", b" "),
        ("sheet.rtf", b"{\\rtf1 concealed}"),
    ],
)
def test_a_file_that_cannot_be_read_is_found_by_its_title_alone(name, content):
    sheet = document(name, content or bomb())
    StandardPageFactory(title="Forms", body=leading_to(sheet, "A sheet"))
    assert found("concealed") == []
    assert [title for title, _ in found("sheet")] == ["A sheet"]


def test_a_file_that_is_not_on_the_disk_is_found_by_its_title(caplog):
    sheet = document("sheet.txt", b"Concealed.")
    StandardPageFactory(title="Forms", body=leading_to(sheet, "A sheet"))
    sheet.file.storage.delete(sheet.file.name)
    assert found("concealed") == []
    assert "could not be read: sheet" in caplog.text


def test_no_word_of_what_is_private_is_kept():
    folder = Collection.get_first_root_node().add_child(name="Board")
    sheet = document("sheet.pdf", pdf("About a hedgehog."), collection=folder)
    StandardPageFactory(title="Forms", body=leading_to(sheet, "A sheet"))
    private = CollectionViewRestriction.objects.create(collection=folder, restriction_type="login")
    assert found("hedgehog") == []
    assert not Term.objects.filter(word="hedgehog").exists()
    private.delete()
    assert [title for title, _ in found("hedgehog")] == ["A sheet"]
    CollectionViewRestriction.objects.create(collection=folder, restriction_type="login")
    assert found("hedgehog") == []


def test_a_replaced_file_is_read_anew():
    sheet = document("sheet.txt", b"About a hedgehog.")
    StandardPageFactory(title="Forms", body=leading_to(sheet, "A sheet"))
    assert found("hedgehog")
    sheet.file.save("sheet.txt", ContentFile(b"About a badger."))
    sheet.save()
    assert found("badger")
    assert not found("hedgehog")


def test_a_heading_of_a_word_file_does_not_run_into_what_follows():
    content = word("Referral form", "", "Who are you?", cells=["Name ", "Team"])
    said = file_text.text_of("form.docx", lambda: content)
    assert said == "Referral form. Who are you? Name. Team."


def test_signs_that_no_database_takes_are_left_out(monkeypatch):
    odd = "Safe\x02guard\x00ing, \ud800 con\u00adcealed\ufffe."
    monkeypatch.setitem(file_text.READERS, ".txt", lambda content: odd)
    StandardPageFactory(title="Forms", body=leading_to(document("sheet.txt", b"-"), "A sheet"))
    assert [words for _, words in found("safeguarding concealed")] == ["Safeguarding, concealed."]


def test_a_file_is_read_once_however_often_what_leads_to_it_is_made_anew(monkeypatch):
    sheet = document("sheet.txt", b"About a hedgehog.", file_hash="one")
    StandardPageFactory(title="Forms", body=leading_to(sheet, "A sheet"))
    assert found("hedgehog")
    monkeypatch.setitem(file_text.READERS, ".txt", lambda content: "About an otter.")
    document("other.txt", b"-")
    assert found("hedgehog")
    assert not found("otter")
    sheet.file_hash = "two"
    sheet.save()
    assert found("otter")
    assert not found("hedgehog")


def test_a_cell_that_spans_others_is_read_once():
    made, written = docx.Document(), io.BytesIO()
    table = made.add_table(rows=2, cols=3)
    table.cell(0, 0).merge(table.cell(1, 2)).text = "Name\tTeam"
    made.save(written)
    said = file_text.text_of("form.docx", written.getvalue)
    assert said == "Name Team."


def test_of_a_long_one_the_beginning_is_read(monkeypatch):
    monkeypatch.setattr(file_text, "MOST_PAGES", 2)
    content = pdf("One hedgehog.", "Two badgers.", "Three otters.")
    assert file_text.text_of("sheet.pdf", lambda: content) == "One hedgehog. Two badgers."
    monkeypatch.setattr(file_text, "MOST_LETTERS", 3)
    assert file_text.text_of("sheet.pdf", lambda: content) == "One"


def test_a_store_that_is_away_is_asked_again_and_its_document_has_text():
    def away():
        raise Unavailable("away")

    with pytest.raises(Unavailable):
        file_text.text_of("form.pdf", away)
