"""Define no models: the record is read from other apps."""
