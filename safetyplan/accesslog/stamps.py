"""Stamps: a keyed mark on every row, over the whole tree up to it, that only the service can make.

Without it the tree proves order and wholeness but not origin: whoever may write to the database, and knows this
code, could append an entry of their own (say one that makes an old plan row the right one again) and the next
honest head would cover it. The mark is keyed BLAKE2b (RFC 7693) over the size and the frontier's peaks, and so over
everything before; a host that finds a row it did not write itself checks that row's mark before it goes on, and
therefore one good mark vouches for all entries before it. Verification looks at every mark all the same: a row of
which any byte is not ours is named.
"""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from hmac import compare_digest

from safetyplan.accesslog.tree import Frontier

VERSION = 4
STAMP = VERSION + 32
UNKEYED = 0


class Stamps:
    """The stamp keys (32 bytes each) by version, from 1; ``current`` marks new rows.

    Without keys rows carry version 0, a plain hash: it keeps the cache honest but shows no origin.
    """

    def __init__(self, keys: Mapping[int, bytes] | None = None, current: int = UNKEYED) -> None:
        self.keys = dict(keys or {UNKEYED: b""})
        self.current = current
        if keys and (UNKEYED in keys or any(len(key) != 32 for key in keys.values())):
            raise ValueError("stamp keys have 32 bytes and versions from 1")
        if current not in self.keys:
            raise ValueError("no stamp key of the current version")
        self._keyed = {  # begun once and copied for each stamp: a third of the cost
            version: (
                version.to_bytes(VERSION, "big"),
                blake2b(digest_size=32, key=key, person=b"accesslog"),
            )
            for version, key in self.keys.items()
        }

    def __repr__(self) -> str:
        return f"Stamps(versions={sorted(self.keys)}, current={self.current})"

    @property
    def begun(self) -> tuple[bytes, Callable[[], blake2b]]:
        """What a row of the current version's stamp begins with, and a fresh keyed state to be given size and peaks."""
        prefix, keyed = self._keyed[self.current]
        return prefix, keyed.copy

    def make(self, frontier: Frontier) -> bytes:
        return self._make(self.current, frontier)

    def accepts(self, stamp: bytes, frontier: Frontier) -> bool:
        version = int.from_bytes(stamp[:VERSION], "big")
        return version in self.keys and compare_digest(stamp, self._make(version, frontier))

    def _make(self, version: int, frontier: Frontier) -> bytes:
        prefix, keyed = self._keyed[version]
        mark = keyed.copy()
        mark.update(frontier.size.to_bytes(8, "big") + b"".join(frontier.peaks))
        return prefix + mark.digest()
