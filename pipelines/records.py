"""How Dagster's own records are written: runs and events in SQLite, without waiting for the disk.

Here: one setting of every SQLite connection of the process. SQLite waits for the disk at each commit,
and Dagster commits about thirty times a step; these waits were a third of a small run. Without them a
process that is killed loses nothing; only a machine that loses its power may lose the last events of
the UI. Tables and releases do not depend on these records (`storage.py` keeps its own).
"""

import sqlite3

import sqlalchemy


@sqlalchemy.event.listens_for(sqlalchemy.Engine, "connect")
def do_not_wait_for_the_disk(connection: object, _: object) -> None:
    """Leave it to the operating system when SQLite's pages reach the disk."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")
