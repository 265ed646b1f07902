"""Test certificate designs: who may change them, what they print, and immutable versions."""

import datetime as dt
import io
import re
import threading
import uuid

import pypdf
import pypdfium2
import pytest
import zxingcpp
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from PIL import Image

from agencies.access import TRAINING_ADMINISTRATORS
from certificates import content_store, issuing
from certificates.designs import designing, pictures
from certificates.designs.designing import DesignRefused
from certificates.models import Certificate, Design, DesignVersion
from certificates.printing import rendering
from history.models import Event
from tests.factories import CertificateFactory, PersonFactory
from tests.servers import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def ola():
    return PersonFactory(groups=[TRAINING_ADMINISTRATORS])


def a_picture(colour="#8a1538", size=(600, 240), kind="PNG", mode="RGB"):
    written = io.BytesIO()
    Image.new(mode, size, colour).save(written, kind)
    written.seek(0)
    return written


def mark(colour="#8a1538"):
    return pictures.picture_from_upload(a_picture(colour), pictures.MARK)


def issued(**facts):
    facts = {
        "award": uuid.uuid4(),
        "title": "Supervision",
        "course_code": "SUP",
        "course_version": "2",
        "outcomes": ["Recognise the signs"],
        "hours": 6,
        "format": "Classroom",
        "agency": "City Midwifery",
        "completed_on": dt.date(2026, 1, 9),
        "refresh_on": dt.date(2029, 1, 9),
        "by": "TEST",
    } | facts
    return issuing.issue(PersonFactory(name="Mary Seacole"), **facts)


def text_of(certificate):
    page = pypdf.PdfReader(io.BytesIO(content_store.read(certificate))).pages[0]
    return " ".join(page.extract_text().split())


def page_of(look):
    document = pypdfium2.PdfDocument(designing.drawn(look))
    picture = document[0].render(scale=150 / 72).to_pil()
    document.close()
    return picture


def test_a_certificate_says_what_its_design_says_in_the_words_of_the_board(ola):
    look = DesignVersion(
        heading="Record of learning",
        before_name="{{ board }} confirms that",
        after_name="took part in",
        statement="{{ hours }} on {{ completed_on }}, {{ course_code }}",
        signatory_name="Amina Yusuf",
        signatory_title="Head of Training",
    )
    design = designing.add("Level 3", look, by=ola)
    certificate = issued(design=design)
    text = text_of(certificate)
    said = [
        "Record of learning",
        "Safeguarding Children Board confirms that",
        "took part in",
        "6 hours on 9 January 2026, SUP, version 2",
        "Amina Yusuf Head of Training",
    ]
    assert [words for words in said if words not in text] == []
    assert "Certificate of completion" not in text
    assert (certificate.design.design, certificate.design.number) == (design, 1)
    assert certificate.signatory_name == "Amina Yusuf"


def test_without_a_design_it_is_as_delivered_and_a_default_counts_where_none_is_named(ola):
    assert issued().design is None
    design = designing.add("Ours", DesignVersion(heading="Ours"), by=ola)
    assert issued().design is None
    designing.make_default(design, by=ola)
    assert "Ours" in text_of(issued())
    other = designing.add("Other", DesignVersion(heading="Another"), by=ola)
    assert "Another" in text_of(issued(design=other))
    designing.make_default(None, by=ola)
    assert issued().design is None


def test_a_change_is_a_new_version_and_what_was_issued_stays(ola):
    design = designing.add("Ours", DesignVersion(heading="First"), by=ola)
    first = issued(design=design)
    before = (first.sha256, first.design_id)
    changed = DesignVersion(heading="Second", accent="#8a1538")
    designing.change(design, changed, name="Ours", expected=1, by=ola)
    second = issued(design=design)
    first = Certificate.objects.get(pk=first.pk)
    assert (first.sha256, first.design_id) == before
    assert [version.heading for version in design.versions.order_by("number")] == [
        "First", "Second",
    ]  # fmt: skip
    assert ("First" in text_of(first), "Second" in text_of(second)) == (True, True)
    told = Event.objects.about(design).first()
    assert (told.action, told.was, told.now, told.by_person) == (
        "design.changed",
        {"version": 1},
        {"version": 2, "changed": ["heading", "accent"]},
        ola.pk,
    )


