"""Tests that an edition's PDF has every character and picture in a readable layout."""

import io

import pytest
from pypdf import PdfReader

from protocols.editions import pdf
from tests.factories import (
    AgeGroupFactory,
    ImageFactory,
    IndicatorFactory,
    ProtocolPageFactory,
    body_of,
    picture_of,
)

pytestmark = pytest.mark.django_db


def printed(*parts, **fields):
    page = ProtocolPageFactory(body=body_of(*parts), **fields)
    return PdfReader(io.BytesIO(pdf.render(page.edition_in_force)))


def section(words, heading="Part"):
    return ("section", {"heading": heading, "text": f"<p>{words}</p>"})


def words(reader):
    return " ".join(" ".join(sheet.extract_text() for sheet in reader.pages).split())


@pytest.mark.parametrize(
    "said",
    [
        "Łukasz Żółć of Gdańsk",
        "≥ 16 weeks, ≤ 3 days, ≠ and ≈",
        "Refer → assess → plan ✓",
        "Олена Шевченко, Иван Петров",
        "Ελένη Παπαδοπούλου",
        "Nguyễn Thị Hương, Siân Ŵyn, Ọláyínká",
        "½ a day at −2 °C, £80 – “quoted” … € №",
    ],
)
def test_every_sign_of_it_is_printed(said):
    reader = printed(section(said, heading=f"With {said[:12].strip()}"), title=said, slug="named")
    text = words(reader)
    assert text.count(said) >= 3  # its title, at the head of each page, in the text
    assert text.count(f"With {said[:12].strip()}") == 2  # in the contents, above its part
    assert "[see online]" not in text


def table_of(*rows, caption=""):
    """Make a table whose first row heads its columns."""
    columns = [{"type": "words", "heading": heading} for heading in rows[0]]
    values = [{"values": list(row)} for row in rows[1:]]
    return ("table", {"table": {"columns": columns, "rows": values, "caption": caption}})


@pytest.mark.parametrize("times", [1, 1500])
def test_a_table_is_printed_whole_however_long_its_cells(times):
    said = " ".join(f"word{n}" for n in range(times))
    text = words(printed(table_of(("Team", "Does"), ("Hub", said), ("Duty", "x"), caption="Who")))
    assert all(each in text for each in ("Who", "Team", "Does", "Hub", "Duty"))
    assert all(f"word{n}" in text for n in range(times))


def test_a_table_of_many_columns_and_rows_is_printed_whole():
    wide = table_of([f"Head{n}" for n in range(9)], [f"cell{n}" for n in range(9)])
    long = table_of(("A", "B"), *[(f"row{n}", "y") for n in range(200)])
    text = words(printed(wide, long))
    assert " ".join(f"Head{n}: cell{n}" for n in range(9)) in text
    assert all(f"row{n}" in text for n in range(200))


def test_what_is_hard_to_print_is_written_otherwise_or_said_to_be_elsewhere():
    said = (
        "☑ done, ☐ to do, ✘ no; step\u2011up; zoe\u0308; hid\u200bden\u00ad; آمنہ خان is Amina 👩"
    )
    text = words(printed(section(said)))
    assert (
        "✓ done, □ to do, × no; step-up; zoë; hidden; [see online] is Amina [see online]"
    ) in text


def test_its_typeface_is_within_it():
    for sheet in printed(section("Words with <b>weight</b>.")).pages:
        faces = [face.get_object() for face in sheet["/Resources"]["/Font"].values()]
        in_it = {str(face["/BaseFont"]) for face in faces if "/FontDescriptor" in face}
        assert any("NotoSans" in name for name in in_it)


