"""Words and phrases around a name: roles, titles, verbs of speech, greetings, months.

Folded as `wordlists.fold` folds, English and French together.
"""

from __future__ import annotations

import re

from reflect_analysis.anonymity.wordlists import word_set

__all__ = [
    "ACTIONS",
    "BEFORE_MONTHS",
    "BY_AUTHOR",
    "CITED",
    "CLAUSE_HEADS",
    "DOUBTFUL_IN_LOWER",
    "GREETED",
    "HONORIFICS",
    "LINE_END",
    "LIST_LABEL",
    "LOOSE_HONORIFICS",
    "MAX_RUN",
    "MODALS",
    "MONTHS",
    "NAMED",
    "NAMES_IN_LOWER",
    "NAME_IS",
    "NEVER",
    "PARTICLES",
    "PERSON_CALLED",
    "PLACE_BEFORE",
    "PRONOUNS",
    "ROLES",
    "SEASONAL",
    "SHORTEST",
    "SPEECH",
    "STORIES",
    "SURE_NAME_IS",
    "THINGS",
    "THINGS_OR_SURNAMES",
    "UNCOUNTED",
    "VERBS",
    "WITH",
    "WORDS_IN_LOWER",
]

MONTHS = word_set(
    "april march may june july august summer winter autumn spring sunday easter "
    "noel sun mars juin avril"
)
BEFORE_MONTHS = word_set(
    "in since until till last this next early late mid by of every each before after during from "
    "through throughout between for on the all that one en depuis jusqu'en debut fin"
)
HONORIFICS = word_set("mr mrs ms miss mx dr mme mlle madame monsieur auntie aunty tante")
LOOSE_HONORIFICS = word_set(
    "teacher coach elder chief principal nurse uncle aunt grandma grandpa nana pastor father "
    "sister brother mister oncle kokum mushum miss little lil petit petite"
)
ROLES = word_set(
    "co-worker coworker colleague friend mentor mentee director supervisor manager boss "
    "co-teacher partner assistant educator teacher sister brother husband wife daughter son mom "
    "mum mother dad father aunt auntie uncle cousin niece nephew grandmother grandfather "
    "neighbour neighbor cook principal coordinator facilitator counsellor consultant student "
    "child boy girl toddler baby infant twin twins buddy substitute sub lead roommate bestie "
    "teammate instructor professor advisor sponsor volunteer parent guardian preschooler kiddo "
    "amie ami collegue mentore directrice educatrice educateur directeur soeur frere fille fils "
    "enfant bebe garcon petit petite mari conjoint conjointe stagiaire coordonnatrice"
)
NAMED = word_set("named called nicknamed nommee nomme appelee appele prenomme prenommee surnomme")
SPEECH = word_set(
    "said says say asked asks told tells whispered shouted replied replies answered answers "
    "laughed laughs cried smiled nodded shrugged giggled sighed hugged yelled screamed waved "
    "texted emailed phoned thinks thought knows knew wants wanted loves loved hates suggested "
    "reminded reminds noticed explained mentioned wrote writes grinned sobbed wondered joked "
    "insisted agreed disagreed argued admitted confessed invited offered dit disait demande "
    "repond pleurait riait chante chantait raconte explique"
)
ACTIONS = word_set(
    "came comes went goes took takes gave gives sat sits stood ran runs walked walks brought "
    "brings looked looks made makes got gets put puts left leaves showed shows held holds "
    "helped helps handed pushed pulled threw picked built started stopped joined let kept tried "
    "stayed slept ate drew danced sang played plays who was is has had does did didn't doesn't "
    "wasn't isn't hasn't called calls works worked lives moved moves retired quit covers covered "
    "paid pays sent sends bought buys cleaned misses listens listened drove drives "
    "bit hit kicked climbed jumped found finds turned taught teaches spent met and "
    "est a etait "
    "avait arrive arrivait vient venait"
)
MODALS = word_set("can could would should might must won't will 'll")
WITH = word_set(
    "with told asked thanked helped met hugged called named texted emailed phoned hi hello hey "
    "dear thanks bye love cheers welcome hello thank miss missed saw watched joined invited "
    "comforted paired like avec chez bonjour salut merci allo chere cher"
)
PRONOUNS = word_set("i me you he she we they him her us them je moi toi elle lui nous")
PARTICLES = word_set(
    "van von der den de la le da do dos del di du bin bint ibn al el abu st san y e ter ten mac o"
)
PLACE_BEFORE = word_set("in from near at around outside toward towards via leaving a au de vers")
NEVER = word_set("i i'm i'd i'll i've a o oh ok x xo xox xoxo ps re")
# Second words that make a phrase of a first one that is a word as well: Spring Fair, Holly Hill.
THINGS = word_set(
    "fair camp day days tea tree party concert festival break program room time week house hall "
    "market street road avenue creek lake river park beach school centre center garden club "
    "society foundation fund award grant lane place way court hill mountain island bay valley "
    "team class group session workshop committee meeting month night morning church hospital "
    "library act project framework system model theory approach method scale test"
)
# Things that are surnames as often, behind a given name that is nothing else.
THINGS_OR_SURNAMES = word_set(
    "hall hill hills lane day park church camp court house street way lake"
)
STORIES = re.compile(
    r"(?i)\b(?:books?|stor(?:y|ies)|songs?|read|reading|reads|characters?|movies?|puppets?|"
    r"episodes?|cartoons?|authors?|frozen|disney|pixar|theor\w+|chapters?|articles?|quotes?|sing|"
    r"singing|sang|costumes?|dress(?:ed|es)?|rhymes?|tales?|films?|livres?|chansons?|contes?|"
    r"doll|dolls|stuffy|stuffie|hamster|guinea pig|fish|dog|cat|rabbit|princess)\b"
)
CITED = re.compile(
    r"\s*(?:\(?(?:19|20)\d\d(?![-/.]?\d| \d\d?(?!\d))|,\s*(?:19|20)\d\d(?![-/.]?\d)|et al|"
    r"(?:,|&|and|,\s*and|et)\s+[A-Z]\w+(?:\s+(?:&|and)\s+[A-Z]\w+)?,?\s*\(?(?:19|20)\d\d)"
)
BY_AUTHOR = re.compile(
    r"(?i)(?:\b(?:books?|stor(?:y|ies)|songs?|poems?|articles?|novels?|written|illustrated|podcast|"
    r"livre|chanson|texte|ted talk)\b[^.!?\n]{0,60}\b(?:by|de|par)|"
    r"\b(?:author|illustrator|theorist|psychologist|philosopher|singer|poet)s?)\s+$"
)
LINE_END = re.compile(r"[ \t]*[!.,;:)♥❤️😊🙂-]*[ \t]*(?:\n|$)")
LIST_LABEL = re.compile(
    r"(?i)(?:\b(?:name|nom|prénom|signed|sincerely|signature|mentor|contact|from|to|"
    r"cc|regards|cheers|love|hugs|xo+|best|yours|merci|amicalement|"
    r"cordialement)\b\s*[:,–—-]\s*|(?:^|\n|[.!?…]\s+)\s*[–—~-]+\s*)$"
)
NAME_IS = re.compile(
    r"(?i)(?:\bname(?:['’]?s| is| was)|\bcall(?:s|ed)? (?:me|him|her|them)|\bgoes by|\bgo by|"
    r"\b(?:i['’]?m|i am|this is|je m['’]appelle|s['’]appelle|c['’]est|je suis|m['’]appelle|"
    r"named after|known as)|\b(?:introduce|meet))\s+[“\"']?$"
)
SURE_NAME_IS = re.compile(
    r"(?i)(?:\bname(?:['’]?s| is| was)|\bgoes by|\bgo by|\bcalls (?:me|him|her)|"
    r"je m['’]appelle|s['’]appelle)\s+[“\"']?$"
)
GREETED = re.compile(
    r"(?i)(?:^|[\n.!?]\s*)(?:hi|hello|hey|dear|thanks|thank you|bye|goodbye|welcome|"
    r"sorry|bravo|bonjour|salut|merci)"
    r"(?: all| everyone| folks| team| again)?[,!]?\s+$"
)
MAX_RUN = 5
SHORTEST = 3
# Given names that stand in lower case as words too often.
WORDS_IN_LOWER = word_set(
    "jack mike june hank randy polly sally jerry jimmy josh rod drake hector paddy pinky tanner "
    "tia ana hao hans real said mina mini christian everly rita nick don jenny peter ted tom tim "
    "toby tommy rick sami alba matty liv levi dona mona mags conrad deb real pascal virginia rue "
    "faisal valentine romeo phoenix ross wayne reuben pete jude awa hang ana thi thao chai min "
    "elan asma imam safa sana lana lina anas emir juju lulu mimi nan mara gala tam kinga rima "
    "elder parker mason carson jay"
)


