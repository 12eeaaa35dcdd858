"""The word lists of the rule coder, in one place: what denies, imagines, reports, and who is meant.

They are English and lower case. A change here changes codings: raise `VERSION`, by which kept
results are known.
"""

from __future__ import annotations

VERSION = 3


def word_set(words: str) -> frozenset[str]:
    """Words that are parted by spaces, as a set."""
    return frozenset(words.split())


# Stand in nearly every text: a phrase is looked up by another of its words if it has one.
COMMON = word_set(
    "a about all am an and are as at be been but by can could day did do for from get go had "
    "has have he her him his how i if in into is it just know like make me more my no not "
    "n't of on one or our out people she so some that the their them then there they thing "
    "think this time to up us very was we were what when which who will with work would you "
    "your 's 'm 're 've 'll 'd child feel need want always never now other because"
)

# Stand in nearly every sentence.
COMMONEST = word_set("i the to and a of be is was in it that my have had not n't with for on me")
# Stand in every other text.
FREQUENT = word_set(
    "after again also another any anything ask away back before better both come day down each "
    "end even ever every everybody everyone fall find first five four give good group half hand "
    "help here home hour job keep kid last learn leave let listen little long look lot many most "
    "much new next nobody nothing off old only other over own part partner pay person place "
    "put question quite read really right room same say school second see should show since sit "
    "somebody someone something start still such take talk teach teacher tell than thing three "
    "through too try turn two understand until use way week well where while whole why without "
    "word write year yes child"
)

# ── who is meant ──
FIRST_PERSON = word_set("i me my mine myself we us our ours ourselves")
FIRST_OBJECT = word_set("me us myself ourselves you yourself")
OWN = word_set("my our your mine ours")
THIRD_PRONOUNS = word_set("he she they him her them himself herself themselves")
THIRD_POSSESSIVE = word_set("his her their hers theirs")
RELATIVE = word_set("who that which whom")
# What may hang on a subject and belong to it: "my partner and I", "most of us".
SUBJECT_PARTS = word_set("conj prep pobj appos")
# Nouns for people, by lemma. "Everybody" is not here: it takes in the writer. "Co" is what is
# left of a co-worker or a co-teacher where the tree hangs on the first half.
PEOPLE = word_set(
    "co adult administrator assistant associate aunt aide baby bestie boss boy brother "
    "buddy caregiver carer child clinician coach colleague companion consultant cook coordinator "
    "counsellor counselor cousin coworker dad daughter daycare director doctor "
    "ece educator elder employee employer facilitator family father fellow friend girl "
    "girlfriend boyfriend grandma "
    "grandmother grandfather grandparent granny group guy husband infant inspector instructor "
    "intern kid kiddo lady leader learner licensor man manager member mentee mentor mom mommy "
    "mother mum neighbour neighbor newcomer nanny novice nurse ones owner parent participant "
    "partner peer person practicum preschooler presenter principal professor provider "
    "psychologist roommate sibling sister someone somebody son staff student sub substitute "
    "superior supervisor teacher teammate teen tot toddler trainee trainer twin uncle volunteer "
    "wife woman worker youngster other another people folk"
)

# "Our group" takes in the writer, "our director" does not.
COLLECTIVES = word_set("group staff crew circle family cohort")

