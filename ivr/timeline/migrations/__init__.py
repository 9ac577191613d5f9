"""The schema's versions, forwards and back; ``migrating.py`` runs them at a start."""
