"""The timeline: all that happened to one customer, in order, whoever did it, on whatever channel.

Events come in from the calls' journals (``journals.py``, in a process of its own) and from other systems
(``api.py``); one writer stores them (``writing.py``); nothing ever changes one, but erasure. A call never waits for any
of it: what cannot be looked up in time is unknown, and what cannot be written waits in Redis.
"""
