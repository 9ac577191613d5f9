"""The language of call flows and the engine that walks them.

Pure: events and the time come in, instructions and a new session come out. No clock, randomness, sockets,
files, async or logging live here; what is slow or uncertain is an instruction whose answer returns as an event.

Where things are, in the order a flow passes them: ``source`` reads YAML with positions, ``form`` reads a map option
by option, ``text`` and ``expressions`` what is spoken and decided, ``kinds`` holds one step kind a file, ``flow`` and
``center`` read one file of a workspace, ``program`` compiles all of them, ``checks`` holds one check a file,
``problems`` are the author's mistakes. In a call ``engine`` goes from step to step, ``walk`` is what a step sees,
``scope`` the names in an expression, ``hours`` and ``phrases`` what they say, ``instructions`` holds one a file.
``needs`` and ``looking`` are what a step must know of the world and how it is asked, ``frames`` what subflows mean to
the checks.
"""