# Words that may be a name in lower case, where enough around them says so.
DOUBTFUL_IN_LOWER = word_set(
    "hope joy grace faith will april june summer autumn dawn rose lily ivy daisy violet iris "
    "jasmine heather holly hazel olive ruby pearl amber jade crystal opal robin wren raven sky "
    "skye star brooke brook river sage rowan basil mark bill rob pat sue drew grant frank dean "
    "gene glen dale ray max miles penny sandy sunny melody harmony destiny serenity trinity "
    "charity patience mercy honor honour jo jan kat gus sid dot dee dolly kitty kit nan lou les "
    "len lee kim kai jay jon cam chad chuck cliff clay chase carol belle angel ali al ed eve "
    "felix mary marie rosemary ginger winter willow clover fern bo bea may august art rich herb "
    "norm victor victoria charlotte chelsea sydney madison georgia virginia paris london india "
    "asia dakota austin jordan devon kent regina nelson duncan logan hudson hamilton lincoln "
    "mat min anh lan mai ming ling rani roop simple lucky happy precious princess queenie blessing "
    "gurl jaz mel sal val viv bev deb liz tess jules lu mo flo nat lex ash alex "
    "toni jas raj dev jot "
    "claire dawn-marie sherry tiffany bella stella luna nova aurora hunter cole reed dash ace "
    "rusty rocky buddy junior sonny ty wes gabe nick tom tim ted jack jimmy jerry jenny josh mike "
    "peter rick randy sally polly hank tommy toby sami matt levi"
)


