"""Mutants of what an editor pastes into a page."""

from tests.mutants.mutant import Mutant

CLIPBOARD, TABLES, PARTS = (f"lms/pasting/{name}.py" for name in ("clipboard", "tables", "parts"))
TEST = "tests/lms/test_pasting.py::"


def pasting(name, file, old, new, test):
    return Mutant(f"pasting: {name}", file, ((old, new),), test)


MUTANTS = [
    pasting(
        "a table is an ordinary text",
        CLIPBOARD,
        'elif tag == "table":',
        'elif tag == "no table":',
        f"{TEST}test_word_keeps_headings_lists_links_and_tables",
    ),
    pasting(
        "Word's own lists are paragraphs",
        CLIPBOARD,
        'elif word := _WORD_LIST.search(style.get("mso-list", "")):',
        'elif word := _WORD_LIST.search(""):',
        f"{TEST}test_word_keeps_headings_lists_links_and_tables",
    ),
    pasting(
        "a heading that only its style says is none",
        CLIPBOARD,
        'style.get("mso-outline-level", "")',
        '""',
        f"{TEST}test_word_keeps_headings_lists_links_and_tables",
    ),
    pasting(
        "all of Google's text is bold",
        "lms/pasting/styles.py",
        'return weight in ("bold", "bolder") if weight and weight != "inherit" else inherited',
        'return weight in ("bold", "bolder") or inherited',
        f"{TEST}test_googles_wrapper_is_not_bold_and_its_spans_are",
    ),
    pasting(
        "a merged cell is said once",
        TABLES,
        "for m in range(down) for n in range(across))",
        "for m in range(1) for n in range(1))",
        f"{TEST}test_merged_cells_say_what_they_said_in_each_row_and_column",
    ),
    pasting(
        "pictures go without a word",
        CLIPBOARD,
        'lost["pictures"] += 1',
        'lost["pictures"] += 0',
        f"{TEST}test_what_a_page_cannot_keep_is_named_and_what_it_is_about_is_kept",
    ),
    pasting(
        "any address is a link",
        CLIPBOARD,
        "    if scheme in LINKS:\n",
        "    if scheme:\n",
        f"{TEST}test_a_link_that_leads_nowhere_from_here_is_its_words",
    ),
    pasting(
        "a heading too long for a part is one",
        PARTS,
        "len(piece.text) <= LONGEST_HEADING",
        "len(piece.text) > 0",
        f"{TEST}test_a_heading_too_long_for_a_part_is_kept_in_its_text",
    ),
    pasting(
        "columns too narrow for a word are printed",
        "protocols/editions/print_layout.py",
        "> MOST_COLUMNS:",
        "> 99:",
        "tests/protocols/test_edition_pdf.py::"
        "test_a_table_of_many_columns_and_rows_is_printed_whole",
    ),
    pasting(
        "the editor takes what Wagtail makes of it",
        "styles/paste.js",
        "!NEEDS_READING.test(html)",
        "NEEDS_READING.test(html)",
        "tests/browser/test_pasting.py::test_what_is_pasted_from_word_is_in_the_saved_draft",
    ),
]