def test_a_correction_keeps_the_design_of_then(ola):
    design = designing.add("Ours", DesignVersion(heading="First", signatory_name="Ann"), by=ola)
    certificate = issued(design=design)
    designing.change(
        design,
        DesignVersion(heading="Second", signatory_name="Bea"),
        name="Ours",
        expected=1,
        by=ola,
    )
    corrected = issuing.correct(certificate, by=ola, reason="Misspelt", name="Mary J. Seacole")
    text = text_of(corrected)
    assert (corrected.design, "First" in text, "Ann" in text) == (certificate.design, True, True)
    old = issuing.correct(issued(), by=ola, reason="Misspelt", name="Mary J. Seacole")
    designing.make_default(design, by=ola)
    assert issuing.correct(old, by=ola, reason="Again", name="Mary Jane").design is None


def test_nothing_changed_is_no_new_version_and_a_new_name_is_no_new_look(ola):
    design = designing.add("Ours", DesignVersion(mark=mark()), by=ola)
    designing.change(design, DesignVersion(mark=mark()), name="Theirs", expected=1, by=ola)
    assert (Design.objects.get().name, design.versions.count()) == ("Theirs", 1)
    assert Event.objects.about(design).first().action == "design.renamed"


def test_who_changes_what_another_has_changed_meanwhile_is_told(ola):
    design = designing.add("Ours", DesignVersion(), by=ola)
    designing.change(design, DesignVersion(heading="Hers"), name="Ours", expected=1, by=ola)
    with pytest.raises(DesignRefused, match="Somebody else has changed this design"):
        designing.change(design, DesignVersion(heading="His"), name="Ours", expected=1, by=ola)
    assert design.current.heading == "Hers"


def test_of_changes_at_once_one_counts_and_the_others_are_told(own_database):
    office = PersonFactory(groups=[TRAINING_ADMINISTRATORS])
    design = designing.add("Ours", DesignVersion(), by=office)

    def change(number):
        look = DesignVersion(heading=f"By number {number}")
        return designing.change(design, look, name="Ours", expected=1, by=office)

    outcomes = at_once(4, change)
    refused = [each for each in outcomes if isinstance(each, DesignRefused)]
    assert (len(refused), outcomes.count(design)) == (3, 1)
    assert [version.number for version in design.versions.all()] == [2, 1]


def test_without_the_lock_the_same_changes_meet_the_constraint(own_database):
    design = designing.add(
        "Ours", DesignVersion(), by=PersonFactory(groups=[TRAINING_ADMINISTRATORS])
    )
    looked = threading.Barrier(4)

    def look_then_insert(number):
        next_number = design.current.number + 1
        looked.wait(30)
        return DesignVersion.objects.create(design=design, number=next_number)

    outcomes = at_once(4, look_then_insert)
    kinds = sorted(type(each).__name__ for each in outcomes)
    assert kinds == ["DesignVersion"] + ["IntegrityError"] * 3


