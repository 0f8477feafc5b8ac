"""User names: two short words and three digits, drawn at random, saying nothing about anybody.

The words are written much alike in Swedish, Danish and English and have no letter that a keyboard may lack.
"""

import secrets

_WORDS = """
album alfa anker aprikos april arena banan banjo basar basilika bravo bro cello cirkel citron dahlia delta diamant
disk domino echo eklips etik fabel fakta fanfar faktor ferie figur film filter flora folio form forum gala galleri
gamma gem glas globus golf gong granit guld gummi halm harpa havre hotel humle hymne ibis ikon indigo ironi jasmin
jazz juli juni kabel kaffe kajak kakao kamera kanel kano kanon kant kanvas kapsel karamel karneval karta kastanje
keramik kilo kiwi klima kobolt kobra koda kokos komet kompas konsert korall korn kost kran kredit kristall krokus
krona kube kurs laks lampa lanterna larve laser lava leopard lime lilje linje liter logo lotus luna lupin lyra magma
magnet mais mandel mango manual mars marmor maske matris melon menu metal meter metro mikro mint minut model modul
mola moped mosaik motor mussla mynta nektar neon nickel nomade norm nota nova oliv opal opera optik orgel orkide
oval panda panel papir paprika park pasta pastel pedal pensel perle piano pilot pinje planet plan plast pollen polka
poppel portal post prisma profil puls pyramid radar radio radise rampe raps ravin regatta rima ring robot roman
rosin rubin rytme safir salat salto salvia sand satin scene seler sensor sigma silke silo sirup skala sky soda sofa
sol solo sonett sopran spor stativ stemma sten stol storm strand symbol tabel takt tango tempo tenor terrasse tiger
timian tomat ton torn tulipan tunnel ultra vals vanilje vase vega velour vest vifte villa viola visir volt vulkan
yoga zebra zenit zink zoom
"""
WORDS = tuple(_WORDS.split())


def new_user_name() -> str:
    """For example "mango-radio-417". Not a secret, but nothing that can be listed either."""
    first, second = secrets.choice(WORDS), secrets.choice(WORDS)
    return f"{first}-{second}-{secrets.randbelow(900) + 100}"
