"""A made-up entry of each registry, in one file each: what `test_registries.py` adds."""