@pytest.mark.parametrize(
    "verb",
    [
        lambda design, by: designing.add("New", DesignVersion(), by=by),
        lambda design, by: designing.change(design, DesignVersion(), name="X", expected=1, by=by),
        lambda design, by: designing.make_default(design, by=by),
    ],
)
def test_only_the_training_office_changes_designs(ola, verb):
    design = designing.add("Ours", DesignVersion(heading="Ours"), by=ola)
    with pytest.raises(DesignRefused, match="Only the training office"):
        verb(design, PersonFactory(is_staff=True, groups=["Protocol editors"]))
    assert [(each.name, each.is_default) for each in Design.objects.all()] == [("Ours", False)]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"heading": " "}, "Write a heading"),
        ({"heading": "{{ settings }}"}, "does not know {{ settings }}"),
        ({"statement": "{{ name|upper }}"}, "between double braces and nothing else"),
        ({"statement": "{% now 'Y' %}"}, "between double braces and nothing else"),
        ({"heading": "{{ name.email }}"}, "between double braces and nothing else"),
        ({"accent": "#9fb8bd"}, "too pale to be read on white: its contrast is 2.1 to 1"),
        ({"line": "#e8d9b5"}, "too pale to be read on white"),
        ({"accent": "red;}"}, "six digits"),
        ({"heading": "Well done 👏"}, "no sign for"),
        ({"heading": "W" * 200}, "too long for a certificate"),
        ({"statement": "{{ course }} {{ agency }} {{ name }} " * 3}, "Shorten|Write fewer"),
    ],
)
def test_what_cannot_be_said_or_drawn_is_refused_when_it_is_saved(ola, said, sentence):
    with pytest.raises(DesignRefused, match=sentence):
        designing.add("Ours", DesignVersion(**said), by=ola)
    assert (
        Design.objects.count(),
        Event.objects.filter(thing_type="certificates.design").count(),
    ) == (0, 0)


def test_hostile_words_stay_words_and_nothing_is_fetched(ola):
    words = '<img src="file:///etc/passwd"><b>{{ course }}</b>'
    design = designing.add("Ours", DesignVersion(statement=words), by=ola)
    certificate = issued(design=design, title="{{ board }}<pdf:nextpage/>")
    assert '<img src="file:///etc/passwd"><b>{{ board }}<pdf:nextpage/></b>' in text_of(certificate)


def test_only_what_is_ticked_is_shown_and_the_code_to_check_it_always_is(ola):
    look = DesignVersion(**dict.fromkeys(DesignVersion.SHOWN, False))
    certificate = issued(design=designing.add("Bare", look, by=ola))
    text = text_of(certificate)
    hidden = ["City Midwifery", "Classroom", "6 hours", "SUP", "Recognise", "Refresh"]
    assert [words for words in hidden if words in text] == []
    assert certificate.grouped_code in text
    page = page_of(look)
    assert len(zxingcpp.read_barcodes(page)) == 1


def test_a_line_is_left_out_where_its_placeholder_is_empty(ola):
    look = DesignVersion(statement="Refresh this by {{ refresh_on }}.")
    design = designing.add("Ours", look, by=ola)
    assert "Refresh this by 9 January 2029." in text_of(issued(design=design))
    assert "Refresh this" not in text_of(issued(design=design, refresh_on=None))


def test_marks_signature_and_colours_are_drawn_within_the_border(ola):
    look = DesignVersion(
        mark=mark("#8a1538"),
        second_mark=mark("#1d70b8"),
        third_mark=mark("#00703c"),
        signature=pictures.picture_from_upload(
            a_picture("#000080", (900, 200)), pictures.SIGNATURE
        ),
        accent="#5a2d6e",
    )
    designing.add("Ours", look, by=ola)
    page = page_of(look)
    row = [page.getpixel((x, round(75 * 150 / 72))) for x in (520, 870, 1230)]
    assert [near(*each) for each in zip(row, ["#8a1538", "#1d70b8", "#00703c"], strict=True)] == [
        True, True, True,
    ]  # fmt: skip
    assert near(page.getpixel((round(380 * 150 / 72), round(490 * 150 / 72))), "#000080")
    assert any(near(page.getpixel((x, 600)), "#5a2d6e") for x in range(40, 60))


def near(pixel, colour):
    wanted = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return all(abs(a - b) < 14 for a, b in zip(pixel, wanted, strict=True))


