"""Lay out a certificate: position, size and colour of each text and picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from certificates.designs import pictures, placeholders
from certificates.models import Certificate, DesignVersion
from certificates.printing import outlines
from certificates.printing.fitting import CannotPrint, Sizes, Text, fit, set_at
from lms.printing import fonts

# In points: page, text inside the border, and each of the two columns of outcomes.
PAGE_WIDTH = 842
TEXT_WIDTH = 690
COLUMN_WIDTH = 334
MOST_OUTCOMES = 6
OUTCOMES_HEIGHT = 108
OUTCOME_GAP = 4
SIGNATORY_LEFT, SIGNATORY_WIDTH, SIGNATORY_LINE = 270, 220, 505
# Bounds of the head: its foot is above the outcomes or, without them, above the dates.
HEAD_TOP, HEAD_FOOT, HEAD_FOOT_ALONE = 113, 339, 455
MARKS_TOP, MARKS_GAP = 45, 24
MOST_SMALLER = 6
INK, QUIET, ACCENT = "#1d2625", "#4f5b5a", "#0b5563"

TOO_MUCH = (
    "The certificate does not fit on one page. Ask the training office to shorten what is on it."
)
# Font sizes, from the preferred to the smallest legible.
BOARD_SIZES = (13, 12, 11, 10, 9, 8, 7)
NAME_SIZES: Sizes = {
    "sizes": (36, 34, 32, 30, 28, 26, 24),
    "sizes_on_two_lines": (22, 20, 18, 16, 14, 12, 10),
}
HEADING_SIZES: Sizes = {"sizes": (17, 15, 13), "sizes_on_two_lines": (13, 11, 9)}
LEAD_SIZES: Sizes = {"sizes": (11.5, 10.5, 9.5), "sizes_on_two_lines": (9.5, 8.5, 7.5)}
AGENCY_SIZES = (11.5, 10, 9, 8, 7, 6, 5)
TITLE_SIZES: Sizes = {
    "sizes": (21, 19, 17),
    "sizes_on_two_lines": (15.5, 14, 12, 10, 8, 7, 6),
}
FACTS_SIZES = (11.5, 10.5, 9.5, 8.5, 7, 6)
SIGNATORY_NAME_SIZES: Sizes = {
    "sizes": (12, 11, 10),
    "sizes_on_two_lines": (10, 9, 8, 7, 6),
}
SIGNATORY_TITLE_SIZES: Sizes = {"sizes": (10, 9), "sizes_on_two_lines": (8, 7, 6)}


@dataclass(frozen=True)
class Placed:
    """Text with the gap above it, in page order."""

    text: Text
    gap: float = 0
    colour: str = INK


@dataclass(frozen=True)
class Frame:
    """Stack of texts below a corner of the page, in points."""

    left: float
    top: float
    width: float
    texts: list[Placed]
    is_centred: bool = True

    def shaped(self) -> Iterator[outlines.Drawn]:
        """Yield the lines that need shaping, for which xhtml2pdf leaves room, and where."""
        top = self.top
        for placed in self.texts:
            top += placed.gap
            for line in placed.text.lines:
                if placed.text.family is None:
                    yield self.drawn(line, placed, top)
                top += placed.text.leading

    def drawn(self, line: str, placed: Placed, top: float) -> outlines.Drawn:
        text = placed.text
        free = self.width - fonts.width(line, None, bold=text.bold, size=text.size)
        left = self.left + (free / 2 if self.is_centred else 0)
        return outlines.Drawn(line, text.bold, text.size, left, top, placed.colour)

    @property
    def foot(self) -> float:
        return self.top + sum(placed.gap + placed.text.height for placed in self.texts)


def why_name_unprintable(name: str) -> str:
    """Return why no certificate can show this name, for who enters it; empty if one can."""
    if missing := fonts.undrawable(fonts.printable(name)):
        signs = " ".join(missing[:5])
        return (
            f"We cannot print {signs} on a certificate. Enter the name in other letters, such as "
            "those of a passport"
        )
    try:
        fit(name, TEXT_WIDTH, **NAME_SIZES, bold=True)
    except CannotPrint:
        return "This name is too long for a certificate. Enter a shorter form of it"
    return ""


@dataclass(frozen=True)
class PlacedPicture:
    """Picture by its top left corner, in points."""

    file: str
    left: float
    top: float
    width: float
    height: float


def frames(certificate: Certificate) -> list[Frame]:
    """Lay out all texts that may be long or in a script that needs shaping."""
    columns = in_columns(outcomes(certificate))
    return [
        head(certificate),
        *[
            Frame(left, 356, 336, [Placed(text, OUTCOME_GAP) for text in column], is_centred=False)
            for left, column in zip((75, 431), columns, strict=True)
        ],
        signatory(certificate),
    ]


def outcomes(certificate: Certificate) -> list[str]:
    """Return the outcomes to print, none if the design hides them."""
    return certificate.outcomes[:MOST_OUTCOMES] if certificate.look.shows_outcomes else []


def head(certificate: Certificate) -> Frame:
    """Lay out the texts from board to course, as large as there is room for above the outcomes."""
    is_alone = not certificate.look.shows_outcomes
    lowest = HEAD_FOOT_ALONE if is_alone else HEAD_FOOT
    for smaller in range(MOST_SMALLER):
        frame = head_at(certificate, smaller)
        if frame.foot <= lowest:
            free = lowest - frame.foot if is_alone else 0
            return replace(frame, top=round(frame.top + free / 2, 1))
    raise CannotPrint(TOO_MUCH)


def head_at(certificate: Certificate, smaller: int) -> Frame:
    """Lay out the head with its two long texts `smaller` sizes below what their width allows."""
    look = certificate.look
    agency = certificate.agency if look.shows_agency else ""
    gap = 5 if look.statement else 8

    def filled_text(line: str, sizes: Sizes) -> Text:
        return fit(placeholders.filled(line, certificate), TEXT_WIDTH, **sizes)

    def named(name: str, sizes: Sizes) -> Text:
        return fit(name, TEXT_WIDTH, **but(sizes, smaller), bold=True)

    texts = [
        Placed(fit(certificate.board, TEXT_WIDTH, sizes=BOARD_SIZES, bold=True), 0, look.accent),
        Placed(filled_text(look.heading, HEADING_SIZES), 4),
        Placed(filled_text(look.before_name, LEAD_SIZES), gap, QUIET),
        Placed(named(certificate.name, NAME_SIZES), 3, look.accent),
        Placed(fit(agency, TEXT_WIDTH, sizes=AGENCY_SIZES), 2, QUIET),
        Placed(filled_text(look.after_name, LEAD_SIZES), gap, QUIET),
        Placed(named(certificate.title, TITLE_SIZES), 4),
        Placed(fit(facts(certificate), TEXT_WIDTH, sizes=FACTS_SIZES), 4, QUIET),
        Placed(filled_text(look.statement, LEAD_SIZES), 5),
    ]
    return Frame(75, HEAD_TOP, 692, [placed for placed in texts if placed.text.text])


def but(sizes: Sizes, largest: int) -> Sizes:
    """Drop the largest sizes on two lines."""
    return {**sizes, "sizes_on_two_lines": sizes["sizes_on_two_lines"][largest:]}


def signatory(certificate: Certificate) -> Frame:
    width = SIGNATORY_WIDTH - 4
    name = fit(certificate.signatory_name, width, **SIGNATORY_NAME_SIZES, bold=True)
    title = fit(certificate.signatory_title, width, **SIGNATORY_TITLE_SIZES)
    texts = [Placed(name), Placed(title, 0, QUIET)]
    return Frame(SIGNATORY_LEFT, SIGNATORY_LINE + 5.8, SIGNATORY_WIDTH, texts)


def facts(certificate: Certificate) -> str:
    look, told = certificate.look, placeholders.values_for(certificate)
    facts = [
        (look.shows_format, told["format"]),
        (look.shows_hours, told["hours"]),
        (look.shows_code, f"Course {told['course_code']}"),
    ]
    return " \u00b7 ".join(fact for is_shown, fact in facts if is_shown)


def drawn(look: DesignVersion, board_mark: pictures.Shown) -> list[PlacedPicture]:
    """Place up to three logos in a centred row, and the signature on its line."""
    chosen = (look.mark_id, look.second_mark_id, look.third_mark_id)
    marks = [pictures.shown(sha256) for sha256 in chosen if sha256] or [board_mark]
    sizes = [mark.within(pictures.MARK) for mark in marks]
    left = (PAGE_WIDTH - sum(width for width, _ in sizes) - MARKS_GAP * (len(marks) - 1)) / 2
    placed = []
    for mark, (width, height) in zip(marks, sizes, strict=True):
        top = MARKS_TOP + (pictures.MARK[1] - height) / 2
        placed.append(PlacedPicture(mark.file, round(left, 1), round(top, 1), width, height))
        left += width + MARKS_GAP
    if look.signature_id:
        written = pictures.shown(look.signature_id)
        width, height = written.within(pictures.SIGNATURE)
        middle = SIGNATORY_LEFT + SIGNATORY_WIDTH / 2
        left, top = round(middle - width / 2, 1), round(SIGNATORY_LINE - 2 - height, 1)
        placed.append(PlacedPicture(written.file, left, top, width, height))
    return placed


def in_columns(outcomes: list[str]) -> list[list[Text]]:
    """Set the outcomes in two columns, at the largest size at which both fit."""
    for size in (10.5, 10, 9.5, 9, 8.5, 8, 7.5, 7, 6.5, 6, 5.5, 5):
        texts = [set_at(size, fonts.printable(outcome), COLUMN_WIDTH) for outcome in outcomes]
        half = (len(texts) + 1) // 2
        columns = [texts[:half], texts[half:]]
        if all(height(column) <= OUTCOMES_HEIGHT for column in columns):
            return columns
    raise CannotPrint(
        "The outcomes of this course are too long for a certificate. Ask the training office to "
        "shorten them."
    )


def height(column: list[Text]) -> float:
    return sum(text.height + OUTCOME_GAP for text in column)
