"""Know which e-mail domains show where somebody works: most do, shared ones do not."""
