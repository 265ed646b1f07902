"""Test that each mutant can still be made: `make mutants` takes too long for every commit."""

import ast
import re

import pytest

from tests.databases import ROOT
from tests.mutants.__main__ import known

MUTANTS = [each for mutants in known().values() for each in mutants]


def test_no_two_mutants_have_one_name():
    assert len({each.name for each in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: each.name)
def test_a_mutant_changes_text_that_is_there_into_what_can_be_read(mutant):
    text = (ROOT / mutant.file).read_text()
    for old, new in mutant.changes:
        assert old in text, f"{mutant.file} no longer has: {old}"
        text = text.replace(old, new)
    if mutant.file.endswith(".py"):
        ast.parse(text)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: each.name)
def test_the_test_of_a_mutant_exists(mutant):
    file, _, function = mutant.test.partition("::")
    name = function.partition("[")[0]
    assert re.search(rf"^def {name}\(", (ROOT / file).read_text(), re.MULTILINE)
