"""The language of call flows and the engine that walks them.

Pure: events and the time come in, instructions and a new session come out. No clock, randomness, sockets,
files, async or logging live here; what is slow or uncertain is an instruction whose answer returns as an event.

Where things are: ``source`` reads YAML with positions, ``problems`` are the author's mistakes, ``program``
compiles a workspace, ``kinds`` holds one step kind a file, ``checks`` one check a file, ``instructions`` one
instruction a file, ``engine`` walks.
"""
