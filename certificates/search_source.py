"""Let the site search find the page that verifies certificates."""

from search.sources import Place, Places

PAGES = Places(
    "certificate_page",
    Place(
        1,
        "certificates:check",
        "Check a certificate",
        "Enter the code of a certificate to see whether it is valid.",
        "verify, verification, training",
    ),
)
