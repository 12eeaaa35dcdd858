"""Reflections of 60 words, made by a grammar: as many as are wanted, hardly a sentence twice.

A sentence is put together of parts that are drawn apart (when, who, did what, with what, where,
in which weather), so that the number of sentences is far beyond a million and a cache of what was
seen helps nobody. About two of six sentences say something that the starter codebook has a code
for, as in the demonstration. All of it was composed for this file.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

__all__ = ["WORDS", "reflections"]

WORDS = 60


def _list(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in text.split("|"))


WHEN = _list("""
    on the first wet morning | just after the fruit was cut | before the bell of the school next
    door | while the kettle hummed | near the end of a long afternoon | in the half hour before
    pick-up | on the second outing of the month | as soon as the gate was latched | between two naps
    | when the bus had passed | during the noisy lunch | late in a grey week | right after the
    song of the day | early in the new season | as the light went | once the floor was swept |
    in the quiet after the fire drill | while the laundry turned | at the change of rooms | soon
    after the delivery came | when the fog had thinned | before anybody had a coat on | as the soup
    cooled | on the day the heater rattled | in the middle of a spelling of frogs | when the clay
    was still warm from small hands | at the far end of the morning | with ten minutes to spare
""")
CHILD = _list("""
    a boy in green boots | the youngest of the room | a girl with a bandaged knee | two cousins |
    a child who seldom talks | the twins from the corner house | a boy with a tin of buttons |
    the new four-year-old | a girl under the big table | three of the toddlers | the one who
    builds ramps | a child with a paper crown | the smallest of the nappers | a boy who collects
    feathers | the girl with the red thermos | a pair of quiet painters | the child beside the
    window | one of the older ones | a boy wrapped in a curtain | a girl who sings to stones |
    the toddler with the blue spoon | the child who fears the vacuum | a girl on one skate | the
    boy whose laces never hold | the row of rain suits | a child halfway into a sleeve
""")
DID = _list("""
    lined up | buried | counted | carried | traded | hid | washed | sorted | balanced | dropped |
    sketched | named | wrapped | rolled | stacked | unpacked | mended | weighed | dragged | poured
    | circled | threaded | guarded | polished | measured | pressed | untied | scattered
""")
HOW_MANY = _list("""
    a handful of | nine | a bowl of | a whole shelf of | six | a pocketful of | the last of the |
    half a bucket of | a crooked row of | eleven | two armfuls of | a basket of | seventeen |
    a tower of | a small hill of | an apron full of
""")
KIND = _list("""
    speckled | damp | rusty | striped | hollow | yellow | broken | knitted | wooden | muddy |
    rattling | borrowed | chalky | crinkled | sticky | flat | silver | purple | frayed | heavy |
    paper-thin | lopsided | sour-smelling | clinking
""")
THING = _list("""
    acorns | lids | spools | mittens | ladles | shells | corks | tiles | ribbons | marbles |
    leaves | magnets | boxes | potatoes | bells | pebbles | brushes | buttons | funnels | pegs |
    trays | clay eggs | bottle tops | wheels | jars | seeds | blankets | string ends | cups |
    planks
""")
WHERE = _list("""
    beside the sink | along the fence | under the coat hooks | on the window sill | behind the
    shed | by the water tap | in the sandbox | across the mat | near the cubbies | at the foot of
    the slide | on the back steps | in the doll corner | around the drain | below the notice board |
    inside the cardboard tunnel | next to the radiator | between the two benches | on top of the
    shoe rack | in the long grass | at the edge of the puddle | over the heating vent | beneath the
    loft | down by the compost | on the lid of the piano
""")
THEN = _list("""
    and it took most of the hour | and the broom came out twice | and a queue formed without a
    word | and the story had to wait | and everybody had an opinion | and the tally went wrong |
    and no one wanted their snack | and the dog next door barked along | and we all lost a shoe |
    and the bucket tipped over | and a second helper appeared | and it began again from the top |
    and the camera was out of power | and the rain drummed on | and the cook looked in | and a cup
    was sacrificed | and the plan changed by itself | and it ended in a parade | and a rule was
    made on the spot | and the clock was forgotten
