"""Pass phrases for people who have been threatened: ours without words of violence, their own not too easy to guess."""

import hmac

from safetyplan.sealing.codes import new_passphrase
from safetyplan.sealing.passphrases import normalise_phrase

_HARSH = """
afraid ambush army arson ashamed avenge avenging backstab banish battalion battered battering battery batting battle
blade bride browbeat bruising brute brutishly buckshot bullfight bullwhip bully cage captivate captive captivity
casket catfight chase chasing chokehold choking constable crushable crushed crusher crushing crying cruelly
cruelness cruelty custodian custody dagger danger daredevil disgrace disown divorcee drown dropkick embattled
endanger enslave ensnare entrap evil exile explode exploit ferocious foe gangrene gore gory gravel graves graveyard
grief handgun harmful hate hunter hunting huntress huntsman hurt husband identity imprison jackknife jailbird
jailbreak jailer jailhouse lurk maimed manhunt married mourner mournful obedience obedient overkill panic penknife
poison police prison prowler prowling pureblood punch punisher reburial revenge ruined savage scarcity scared scarf
rectal scarily scariness scarring scary secret shame shelter sinister sinner skeletal skeleton slain slapping slashed
slashing slingshot slit smother snare sneak snooper spearhead spearman spousal spouse squash strangle strike struck
suffocate swarm thrash threaten throttle trapped trapper trapping traps trash unafraid undead undying unharmed
uninjured unshackle vengeful widow wife wound wreckage wrecker wrecking
"""
HARSH = frozenset(_HARSH.split())


def new_phrase() -> str:
    """Five words of the EFF's list, drawn again where one would hurt: 64.4 bits instead of 64.6."""
    while True:
        phrase = new_passphrase()
        if HARSH.isdisjoint(phrase.split()):
            return phrase


def same(one: str, other: str) -> bool:
    """Whether both would open the same lock."""
    first, second = (normalise_phrase(each).encode("utf-8", "surrogatepass") for each in (one, other))
    return hmac.compare_digest(first, second)
