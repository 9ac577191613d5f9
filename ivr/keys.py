"""Every Redis key of calls and programs: its type, members, score and life. Nothing else in ``ivr`` spells one.

All keys of one call carry its partition's hash tag, ``{p00}`` … ``{p63}``, so that a turn is one script on one node of
a cluster. Sixty-four partitions: enough for every node a cluster of this product will have, few enough for each
process to sweep them all in one pipeline.

==============================  ======  ===========================================================================
key                             type    what it holds, and for how long
==============================  ======  ===========================================================================
``{pNN}:call:<CallSid>``        hash    ``turn`` last answered, ``session``, ``answer`` to it; while an act is under
                                        way ``act`` its id and ``unheard`` the verbs said before it.
                                        25 h from its last turn, 10 min past the call's end
``{pNN}:journal``               stream  one entry a turn, field ``turn``: JSON (``ivr/journal.py``); about 100,000
``{pNN}:outbox``                hash    act id → JSON of the act, until it is answered
``{pNN}:outbox:due``            zset    act id by the time in ms at which another process takes it over
``{pNN}:legs:<offer id>``       hash    ``group``, and of each agent rung for it ``call:<agent>``, the CallSid of their
                                        leg (empty until known), and ``stands:<agent>``; ``in:<CallSid>``
                                        of each call that entered the conference; 25 h
``{programs}:live``             string  the id of the program that new calls begin on; for ever
``{programs}:versions``         zset    id of each version by its number; the newest hundred and those in use
``{programs}:audit``            stream  who made what live, a field each (``ivr/versions.py``); about 10,000, for ever
``{programs}:program:<id>``     hash    ``files`` and ``audio`` JSON, ``author message published_ms``, and ``left_ms``
                                        since when it is not live; as long as it is a version
``audio:<hash>``                hash    ``type`` and ``bytes`` of a prompt; for ever
``{hours}:closed:<calendar>``   string  JSON of a closure (``ivr/closures.py``); a day past its end
``{hours}:audit``               stream  who closed and opened what, field ``entry``: JSON; about 10,000, for ever
``queues:groups``               set     groups of queues that a program was registered with; for ever
``queues:lines``                hash    agent → the telephone number or SIP address where they are rung; for ever
``queues:audit``                stream  who did what to agents and contacts, field ``entry``: JSON (``ivr/hall.py``);
                                        about 10,000, for ever
==============================  ======  ===========================================================================
"""

from __future__ import annotations

import zlib

PARTITIONS = tuple(f"{{p{number:02}}}" for number in range(64))

PROGRAM_LIVE = "{programs}:live"
PROGRAM_VERSIONS = "{programs}:versions"
PROGRAM_AUDIT = "{programs}:audit"
PROGRAM = "{programs}:program:"
HOURS_AUDIT = "{hours}:audit"
QUEUE_GROUPS = "queues:groups"
QUEUES_AUDIT = "queues:audit"
QUEUE_LINES = "queues:lines"
PERMANENT = (
    *("{programs}:", "audio:", HOURS_AUDIT, QUEUE_GROUPS, QUEUES_AUDIT, QUEUE_LINES),
    *(f"{partition}:journal" for partition in PARTITIONS),
)
"""Prefixes of keys without a time to live on purpose; any other key without one is a leak, and a test says so."""

# A call lasts at most 24 h (twilio.com, Calls resource, TimeLimit); an hour more so that its end finds the session.
CALL_TTL_S = 25 * 3600
# Late callbacks of an ended call arrive within seconds, Twilio's own retries within 15 s.
ENDED_TTL_S = 600


def partition(call_sid: str) -> str:
    """The hash tag of the partition that keeps the call."""
    return PARTITIONS[zlib.crc32(call_sid.encode()) & 63]


def call(call_sid: str) -> str:
    return f"{partition(call_sid)}:call:{call_sid}"


def of_commit(call_sid: str) -> tuple[str, str, str, str]:
    """The keys of one commit: call, journal, outbox, take-over times."""
    part = partition(call_sid)
    return f"{part}:call:{call_sid}", f"{part}:journal", f"{part}:outbox", f"{part}:outbox:due"


def of_legs(call_sid: str, offer: str) -> tuple[str, str, str]:
    """The keys of the legs rung for an offer of the call: themselves, outbox, take-over times."""
    part = partition(call_sid)
    return f"{part}:legs:{offer}", f"{part}:outbox", f"{part}:outbox:due"


def journal(part: str) -> str:
    return f"{part}:journal"


def outbox(part: str) -> str:
    return f"{part}:outbox"


def outbox_due(part: str) -> str:
    return f"{part}:outbox:due"


def program(program_id: str) -> str:
    return f"{PROGRAM}{program_id}"


def closure(calendar: str) -> str:
    return f"{{hours}}:closed:{calendar}"


def audio(audio_hash: str) -> str:
    return f"audio:{audio_hash}"
