"""One file a version, in order; a released one is never changed."""
