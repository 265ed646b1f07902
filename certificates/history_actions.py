"""Words for the actions that history records about certificates and their designs."""

WORDS = {
    "certificate.issued": "issued",
    "certificate.replaced": "replaced by a correction",
    "certificate.revoked": "revoked",
    "design.added": "Design added",
    "design.changed": "Design changed",
    "design.renamed": "Design renamed",
    "design.default": "Made the default design, or no longer",
}
