"""Test that a typeface is built once, however many ask for it at the same time."""

from lms.printing import fonts
from tests.servers import at_once


def test_a_typeface_that_many_ask_for_at_once_is_built_once(settings, tmp_path, monkeypatch):
    settings.LMS_PRINTING_ASSETS, built, merge = tmp_path, [], fonts.merge
    monkeypatch.setattr(fonts, "merge", lambda *given: (built.append(given), merge(*given)))
    ask = fonts.truetype.__wrapped__  # as a process that has not asked before

    files = at_once(4, lambda number: ask(fonts.FIRST, False))

    assert len(built) == 1
    assert [path.suffix for path in tmp_path.glob("atkinson*")] == [".ttf"]
    assert set(files) == {*tmp_path.glob("*.ttf")}
