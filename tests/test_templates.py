"""Test that every template compiles and complies with the Content-Security-Policy."""

import re

import pytest
from django.template import engines

from tests.databases import ROOT

FOLDER = ROOT / "templates"
NAMES = sorted(
    str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.suffix in {".html", ".txt"}
)
# Refused by browsers under our policy, or exempt from escaping.
REFUSED = re.compile(
    r"""\sstyle=["']|\son[a-z]+=["']|<style|javascript:|\|\s*safe\b|<script(?![^>]*\ssrc=)""",
    re.IGNORECASE,
)
INCLUDES = re.compile(r"""{%-?\s*include\s+["']([^"']+)["']""")
# Rendered by xhtml2pdf or read by mail programs: our policy does not apply.
NOT_PAGES = ("certificates/pdf", "protocols/pdf", "record/pdf", "emails/")


@pytest.mark.parametrize("name", NAMES)
def test_it_compiles(name):
    engines["django"].get_template(name)


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith(NOT_PAGES)])
def test_it_holds_nothing_that_the_policy_refuses(name):
    found = [match.group(0) for match in REFUSED.finditer((FOLDER / name).read_text())]
    assert found == []


def test_what_pages_include_is_there_and_begins_with_an_underscore():
    """All in components/ are partials; others' folders name theirs as they like."""
    sources = [(FOLDER / name).read_text() for name in NAMES]
    included = {each for source in sources for each in INCLUDES.findall(source)}
    ours = {name for name in included if not name.startswith(("django/", "wagtailadmin/"))}
    assert len(ours) > 70
    assert ours <= set(NAMES)
    partials = [name for name in ours if not name.startswith("components/")]
    assert [name for name in partials if not name.rpartition("/")[2].startswith("_")] == []