# ── denial ──
NEGATORS = word_set("not n't nt never hardly barely scarcely rarely seldom neither nor")
NEGATIVE_PRONOUNS = word_set("nobody nothing none nowhere")
# "not only", "no doubt": the negator and the word after it say the opposite.
NOT_BEFORE = word_set("only just merely simply solely least surprisingly")
NO_BEFORE = word_set(
    "doubt wonder question matter surprise stranger less end idea clue denying hiding shortage"
)
NOTHING_BEFORE = word_set("but short less")
# "never so tired", "couldn't be more drained": the highest degree, not a denial.
DEGREES = word_set("so more this such as better worse less")
# Verbs that undo what follows them; and denied themselves, they state it: "can't stop crying".
UNDOING = word_set("stop quit cease avoid deny lack refuse fail prevent escape resist")
ASSERTED_IF_DENIED = UNDOING | word_set("help shake hide ignore overstate")
UNDOING_NOUNS = word_set("lack absence")
# "It keeps me from burning out".
WARDING = word_set("keep stop prevent protect save stopped")
# "I never thought I would feel at home": denied and in the past, they state the surprise.
SURPRISED = word_set("think imagine expect dream believe guess picture suppose")
# "I don't think I am tired" denies what is thought; "I didn't know I was tired" does not.
CARRYING = word_set(
    "think believe feel say mean want expect suppose imagine claim seem appear like find guess "
    "consider call describe argue pretend sure certain convinced"
)
# A denial does not reach through what begins so: "I didn't sleep from worry".
CAUSES = word_set("because due from since after despite through until for over")
# May stand between a negator and what it denies, wherever the grammar hangs the negator.
FILLERS = word_set(
    "a an the any all that so very too really even ever quite just at always exactly truly "
    "completely entirely totally necessarily particularly especially once feel feeling felt be "
    "being been am is are was were get getting got as of my in"
)
CONTRASTS = word_set("but yet though although however whereas while")

# ── imagination ──
# Whether a clause with one of these is a condition, or what is asked, the tree says.
CONDITIONS = word_set("if unless whether lest suppose supposing provided")
TEMPORAL = word_set("when whenever")
# Modal verbs that tell what is so: "when I am tired I can not think".
ABLE = word_set("can could")
# "When you are tired" is said of anybody.
GENERIC = word_set("you one")
MODALS = word_set("would could might may should ought")
# "I would say I am exhausted" says so.
HEDGED = word_set("say call describe argue add guess admit venture")
# "I could feel my shoulders drop" happened.
PERCEPTION = word_set("feel see hear sense tell smell notice breathe")
ACHIEVED = word_set("finally barely hardly only scarcely not n't never actually suddenly")
# "Every night I would come home drained" is a habit; so is "back then" and "in those years".
HABITS = word_set(
    "every always often usually sometimes most many days nights mornings evenings weeks months "
    "years used constantly regularly nightly daily weekly occasionally frequently mondays "
    "tuesdays wednesdays thursdays fridays saturdays sundays weekends afternoons"
)
_EACH = word_set("day night week month year time morning evening shift meeting")
_PAST = word_set("year winter fall autumn spring summer month term")
HABIT_PAIRS = frozenset(
    [("back", "then"), ("at", "first"), ("in", "those"), ("now", "and"), ("at", "times")]
    + [("before", "christmas"), ("before", "that")]
    + [("each", word) for word in _EACH]
    + [(which, word) for which in ("last", "that") for word in _PAST]
)
# "She asked when I sleep": the clause is what is asked, and takes for granted that I do.
QUESTIONS = word_set("ask know remember tell recall notice forget see understand recognise realise")
WISHES = word_set(
    "wish hope want dream imagine pretend expect plan long wonder doubt need intend picture "
    "fantasise fantasize yearn crave"
)
FEARS = word_set("afraid scared worried fear worry frightened dread anxious")

# ── another's words ──
SAYING = word_set(
    "say tell mention explain claim admit confess report write text complain joke ask think "
    "believe feel reply answer remark comment add insist whisper shout announce assure reassure "
    "warn share describe declare suggest argue agree reckon guess"
)
# "My body told me to stop" is the writer's own.
PARTS_OF_SELF = word_set(
    "body heart gut mind head soul voice part brain stomach back feeling instinct experience "
    "something everything it this that which what"
)
# Verbs whose object has the experience: "she makes me tired", "I saw her cry".
OBJECT_CONTROL = word_set(
    "make let help see watch hear ask tell leave keep find get want allow encourage remind notice "
    "have feel"
)
