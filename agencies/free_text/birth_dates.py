"""Detect a name beside a birth date in free text.

Detection is uncertain, so the writer is only warned and may go on (rules.md, 'Data').
"""

import re

ONE = r"[A-ZÀ-Þ][\w'’-]+"
NAME = rf"{ONE}(?: +{ONE})+"
MONTH = r"(?:\d{1,2}|(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)"
DAY = rf"(?:\d{{1,2}}(?:st|nd|rd|th)?[ ./-]+{MONTH}[ ./,-]+(?:\d\d)?\d\d|\d{{4}}-\d\d-\d\d)(?!\d)"
BORN = r"(?i:born(?: on)?|d\.?o\.?b\.?)"
# At most four words in between.
AND = r"\W+(?:[\w'’]+\W+){0,4}?"
BESIDE = re.compile(
    rf"\b(?:{NAME}{AND}{DAY}|{DAY}{AND}{NAME}|{ONE}\W+(?:\w+\W+){{0,2}}{BORN}\W+{DAY})"
)


def stand_beside_a_name(text: str) -> bool:
    return bool(BESIDE.search(text))
