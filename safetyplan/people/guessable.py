"""How easy an own pass phrase is to guess: zxcvbn, taught what Swedes and Danes write.

It knows English only. The frequent words of both languages stand beside this module, and each is also known as people
write it on a keyboard without its letters ("losenord", "koebenhavn").
"""

from functools import cache
from importlib.resources import files
from itertools import count

from zxcvbn import matching, zxcvbn

_LISTS = ("words_common.txt", "words_sv.txt", "words_da.txt")
_YEARS = range(2039, 1929, -1)  # zxcvbn knows them up to 2019
_FOLDS = (
    {"å": "a", "ä": "a", "ö": "o", "æ": "a", "ø": "o"},
    {"å": "aa", "ä": "ae", "ö": "oe", "æ": "ae", "ø": "oe"},
    {"ä": "æ", "ö": "ø", "æ": "ä", "ø": "ö"},
)
_TABLES = tuple(str.maketrans(fold) for fold in _FOLDS)
_JUDGED = 72  # zxcvbn takes quadratic time; what is behind this only makes a phrase better
_GAPS = str.maketrans("", "", " -_.,:;+'’")


def score(phrase: str) -> int:
    """0 (at once) to 4 (not in a lifetime). What stands between the words adds nothing: people guess that first."""
    _teach()
    return min(int(zxcvbn(each[:_JUDGED])["score"]) for each in {phrase, phrase.translate(_GAPS) or phrase})


@cache
def _teach() -> None:
    """Once a process. The lists are zxcvbn's own from then on, so that it also looks inside repeated parts."""
    for name in _LISTS:
        lines = files("safetyplan.people").joinpath(name).read_text("utf-8").splitlines()
        matching.RANKED_DICTIONARIES[name] = _ranked([line for line in lines if not line.startswith("#")])
    matching.RANKED_DICTIONARIES["years"] = dict(zip(map(str, _YEARS), count(1), strict=False))


def _ranked(words: list[str]) -> dict[str, int]:
    ranks: dict[str, int] = {}
    for rank, word in enumerate(words, 1):
        for spelt in (word, *(word.translate(table) for table in _TABLES)):
            ranks.setdefault(spelt, rank)
    return ranks
