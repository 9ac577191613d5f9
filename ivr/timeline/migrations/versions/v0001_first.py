"""The first schema: events with search, customers with identities and merges, turns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

COUNTED = sa.BigInteger().with_variant(sa.Integer, "sqlite")

# An index over the events' own words, kept by triggers: SQLite's search tables do not follow others by themselves
# (sqlite.org, fts5, "External Content Tables").
SQLITE_SEARCH = (
    "CREATE VIRTUAL TABLE search USING fts5(customer, words, content='events', content_rowid='seq')",
    """
    CREATE TRIGGER events_searched AFTER INSERT ON events WHEN new.words IS NOT NULL BEGIN
        INSERT INTO search(rowid, customer, words) VALUES (new.seq, new.customer, new.words);
    END
    """,
    """
    CREATE TRIGGER events_unsearched AFTER DELETE ON events WHEN old.words IS NOT NULL BEGIN
        INSERT INTO search(search, rowid, customer, words) VALUES ('delete', old.seq, old.customer, old.words);
    END
    """,
    """
    CREATE TRIGGER events_searched_anew AFTER UPDATE OF customer, words ON events BEGIN
        INSERT INTO search(search, rowid, customer, words)
            SELECT 'delete', old.seq, old.customer, old.words WHERE old.words IS NOT NULL;
        INSERT INTO search(rowid, customer, words)
            SELECT new.seq, new.customer, new.words WHERE new.words IS NOT NULL;
    END
    """,
)
# 'simple': words come folded, and a query's word finds all that begin with it, in every language alike.
POSTGRESQL_SEARCH = (
    "ALTER TABLE events ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('simple', words)) STORED",
    "CREATE INDEX events_search ON events USING gin (search) WHERE words IS NOT NULL",
)


def upgrade() -> None:
    """Make all tables."""
    _make_events()
    _make_customers()
    _make_turns()
    op.create_table(
        "erasures",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("counts", sa.Text, nullable=False),
    )


def _make_events() -> None:
    op.create_table(
        "events",
        sa.Column("seq", COUNTED, primary_key=True, autoincrement=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("time_ms", sa.BigInteger, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("customer", sa.Text),
        sa.Column("contact", sa.Text),
        sa.Column("channel", sa.Text),
        sa.Column("actor", sa.Text),
        sa.Column("direction", sa.Text),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("words", sa.Text),
    )
    op.create_index("events_named", "events", ["source", "id"], unique=True)
    place = ["time_ms", "source", "number", "seq"]
    op.create_index("events_by_type", "events", ["type", *place])
    for name in ("customer", "contact"):
        where = sa.text(f"{name} IS NOT NULL")
        op.create_index(f"events_by_{name}", "events", [name, *place], postgresql_where=where, sqlite_where=where)
    for statement in SQLITE_SEARCH if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_SEARCH:
        op.execute(statement)


def _make_customers() -> None:
    op.create_table(
        "customers",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("root", sa.Text, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text) for name in ("name", "first_name", "language", "tier", "time_zone")),
        sa.Column("tags", sa.Text),
        sa.Column("fields", sa.Text),
        sa.Column("last_contact_ms", sa.BigInteger),
        sa.Column("last_survey_ms", sa.BigInteger),
        sa.Column("last_agent", sa.Text),
        sa.Column("last_agent_ms", sa.BigInteger),
    )
    op.create_index("customers_by_root", "customers", ["root"])
    op.create_table(
        "identities",
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("kind", "value"),
    )
    op.create_index("identities_by_customer", "identities", ["customer"])
    op.create_table(
        "merges",
        sa.Column("id", COUNTED, primary_key=True, autoincrement=True),
        sa.Column("kept", sa.Text, nullable=False),
        sa.Column("absorbed", sa.Text, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("undone_ms", sa.BigInteger),
        sa.Column("undone_by", sa.Text),
    )
    op.create_index("merges_by_kept", "merges", ["kept"])
    op.create_index("merges_by_absorbed", "merges", ["absorbed"])


def _make_turns() -> None:
    op.create_table(
        "turns",
        sa.Column("call_sid", sa.Text, nullable=False),
        sa.Column("turn", sa.BigInteger, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("entry", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("call_sid", "turn"),
    )
    op.create_index("turns_by_time", "turns", ["at_ms"])
    op.create_table(
        "unreadable",
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("entry", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("stream", "id"),
    )


def downgrade() -> None:
    """Leave nothing."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search")
    for table in ("events", "customers", "identities", "merges", "turns", "unreadable", "erasures"):
        op.drop_table(table)
