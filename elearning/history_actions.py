"""Words for the actions that history records about modules and attempts."""

WORDS = {
    "module.issued": "Version issued",
    "module.withdrawn": "Version withdrawn",
    "package.received": "Package sent",
}
