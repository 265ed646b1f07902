"""Rules of personal data for certificates and their designs."""

from certificates.erasing import ERASED_NAME, NO_LONGER_HELD
from lms.privacy.rules import (
    WHOEVER_IT_NAMES,
    Basis,
    Merging,
    blanked,
    names,
    nobody,
    personal,
    replaced,
)

RULES = [
    nobody("certificates.Series", "The last number given in a year", "prefix year last"),
    nobody("certificates.Design", "A design of certificates", "name is_default"),
    personal(
        "certificates.Picture",
        "Pictures of designs, among them signatures",
        whose=WHOEVER_IT_NAMES,
        basis=Basis.PUBLIC_TASK,
        record_type="certificate",
        because="Certificates were printed with it",
        fields={"sha256 content": "The picture: a logo, or a signature"},
    ),
    personal(
        "certificates.DesignVersion",
        "Each version of a design",
        whose=WHOEVER_IT_NAMES,
        basis=Basis.PUBLIC_TASK,
        record_type="certificate",
        because="Certificates were printed with it",
        fields={
            "design number made_at heading before_name after_name statement mark second_mark "
            "third_mark accent line shows_agency shows_format shows_hours shows_code "
            "shows_outcomes shows_refresh": "How certificates look",
            "signatory_name signatory_title signature": "Name, title and signature of who signs",
        },
    ),
    personal(
        "certificates.Certificate",
        "Certificates, as they were issued",
        whose="holder",
        basis=Basis.PUBLIC_TASK,
        record_type="certificate",
        because="Its code can be checked by anyone: afterwards it says “no longer held”",
        fields={
            "holder": names("Whose certificate it is", Merging.MOVE),
            "name": replaced("Name printed on it", ERASED_NAME),
            "pdf": blanked("The PDF: its file is deleted"),
            "number code sha256 size award title course_code course_version outcomes hours format "
            "agency completed_on refresh_on board design issued_at revoked_at superseded_at "
            "superseded_by erased_at end_told_at": "Its number and code, what was completed, when",
            "revoked_reason": replaced("Why it was revoked", NO_LONGER_HELD),
            "superseded_reason": blanked("Why it was replaced"),
            "signatory_name signatory_title": "Name and title of who signed",
        },
    ),
]