# Names that may begin a sentence as ordinary words without an article before them.
UNCOUNTED = word_set(
    "hope joy grace faith will love charity patience mercy honor honour prudence constance "
    "temperance justice harmony liberty peace serenity clarity destiny karma bliss glory legacy "
    "verity art rain sunshine snow sky summer ocean sage basil ginger holly ivy jade ivory honey "
    "magic music rhythm journey happy lucky precious simple sunny blue grey gray red true early "
    "misty noble royal regal gentle rich rusty dusty frank earnest modest merry angel genesis "
    "remember rush chance chase grant hunter pat mark sue drew rob bob dot may miracle blessing "
    "raven coral amber fern lavender poppy essence memory quest light said real harsh still"
) - word_set("mark rob hunter grant sue drew")


# Short forms of names that are no words, though a dictionary may hold them.
NAMES_IN_LOWER = word_set(
    "kim jo jan kat meg liz deb bev viv jaz raj jas tess flo bex alex toni tom tim ted josh mike "
    "jenny jimmy jerry nick matt toby levi sami tommy sally polly hank peter rick tiffany bella "
    "anh claire mary marie gus jon jaz lex toni matilda greg ken dan don jen jenn ali zed"
)


SEASONAL = word_set(
    "came comes went goes started brought brings left leaves made makes kept got gets took takes "
    "gave gives turned ran runs met put puts let showed shows is was has arrived who"
)
VERBS = SPEECH - word_set("say love loves hates wants wanted thought")
CLAUSE_HEADS = word_set(
    "that because and when but so then today if while yesterday since as until now later once "
    "also where what how why like guess yes no okay ok well think know"
)
PERSON_CALLED = re.compile(
    r"(?i)\b(?:boy|girl|child|kid|toddler|baby|infant|friend|woman|man|lady|guy|mentor|educator|"
    r"teacher|co-?worker|colleague|student|mom|dad|parent|someone|somebody|director|sub|"
    r"enfant|fille|garçon|dame)\s+(?:who\s+(?:is|was)\s+)?(?:named|called|nommée?|appelée?)\s+$"
)