""")
# What the codebook has codes for; `{}` is where a part that is drawn stands.
SAID = _list("""
    I drove home drained {} | by then I was worn out and my back hurt {} | I went through the
    motions {} | I felt numb {} | I turned my phone off {} and left it in a drawer | I felt part of
    the group {} | I was not alone with it {} | nobody to ask was there {} | I felt invisible {} |
    we swapped ideas with two colleagues {} | I learned a trick from another educator {} | my
    mentor listened {} and asked what I saw | my partner from the pair told me about her room {} |
    my mentee and I talked it through {} | I missed the group {} because no substitute came |
    I looked back at my notes {} and saw how I had hurried | I asked myself why I had stepped in {}
    | I used to think quiet meant calm {} | I am an educator and not a babysitter {} | I trusted my
    own judgement {} | I felt more confident {} | I doubted myself {} | I led a session for the
    new staff {} | we tried something different {} | I stopped the timer {} and let them decide |
    a parent thanked us {} | people say we just play {} | the wage does not cover rent {} | we were
    short of staff {} | I am staying in this work {} | I think about leaving the field {} | I came
    back to teaching {} | I do not know if I will stay {} | nobody laughed {} and I felt safe enough
    to say more | I was inspired {} | I was glad to be with them {} | there was no time to plan {} |
    the ratio was tight {} | I laughed until I cried {} | it gave me new energy {}
""")
LINK = _list("""
    after we had found {} | though it was only about {} | with {} still in my hands | long after
    {} had been put away | as if {} mattered most | the day we were given {} | somewhere between
    {} and the coats | over {} | in spite of {} | because of {} | while I looked for {} | next to
    {} that nobody wanted
""")
OPEN = _list("""
    what stays with me is small | it was an ordinary day | I write this late | here is one scene |
    let me put it down | this week was uneven | I nearly left this blank | something shifted |
    the notes on my hand say this | there is little to report | I am writing at the low table |
    one thing before I forget
""")


def reflections(n: int, *, seed: int = 0) -> Iterator[str]:
    """Texts of 60 words, one after the other; the same for the same seed.

    Parameters
    ----------
    n : int
    seed : int
    """
    draw = random.Random(seed)  # noqa: S311  # texts to be timed, not a secret
    for _ in range(n):
        yield _reflection(draw)


def _reflection(draw: random.Random) -> str:
    sentences: list[str] = []
    words = 0
    while words < LEAST:
        made = _coded(draw) if draw.random() < CODED else _scene(draw)
        length = len(made.split())
        if words + length <= MOST:
            sentences.append(made[0].upper() + made[1:] + ".")
            words += length
    return " ".join(sentences)


# Sixty words on average, in whole sentences.
LEAST, MOST = 56, 64
# The share of sentences that say something of which a code is.
CODED = 0.5


def _things(draw: random.Random) -> str:
    return f"{draw.choice(KIND)} {draw.choice(THING)}"


def _scene(draw: random.Random) -> str:
    """What children did, in one of a few orders."""
    when, child, did = draw.choice(WHEN), draw.choice(CHILD), draw.choice(DID)
    what = f"{draw.choice(HOW_MANY)} {_things(draw)}"
    where, then = draw.choice(WHERE), draw.choice(THEN)
    orders = (
        f"{child} {did} {what}",
        f"{when} {child} {did} {what}",
        f"{child} {did} {what} {where}, {then}",
        f"{draw.choice(OPEN)}: {child} {did} {what}",
    )
    return draw.choice(orders)


def _coded(draw: random.Random) -> str:
    """What the writer felt, learned or decided, with its place in the day."""
    said = draw.choice(SAID).format(draw.choice((*WHEN, *WHERE)))
    about = draw.choice(LINK).format(f"{draw.choice(HOW_MANY)} {_things(draw)}")
    return f"{said}, {about}"
