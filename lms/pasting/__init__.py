"""Turn text pasted from Word, Google Docs and the like into blocks of a page."""