def test_a_picture_is_drawn_anew_small_on_white_and_without_what_else_its_file_held():
    photo = Image.effect_noise((3000, 1000), 20).convert("RGB")
    written = io.BytesIO()
    photo.save(written, "JPEG", comment=b"where it was taken")
    kept = pictures.picture_from_upload(io.BytesIO(written.getvalue() + b"<script>"), pictures.MARK)
    again = Image.open(io.BytesIO(kept.content))
    assert (again.format, again.width <= 625, again.height <= 250) == ("JPEG", True, True)
    assert len(kept.content) <= pictures.MOST_PRINTED
    assert b"taken" not in kept.content and b"script" not in kept.content


def test_a_picture_stands_on_white_without_the_white_around_it():
    drawn = Image.new("RGBA", (900, 600), (0, 0, 0, 0))
    drawn.paste("#8a1538", (100, 100, 160, 150))
    drawn.paste("#8a1538", (300, 200, 360, 250))
    written = io.BytesIO()
    drawn.save(written, "PNG")
    written.seek(0)
    kept = Image.open(io.BytesIO(pictures.picture_from_upload(written, pictures.MARK).content))
    assert kept.size == (260, 150)
    assert near(kept.getpixel((5, 5)), "#8a1538")
    assert near(kept.getpixel((250, 5)), "#ffffff")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a PNG or a JPEG"),
        (b"%PDF-1.7", "not a PNG or a JPEG"),
        (b"file:///etc/passwd", "not a PNG or a JPEG"),
        (a_picture("white").getvalue(), "Nothing is seen in this picture"),
        (a_picture().getvalue()[:60], "damaged or cut off"),
        (b"\x89PNG\r\n\x1a\n" + bytes(6 * 1024**2), "larger than 5 MB"),
    ],
)
def test_what_is_no_picture_is_refused_whatever_it_is_called(content, sentence):
    with pytest.raises(ValidationError, match=sentence):
        pictures.picture_from_upload(io.BytesIO(content), pictures.MARK)


def test_a_version_and_its_pictures_are_never_altered_or_deleted(ola):
    design = designing.add("Ours", DesignVersion(mark=mark()), by=ola)
    for table in ("certificates_designversion", "certificates_picture"):
        column = "heading" if "version" in table else "sha256"
        for change in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}"):
            with (
                pytest.raises(DatabaseError, match="append-only"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(change)
    assert design.current.heading == "Certificate of completion"


def test_the_board_has_one_default_and_a_design_one_version_of_a_number(ola):
    design = designing.add("Ours", DesignVersion(), by=ola)
    designing.make_default(design, by=ola)
    with pytest.raises(IntegrityError), transaction.atomic():
        Design.objects.create(name="Another", is_default=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        DesignVersion.objects.create(design=design, number=1)


def test_a_picture_is_read_and_asked_of_the_database_once_however_many_certificates(
    ola, monkeypatch
):
    look = DesignVersion(mark=mark("#123456"), signature=mark("#654321"))
    design = designing.add("Ours", look, by=ola)
    pictures.shown.cache_clear()
    version = DesignVersion.objects.get()
    with CaptureQueriesContext(connection) as queries:
        for _ in range(3):
            rendering.render(CertificateFactory.build(holder=ola, design=version))
    assert len(queries) == 0
    loaded = []
    monkeypatch.setattr(Image.Image, "load", lambda *told: loaded.append(told))
    rendering.render(CertificateFactory.build(holder=ola, design=version))
    assert [each for each in loaded if getattr(each[0], "format", "") == "JPEG"] == []
    assert design.current == version


def test_colours_are_measured_as_wcag_does():
    measured = {
        colour: round(designing.contrast_with_white(colour), 2)
        for colour in ("#000000", "#ffffff", "#767676", "#0b5563")
    }
    assert measured == {"#000000": 21, "#ffffff": 1, "#767676": 4.54, "#0b5563": 8.42}
    assert re.fullmatch(r"#[0-9a-f]{6}", DesignVersion().accent)
