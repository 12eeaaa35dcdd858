"""Words by which the names of centres and rooms are told from ordinary phrases."""

from __future__ import annotations

from reflect_analysis.anonymity.wordlists import word_set

__all__ = [
    "CAPITAL_GROUPS",
    "CAPITAL_KINDS",
    "FIRST_WORDS",
    "FRENCH_GROUPS",
    "GENERIC",
    "KINDS_OF_ROOM",
    "LEADERS",
    "ORDINARY_ROOMS",
    "PLAIN_GROUPS",
    "PLAIN_LEAD",
]


# A name made of these alone names no centre: Early Learning Child Care Centre.
GENERIC = word_set("""
    rec
    the our my your their his her its this that a an every each any some all most both other
    another one no new old local small big large licensed unlicensed registered group family in
    home child childs child's children children's kids kid infant infants toddler toddlers
    preschool pre school age after before out of early years year learning childhood care
    education educator educators educational centre center centres centers daycare day program
    programme programs community rural urban city town public private nonprofit non-profit
    profit full part time half full-day half-day part-time indigenous aboriginal first nations
    nation montessori waldorf reggio forest nature outdoor outdoors kindergarten elementary
    secondary middle high nursery head start academy college university institute society
    resource friendship drop drop-in service services support french english immersion
    multi-age multi age and & or for at to from with when while in on is was i we they he she
    it but so because as if my previous former current next first second third last same whole
    busy good great quality universal affordable neighbourhood neighborhood parent teachers
    teacher staff board ministry canadian bc british columbia co-op cooperative development
    developmental special needs inclusive bilingual on-site onsite workplace campus church
    international regional district graduate grad sunday summer spring winter fall medical
    recreation health wellness cultural arts art music science math reading writing block
    dramatic play discovery sensory quiet calm cozy listening water sand home light work exact
    monday tuesday wednesday thursday friday saturday today yesterday what why how where who
    """)
# Words that may stand before a name with a capital.
LEADERS = word_set(
    "the our my your their his her its this that a an every each any some when "
    "while at in on "
    "from for to with is was i we they he she it but so because as if and or new today yesterday "
    "monday tuesday wednesday thursday friday saturday sunday hi hello thanks what why how where "
    "who another one no mme mrs ms mr dr miss both last next each dear after before since until "
    "director manager mentor"
)
# Words that no name of a centre in lower case holds.
PLAIN_LEAD = word_set(
    "the a an my our your his her their this that these those is was were be been "
    "being have has "
    "had do did i we you he she they it who which and or but with for from to at in of by all "
    "me us him them more less many much some any both not no private local other "
    "own quality better "
    "working paying running opening closing as about like when what where into than then just"
)
# Words of the field that may begin such a name all the same.
FIRST_WORDS = word_set(
    "busy little kids first forest nature great happy summer spring city town bright sunny"
)
# Rooms that every centre has.
ORDINARY_ROOMS = word_set("""
    toddler toddlers infant infants baby babies preschool pre-school preschoolers staff nap
    sleep sleeping quiet rest sensory art play music gym lunch break bath bed living dining
    class waiting meeting laundry change changing the our my your their his her its this that
    a an every each other another next same whole one two three empty emotional big little
    small large wrong right dark new old first second main kindergarten school age multi-age
    multi older younger middle junior senior intermediate jr sr three-to-five breakout zoom
    chat locker conference board storage supply multipurpose multi-purpose family parent
    staff's break-out safe calm warm loud noisy cozy different adjoining adjacent enough more
    head make made leave left emergency operating hospital hotel training dressing mud cloak
    coat boot furnace boiler tea sun science math reading writing block dramatic group 3-5
    under over ece free elbow wiggle standing breathing delivery powder rec recreation common
    afternoon morning single crowded messy tidy still silent sick spare back front side control
    computer tv steam panic throne rumpus guest utility mail show clean dressing program
    learning activity discovery indoor outdoor community resource counselling medical nurse
    therapy support treatment any no some all which what what's and or but of in for is was
    to with on at by from preschoolers' toddlers' infants' infant/toddler school-age nursery
    kitchen office daycare full half our-own leaves gave give had has have need needs
    """)
