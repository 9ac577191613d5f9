"""Every Redis key of routing: its type, members, score and life. Nothing else in ``routing`` spells one.

All keys of a group share the hash tag ``{r:<group>}``, so that each script runs on one node of a cluster. A script gets
the group's base (``KEYS[1]``) and spells the rest as this table does; a test compares the two.

======================  ======  ===================================================================================
key, behind the base    type    what it holds, and for how long
======================  ======  ===================================================================================
``contact:<id>``        hash    one contact: see ``routing/contacts.py``; a day past its end
``trace:<id>``          list    what happened to it, ``at|event|agent|detail``, 200 at most; as long as the contact
``agent:<id>``          hash    one agent: see ``routing/agents.py``; 30 days past sign-out
``line:<r>``            zset    contacts that anyone able may take, by place (ms)
``heads``               zset    requirement number by the place of its line's first contact
``aside:<r>``           zset    contacts that somebody has declined, by place
``asides``              zset    requirement number by the place of its aside's first contact
``preferred:<agent>``   zset    contacts kept for that agent, by place
``idle:<r>``            zset    ready agents who can serve the requirement, by the strategy's score: lowest first
``signed``              hash    requirement number → agents signed in who can serve it
``able``                hash    requirement number → those of them who are available
``wrap_ups``            set     agents who are writing up
``due``                 zset    deadlines ``kind|id|generation`` by when (ms): see ``routing/deadlines.py``
``queue:<name>``        hash    the live program's policy of a queue: see ``routing/registry.py``; for ever
``waiting``             hash    queue → contacts that wait in it
``agents``              set     ids of agents who are signed in
``requirements``        hash    requirement number → its text; ``version``; for ever
``numbers``             hash    requirement text → its number; for ever
``channels``            hash    channel → bitmap of its requirements; for ever
``skills``              set     names of skills that agents may have; for ever
``callers:<n>:<min>``   string  joins of one caller's number in one minute; two minutes
``left:<queue>:<n>``    string  ``since,until`` of a caller who hung up while waiting; as long as ``return_ms``
``journal``             stream  what happened, one entry each: ``event``, ``at`` and what it is of; about 100,000
======================  ======  ===================================================================================
"""

from __future__ import annotations

import re

GROUP = re.compile(r"[a-z][a-z0-9_]{0,63}")
DEFAULT_GROUP = "main"


def base(group: str = DEFAULT_GROUP) -> str:
    """What every key of the group begins with; raises ValueError for what is no name of a group."""
    if not GROUP.fullmatch(group):
        raise ValueError(f"{group!r} is not the name of a group; use small letters, digits and _")
    return f"{{r:{group}}}:"


PERMANENT = ("able", "signed", "waiting", "requirements", "numbers", "channels", "skills", "journal", "queue:")
"""Behind a base: what stays when everybody has gone. Any other key without an end is a leak, and a test says so."""
