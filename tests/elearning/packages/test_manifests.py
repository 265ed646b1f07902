"""Manifests of packages: read by local names, in each standard, with what is not obeyed."""

import pytest

from elearning.packages.archive import PackageRefused
from elearning.packages.manifest import NOT_OBEYED, read_manifest
from tests.elearning.packages.made import item, manifest, resource

FILES = ["index.html", "two/b.html", "Pages/One.html"]


def read(text=None, files=FILES, **more):
    return read_manifest((text or manifest(**more)).encode(), files)


@pytest.mark.parametrize(
    ("made", "standard", "edition"),
    [
        ("1.2", "1.2", ""),
        ("2nd", "2004", "2nd edition"),
        ("3rd", "2004", "3rd edition"),
        ("4th", "2004", "4th edition"),
    ],
)
def test_each_standard_is_known(made, standard, edition):
    found = read(standard=made)
    assert (found.standard, found.edition, found.title) == (standard, edition, "Made for a test")
    assert [(part.href, part.is_sco) for part in found.playable] == [("index.html", True)]
    assert found.notes == []


def test_a_standard_that_is_not_said_is_known_by_its_names():
    for made, standard in (("1.2", "1.2"), ("4th", "2004")):
        text = manifest(standard=made)
        start, end = text.index("<metadata>"), text.index("</metadata>")
        assert read(text[:start] + text[end + 11 :]).standard == standard


def test_headings_and_parts_keep_their_order():
    inside = item("a", "A") + item("b", "B")
    items = f'<item identifier="top"><title>Chapter</title>{inside}</item>'
    found = read(items=items, resources=resource("a") + resource("b", "two/b.html"))
    assert [(part.title, part.parent, part.href) for part in found.parts] == [
        ("Chapter", "", ""),
        ("A", "top", "index.html"),
        ("B", "top", "two/b.html"),
    ]


@pytest.mark.parametrize(
    ("href", "more", "parameters", "address"),
    [
        ("index.html?a=1", "", "", "index.html?a=1"),
        ("index.html", "", "?a=1", "index.html?a=1"),
        ("index.html?a=1", "", "b=2", "index.html?a=1&b=2"),
        ("index.html#p", "", "?a=1", "index.html?a=1#p"),
        ("index.html", "", "#p2", "index.html#p2"),
        ("b.html", ' xml:base="two/"', "", "two/b.html"),
        ("two\\b.html", "", "", "two/b.html"),
        ("two/../index.html", "", "", "index.html"),
    ],
)
def test_addresses_are_made_as_the_standard_says(href, more, parameters, address):
    found = read(
        items=item("one", "One", **({"parameters": parameters} if parameters else {})),
        resources=resource("one", href, more=more),
    )
    assert found.playable[0].href == address


def test_a_wrong_capital_is_put_right_and_said():
    found = read(resources=resource("one", "pages/one.html"))
    assert found.playable[0].href == "Pages/One.html"
    assert "the file is ‘Pages/One.html’" in found.notes[0]


def test_thresholds_objectives_and_launch_data_are_read():
    inside = """
      <adlcp:dataFromLMS>unit=3</adlcp:dataFromLMS>
      <adlcp:completionThreshold completedByMeasure="true" minProgressMeasure="0.8"/>
      <imsss:sequencing><imsss:objectives>
        <imsss:primaryObjective objectiveID="all" satisfiedByMeasure="true">
          <imsss:minNormalizedMeasure>0.6</imsss:minNormalizedMeasure>
        </imsss:primaryObjective>
        <imsss:objective objectiveID="grip"/>
      </imsss:objectives></imsss:sequencing>"""
    part = read(standard="4th", items=item("one", "One", inside)).parts[0]
    assert (part.launch_data, part.least_progress) == ("unit=3", 0.8)
    assert [(each["id"], each["is_primary"], each["least"]) for each in part.objectives] == [
        ("all", True, 0.6),
        ("grip", False, None),
    ]


def test_the_mastery_score_of_12_is_read():
    inside = "<adlcp:masteryscore>75</adlcp:masteryscore>"
    assert read(items=item("one", "One", inside)).parts[0].mastery_score == 75


@pytest.mark.parametrize(
    ("more", "note"),
    [
        ({"items": item("one", "One", "<adlcp:prerequisites>x</adlcp:prerequisites>")}, NOT_OBEYED),
        ({"items": item("one", "One", "<adlcp:maxtimeallowed>1</adlcp:maxtimeallowed>")}, "Time"),
        ({"resources": resource("one", value="asset")}, "No part reports anything"),
        (
            {"more": "<organization identifier='b'><title>B</title></organization>"},
            "It has 2 tables of contents; ‘Made for a test’ is played",
        ),
    ],
)
def test_what_is_not_obeyed_is_said(more, note):
    assert any(note in each for each in read(**more).notes)


REFUSED = {
    "no xml": ("x", "can’t be read"),
    "cut off": (manifest()[:200], "not well formed at line"),
    "not a manifest": ("<html/>", "not one of SCORM"),
    "entities": (
        '<!DOCTYPE m [<!ENTITY a "b">]><manifest>&a;</manifest>',
        "declares entities",
    ),
    "no standard": ("<manifest/>", "doesn’t say that it is SCORM"),
    "no organization": (
        manifest().replace("organization ", "other ").replace("</organization>", "</other>"),
        "lists no parts",
    ),
    "no file": (manifest(resources=resource("one", "gone.html")), "‘Part one’ has no file"),
    "elsewhere": (
        manifest(resources=resource("one", "https://example.org/a.html")),
        "‘Part one’ has no file",
    ),
    "climbs out": (manifest(resources=resource("one", "../../a.html")), "has no file"),
    "no resource": (manifest(resources=resource("other")), "‘Part one’ has no file"),
    "only headings": (manifest(items="<item identifier='a'/>"), "no part that can be opened"),
    "same identifier": (manifest(items=item("one", "A") + item("one", "B")), "same identifier"),
    "Common Cartridge": (
        manifest().replace("ADL SCORM", "IMS Common Cartridge"),
        "Common Cartridge",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_manifest_that_cannot_be_played_is_refused(case):
    text, said = REFUSED[case]
    with pytest.raises(PackageRefused, match=said):
        read(text)
