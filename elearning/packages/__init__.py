"""Packages made elsewhere: read them, keep their files, play them."""
