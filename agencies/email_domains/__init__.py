"""Know which email domains show where somebody works: most do, shared ones do not."""
