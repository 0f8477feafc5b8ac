"""The access log: who did what, when and why, in a form that shows every later change.

**Rule.** An entry is written in the transaction of what it tells about, by appending only; what cannot be logged does
not happen. This room knows the ground and nothing else: it is handed DB-API connections, and whoever hands them over
holds the lock and commits.

**Decided.**

- Entries are canonical JSON with one encoding, at most 60,000 bytes; longer ones are split. Writes sort first.
- The tree is RFC 6962's. A row carries its leaf hash and every perfect subtree it completes, so that an append is one
  INSERT and any node one look-up; roots and proofs are O(log n).
- Each row also carries a *stamp*: keyed BLAKE2b over size and frontier. The tree shows that nothing was changed, the
  stamp that the service wrote it: without it, a database administrator could append an entry that makes a planted or
  restored row the right one, and the next honest head and checkpoint would cover it. A host that finds a row it did
  not write checks that row's stamp before it appends. The stamp key is a server secret and never in the database in
  clear.
- What a process remembers of the log's end is compared with the last row before every append; so rollbacks and other
  processes need no signal.
- Heads lie outside the database, in two slots of one file a host; checkpoints are C2SP notes, a file each.
- Verification recomputes everything from the bodies in one snapshot, every stamp included, and compares the rows with
  the log both ways. No head or no checkpoint at all is a finding: so whoever sets a house up notes a head and issues a
  checkpoint at once.
- That a checkpoint was issued is an entry, and the newest one's file must be there: a folder that lost its end shows.
  Older files may be moved away; whoever signs anew, past a missing file, leaves an entry that says so.
- The database's catalogue is compared with the schema: a trigger that is gone, switched off or somebody else's, a table
  or column that is not ours. Types and indexes are not compared: neither lets anything be changed unseen.

**Turned down.** Nodes in a table of their own (two INSERTs an entry, and a second table to guard). A hash chain in
place of the tree (no short proofs). An HMAC of each body alone (says nothing about order or omission). RAISE(ABORT) in
the SQLite insert trigger (a statement journal for every append). Reading the heads through mmap (a truncated file would
kill the process). Threads for verification (hashlib holds the interpreter's lock for bodies under 2 kB).
"""
