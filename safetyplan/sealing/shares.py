"""The organisation recovery key's seed on paper: SLIP-39, any two of three shares.

The library says of itself that it does not run in constant time; shares are made and joined offline, by
hand, rarely.
"""

from itertools import combinations

from shamir_mnemonic import MnemonicError, Share, combine_mnemonics, generate_mnemonics

from safetyplan.sealing.invalid import SharesWrong


def split(seed: bytes) -> list[str]:
    """Three shares of 33 words each, for 32 bytes. SLIP-39 knows no wrong pass phrase, so we use none."""
    if len(seed) != 32:
        raise ValueError("a recovery seed has 32 bytes")
    shares: list[list[str]] = generate_mnemonics(group_threshold=1, groups=[(2, 3)], master_secret=seed)
    return shares[0]


def combine(shares: list[str]) -> bytes:
    """The seed, from two shares or all three.

    Raises SharesWrong with a sentence that says which one and what to do.
    """
    read = [_read(number, share) for number, share in enumerate(shares, 1)]
    if len({share.common_parameters() for share in read}) > 1:
        raise SharesWrong("These shares do not belong together. Use shares that were made on the same day.")
    if len({share.index for share in read}) < len(read):
        raise SharesWrong("You have entered the same share twice. Enter another one.")
    if len(read) < 2:
        raise SharesWrong("Two shares are needed. Enter one more.")
    try:
        seeds: set[bytes] = {combine_mnemonics([a.mnemonic(), b.mnemonic()]) for a, b in combinations(read, 2)}
    except MnemonicError:
        raise SharesWrong("These shares do not fit together. Compare each word with the paper.") from None
    if len(seeds) != 1:
        raise SharesWrong("These shares do not fit together. Compare each word with the paper.")
    return seeds.pop()


def _read(number: int, words: str) -> Share:
    try:
        share = Share.from_mnemonic(" ".join(words.lower().split()))
    except (MnemonicError, ValueError):
        raise SharesWrong(f"Share {number} has a wrong or missing word. Compare each word with the paper.") from None
    if (share.member_threshold, share.group_threshold, share.group_count, len(share.value)) != (2, 1, 1, 32):
        raise SharesWrong(f"Share {number} was not made by this service.")
    return share
