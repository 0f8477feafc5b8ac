"""Rows that carry sealed values: engine, tables (one module a feature), queries, migrations.

Rule: nothing here can read what it keeps. No key reaches this room; sealed columns are bytes.

Decided: SQLAlchemy Core, no ORM (rows are data; a mapped object with a decrypting property would make a guarded
act look free). Every table has a text ``id``; times are integers (milliseconds, UTC); no floats, dates or JSON
columns, so that the digest of a row is the same on both databases. Feature rows are revisions: a save adds a row.
Queries stand beside their tables. Rows change only through the vault, which tells the access log; the hot list
(``fields.HOT``) is the short, named exception.

Turned down: Flask-SQLAlchemy (one engine a process is not enough for two roles); SQLite's busy timeout (writers
sleep and starve; a blocking lock queues them).
"""
