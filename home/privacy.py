"""Rules of personal data for the front door and standing pages."""

from lms.privacy.rules import nobody

RULES = [
    nobody("home.HomePage", "The board’s public text", "hero introduction"),
    nobody("home.StandardPage", "The board’s public text", "introduction body"),
]
