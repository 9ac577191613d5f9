"""The transitions of calls, one Lua script a file; ``ivr/sessions.py`` calls them."""