# Groups and wings that are no room of a centre.
PLAIN_GROUPS = word_set(
    "class group pod den nest wing world upper middle working focus study "
    "mentoring mentor support master "
    "facebook whatsapp peer first business cooking yoga zoom online private reading writing whole"
)
# What rooms and groups are named after.
_BEASTS = word_set(
    "honeybee ladybug ladybird caterpillar butterfly bumblebee bumble-bee bee "
    "dragonfly firefly cricket grasshopper snail "
    "otter beaver bear cub fox owl eagle raven robin sparrow hummingbird chickadee "
    "heron duck duckling "
    "gosling goose loon penguin puffin turtle tadpole frog salmon starfish "
    "seahorse seal dolphin whale orca "
    "bunny rabbit squirrel chipmunk raccoon deer fawn moose wolf lynx cougar lion "
    "tiger panda koala kangaroo "
    "monkey elephant giraffe zebra hippo dinosaur dino dragon unicorn panther "
    "kitten puppy lamb pony "
    "sunflower daisy daffodil tulip buttercup lily rosebud poppy clover willow "
    "maple cedar birch oak pine acorn pinecone "
    "sprout seedling sapling blossom huckleberry blueberry salmonberry strawberry "
    "raspberry cranberry berry "
    "peach pumpkin rainbow sunshine sunbeam star moonbeam raindrop snowflake cloud "
    "pebble river ocean meadow "
    "red blue green yellow orange purple pink turquoise fern moss peapod sweetpea gumdrop explorer "
    "mushroom juniper aspen arbutus trillium lupine dogwood hedgehog porcupine "
    "badger marmot coyote bluebird "
    "kodiak grizzly thunderbird stardust sparkle sandpiper swallow swan stork pelican osprey "
    "falcon hawk finch wren bluejay jay dove "
    "cardinal magpie woodpecker kingfisher peacock parrot toucan flamingo quail crane kestrel "
    "lizard gecko toad newt salamander crab lobster clam oyster mussel urchin jellyfish stingray "
    "shark minnow trout herring seashell shell sanddollar barnacle walrus manatee narwhal beluga "
    "caribou elk bison buffalo muskox muskrat mink ermine weasel wolverine lemming vole mole "
    "hamster gopher groundhog opossum skunk hare ferret camel llama alpaca donkey "
    "calf foal colt chick piglet goat sheep turkey rooster cheetah leopard jaguar gorilla chimp "
    "lemur meerkat platypus wombat wallaby emu spider beetle glowworm moth ant inchworm worm "
    "mosquito damselfly cicada mayfly "
    "violet lavender lilac iris poppy marigold peony petunia pansy orchid dandelion bluebell "
    "snowdrop "
    "crocus primrose thistle heather fireweed paintbrush yarrow larkspur foxglove camas rosehip "
    "spruce fir hemlock tamarack larch poplar willow alder cottonwood chestnut hazelnut walnut elm "
    "ash redwood sequoia cypress holly hawthorn sumac driftwood twig leaf bud root petal "
    "thimbleberry "
    "elderberry gooseberry blackberry saskatoon soapberry cloudberry bearberry apple apricot "
    "cherry "
    "plum pear lemon lime mango melon kiwi carrot radish turnip peanut pea bean chickpea parsnip "
    "squash sprig "
    "comet galaxy planet rocket meteor nebula eclipse aurora moon sun sunrise sunset twilight "
    "dewdrop puddle stream creek brook lake pond lagoon tide wave dune beach island cove bay "
    "glacier iceberg icicle snowdrift snowball mountain valley canyon prairie tundra savannah "
    "forest jungle grove orchard garden hilltop breeze zephyr thunder lightning storm "
    "lighthouse sailboat tugboat kayak canoe anchor kite balloon bubble button marble crayon "
    "ruby emerald sapphire amber opal topaz pearl crystal diamond jade turquoise copper silver "
    "lilypad beehive treefrog honeycomb treetop pinecone toadstool "
    "wanderer dreamer adventurer discoverer voyager voyageur pathfinder trailblazer inventor "
    "pioneer "
    "cuddlebug cuddlebear teddybear teddy snuggler wiggler munchkin peanut pumpkin jellybean "
    "gumball "
    "coccinelle papillon chenille abeille ourson renard hibou castor tournesol"
)
# Such words as are of every day: a room is named so where its capital says it, and not otherwise.
_DAILY = word_set(
    "sun beach garden forest lake island bean leaf wave button storm apple chick worm spider shell "
    "bubble marble crayon balloon silver dreamer inventor orchid pearl root cherry kiwi bud stream "
    "creek valley mountain turkey beanbag crystal diamond rocket twig moon ant sheep goat hare "
    "plum "
    "pear lemon lime squash carrot thunder hawk crane mole jay teddy beetle planet pond cove bay"
)
_MANY = {f"{b[:-1]}ies" if b.endswith("y") and b[-2] not in "aeou" else f"{b}s" for b in _BEASTS}
_GROUPS = sorted({*_MANY, "foxes", "wolves", "geese"}, key=len, reverse=True)
_IN_LOWER = {*_BEASTS, *_GROUPS} - _DAILY - {f"{word}s" for word in _DAILY}
KINDS_OF_ROOM = "|".join(sorted(_IN_LOWER, key=len, reverse=True))
_BEASTS_IN_FRENCH = """
    coccinelles papillons chenilles abeilles oursons renards hiboux castors tournesols lapins
    loups écureuils grenouilles tortues poissons dauphins baleines étoiles nuages lunes flocons
    arcs-en-ciel mésanges hirondelles colibris pingouins manchots phoques lucioles libellules
    fourmis bourdons souris chatons chiots canetons poussins moutons agneaux girafes lionceaux
    tigres éléphants singes pandas koalas dinosaures dragons licornes lutins explorateurs
    aventuriers pissenlits marguerites violettes érables sapins bouleaux framboises bleuets
    fraises pommes cerises clémentines pirates matelots moussaillons poupons trottineurs
    bisons orignaux caribous chevreuils marmottes ratons belettes hérissons escargots
"""
FRENCH_GROUPS = "|".join(
    sorted({w.capitalize() for w in _BEASTS_IN_FRENCH.split()}, key=len, reverse=True)
)
CAPITAL_GROUPS = "|".join(group.capitalize() for group in _GROUPS)
_COLOURS = word_set("red blue green yellow orange purple pink turquoise")
CAPITAL_KINDS = "|".join(
    sorted({b.capitalize() for b in _BEASTS - _COLOURS}, key=len, reverse=True)
)
