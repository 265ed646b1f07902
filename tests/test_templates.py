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
# Rendered by xhtml2pdf or read by mail programs: our policy does not apply.
NOT_PAGES = ("certificates/pdf", "protocols/pdf", "record/pdf", "emails/")


@pytest.mark.parametrize("name", NAMES)
def test_it_compiles(name):
    engines["django"].get_template(name)


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith(NOT_PAGES)])
def test_it_holds_nothing_that_the_policy_refuses(name):
    found = [match.group(0) for match in REFUSED.finditer((FOLDER / name).read_text())]
    assert found == []
