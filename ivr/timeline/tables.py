"""The tables of the timeline, one schema on both databases. ``migrations/`` makes them; nothing else does.

Times are UTC epoch milliseconds, as in Redis. Texts that hold JSON are written by us and read by us.

================  ====================================================================================================
``events``        one row an event, never changed; ``words`` are what full-text search reads, folded. ``customer`` is
                  the customer that the event was about when it came: merging changes nothing here
``customers``     one row for each customer ever met; ``root`` is the one it is merged into, itself when it is not
``identities``    what each customer is found by; an identity stays with its customer through merging and back
``merges``        who was merged with whom, by whom and why; an undone one says since when
``turns``         the calls' turns as they were journaled, for replays
``unreadable``    journal entries that this version could not read, and why: nothing is thrown away
``erasures``      receipts: what was erased, when and by whom, without what it was
================  ====================================================================================================
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData, PrimaryKeyConstraint, Table, Text

METADATA = MetaData()
# SQLite counts rows by itself only in a column of exactly this type (sqlite.org, rowidtable).
COUNTED = BigInteger().with_variant(Integer, "sqlite")

EVENTS = Table(
    "events",
    METADATA,
    Column("seq", COUNTED, primary_key=True, autoincrement=True),
    Column("source", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("time_ms", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("customer", Text),
    Column("contact", Text),
    Column("channel", Text),
    Column("actor", Text),
    Column("direction", Text),
    Column("summary", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("words", Text),
)
CUSTOMERS = Table(
    "customers",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("root", Text, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("name", Text),
    Column("first_name", Text),
    Column("language", Text),
    Column("tier", Text),
    Column("time_zone", Text),
    Column("tags", Text),
    Column("fields", Text),
    Column("last_contact_ms", BigInteger),
    Column("last_survey_ms", BigInteger),
    Column("last_agent", Text),
    Column("last_agent_ms", BigInteger),
)
IDENTITIES = Table(
    "identities",
    METADATA,
    Column("kind", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("customer", Text, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("kind", "value"),
)
MERGES = Table(
    "merges",
    METADATA,
    Column("id", COUNTED, primary_key=True, autoincrement=True),
    Column("kept", Text, nullable=False),
    Column("absorbed", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("undone_ms", BigInteger),
    Column("undone_by", Text),
)
TURNS = Table(
    "turns",
    METADATA,
    Column("call_sid", Text, nullable=False),
    Column("turn", BigInteger, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("entry", Text, nullable=False),
    PrimaryKeyConstraint("call_sid", "turn"),
)
UNREADABLE = Table(
    "unreadable",
    METADATA,
    Column("stream", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("entry", Text, nullable=False),
    PrimaryKeyConstraint("stream", "id"),
)
ERASURES = Table(
    "erasures",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("customer", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("counts", Text, nullable=False),
)
