"""Pass phrases for people who have been threatened: ours without words of violence, their own not too easy to guess."""

import hmac

from safetyplan.sealing.codes import new_passphrase
from safetyplan.sealing.passphrases import normalise_phrase

_HARSH = """
afraid aghast agonize agonizing agony ambush anguished armed army arousal arrest arson ashamed atrocious avenge
avenging backstab banish battalion battered battering battery batting battle bazooka blade blame blaming bodacious
boogeyman boogieman bribe bride broken browbeat bruising brunt brute brutishly buckshot bullfight bullwhip bully bust
cage captivate captive captivity casket catcall catfight cathouse cesspool chase chasing chastise chokehold choking
clobber coerce confess confined confining constable contusion cringe cringing cruelly cruelness cruelty crushable
crushed crusher crushing crying cussed custodian custody dagger danger daredevil dastardly deceased defile defiling
degraded degrading demeaning depraved depravity deranged desecrate despair despise destitute destruct detention
detonate detonator deviancy deviant devourer diabolic dictator disfigure disgrace dismiss disown distress divorcee
dreaded dreadful dropkick drown duress dwarf dynamite embattled endanger enrage enslave ensnare entomb entrap
eradicate evade evict evil exile explicit explode exploit expose extortion fanatic ferocious fester filth flaccid
fleshed fleshy flogging foe fondling frenzied frighten frightful gangrene germicide gonad gore gory gravel graves
graveyard grief grieving grievous groin grope hacked hacker handcuff handgun harmful harsh hatchet hate hatred haunt
headless headlock helpless hemlock humiliate hunter hunting huntress huntsman hurt husband hush hypnotize identity
imbecile impale imprison isolated isolation jab jackknife jailbird jailbreak jailer jailhouse kick lunacy lurk
lustfully lustily lusty maggot maimed malformed mangle mangy manhandle manhunt marauding marital married masculine
mating monstrous morbidity morbidly mortality mortally mortician mortified mortify mortuary mourner mournful mug
mummify mutilated mutilator muzzle nag nastily nemesis obedience obedient obituary obsessed obsession obsessive ogle
onslaught oppressed oppressor outcast outrage overkill overpower overthrow panic paralyze parasite penalize penalty
penknife perish pester phantom phobia playmate plaything plunder poison police pounce pouncing prison probation
provoke prowess prowler prowling punch punctured punisher pureblood purge pursuit racism rage raging ransack rascal
ravage raving ravishing rebuff reburial rectal repressed reprimand repulsive retaliate revenge riot ruined sabotage
sadden sadness savage scalding scapegoat scarcity scared scarf scarily scariness scarring scary scorn secret seduce
seducing seizing sensuous shame shelter shove shrapnel shriek shrill shudder shush silenced silencer sinister sinner
skeletal skeleton skinhead skirmish slain slam slander slapping slashed slashing slingshot slit slug smasher smashing
smite smitten smother snare snarl sneak sneer snooper spearhead spearman spew spinster spousal spouse squash squatter
stained starved starving stench stifle stifling stoning strained strangle stricken strife strike struck struggle stung
stunned stunner subdued subduing sufferer suffering suffocate sullen surrender suspect swarm swinger taunt theft
thieving thievish thong thrash threaten throttle tragedy traitor trapped trapper trapping traps trash treachery
treason tremble trespass unafraid unclad unclothed undead underage underwear undress undying unhappily unhappy
unharmed unholy uninjured unisexual unlovable unloved unloving unnerve unnerving unrobed unsafe unshackle unwanted
unwed unwelcome unworthy vendetta vengeful venomous vexingly villain violate violation violator whacking widow wife
wimp wince wincing womanless womb wound wrangle wrath wreckage wrecker wrecking wrench wrongdoer wronged wrongful
yelling yelp
"""
HARSH = frozenset(_HARSH.split())


def new_phrase() -> str:
    """Five words of the EFF's list, drawn again where one would hurt: 64.2 bits instead of 64.6."""
    while True:
        phrase = new_passphrase()
        if HARSH.isdisjoint(phrase.split()):
            return phrase


def same(one: str, other: str) -> bool:
    """Whether both would open the same lock."""
    first, second = (normalise_phrase(each).encode("utf-8", "surrogatepass") for each in (one, other))
    return hmac.compare_digest(first, second)