def test_its_picture_is_the_one_that_it_keeps():
    image = ImageFactory(file__width=1000, file__height=500, file__color="#ff0000")
    page = ProtocolPageFactory(
        slug="unborn", body=body_of(picture_of(image, caption="How a referral goes"))
    )
    before = words(PdfReader(io.BytesIO(pdf.render(page.edition_in_force))))
    for each in (*image.renditions.all(), image):
        each.file.delete(save=False)
        each.delete()
    reader = PdfReader(io.BytesIO(pdf.render(page.edition_in_force)))
    assert words(reader) == before
    assert "How a referral goes" in reader.pages[1].extract_text().splitlines()
    (shown,) = reader.pages[1].images
    assert shown.image.size == (1000, 500)
    red, green, blue = shown.image.convert("RGB").getpixel((500, 250))
    assert red > 250 and green < 5 and blue < 5


def test_a_tall_picture_fits_on_a_page():
    tall = ImageFactory(file__width=300, file__height=2400)
    reader = printed(picture_of(tall), section("After it."))
    assert len(reader.pages[1].images) == 1
    assert "After it." in words(reader)


def test_what_is_transparent_in_a_picture_is_white_on_paper():
    clear = ImageFactory(file__palette="RGBA", file__color=(0, 0, 0, 0))
    (shown,) = printed(picture_of(clear)).pages[1].images
    assert min(shown.image.convert("RGB").getpixel((5, 5))) > 250


def step(title, text="<p>Do it.</p>"):
    branch = {"condition": "If they agree", "way": "on", "text": "", "goes_to": 1}
    facts = {"who": "Midwife", "when": "At once"}
    return {"title": title, "text": text, "branches": [branch]} | facts


def process(*steps):
    return ("process", {"heading": "What to do", "introduction": "", "steps": steps})


def test_a_step_is_told_once_on_one_page_with_who_and_when_in_a_line():
    steps = [step(f"Act {n}", "<p>Do it.</p>" * 5) for n in range(1, 9)]
    sheets = [sheet.extract_text() for sheet in printed(process(*steps)).pages]
    assert len(sheets) > 2
    for number in range(1, 9):
        (sheet,) = [text for text in sheets if f"Step {number}: Act {number}" in text]
        told = sheet.split(f"Step {number}: Act {number}")[1].split("Step ")[0]
        assert " ".join(told.split()).startswith("Who: Midwife When: At once Do it. Do it.")
        assert "Carry on" in told
        assert f" {number}. Step" not in " ".join(sheet.split())


def test_a_step_longer_than_a_page_goes_on():
    reader = printed(process(step("Long", "<p>Words of it.</p>" * 120), step("Last")))
    assert words(reader).count("Words of it.") == 120
    assert "Step 2: Last" in words(reader)


def test_how_to_reach_somebody_is_in_one_line():
    contact = {
        "name": "The hub",
        "about": "",
        "telephone": "01632 960101",
        "email": "a@example.org",
    }
    text = words(printed(("contacts", {"heading": "Contacts", "contacts": [contact]})))
    assert "The hub Telephone 01632 960101 Email a@example.org" in text


def test_indicators_are_lists_by_domain_and_tier():
    one = IndicatorFactory(
        text="Plays with others",
        domain__name="Child",
        tier__name="Tier 1",
        age_group=AgeGroupFactory(name="Under 5"),
    )
    text = words(printed(("indicators", {"heading": "Signs", "introduction": ""})))
    assert "Child Tier 1 • Plays with others (Age: Under 5)" in text
    assert f"Indicator {one.pk}" not in text
    assert "All indicators of need" not in text


def test_its_links_lead_to_the_site_and_to_nothing_within_a_page(settings):
    said = '<a href="/courses/">ours</a> <a href="https://example.org/x">theirs</a>'
    reader = printed(section(said), process(step("One"), step("Two")))
    led_to = [
        note.get_object()["/A"]["/URI"]
        for sheet in reader.pages[1:]
        for note in sheet.get("/Annots", [])
    ]
    assert led_to == [f"{settings.SITE_URL}/courses/", "https://example.org/x"]
    assert "Go to step 1" in words(reader)
