"""Pages for people, served by our own server: templates in ``pages``, the rest in ``static``; no build step."""
