"""Speed as a property we measure: ``make bench``.

Every figure is a ratio against a bare floor in the same run, from slices that take turns, because a machine's speed
drifts by more than what we look for. Absolute times are shown for orientation only.
"""
