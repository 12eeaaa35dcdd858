"""Scopes on composed sentences: what is denied, imagined, another's, reported or the question.

Each sentence holds the marked word once, or says which is meant; the pattern finds the word by
itself, so that only the scope decides.
"""

import pytest

from reflect_analysis.coders import code_segments
from reflect_analysis.coders.grammar import Grammar
from reflect_analysis.coders.scopes import SCOPES, hypothetical, negated, others, prompt, reported
from reflect_analysis.corpus import Clearance, Corpus, Document
from reflect_analysis.language import parse
from reflect_analysis.provenance import text_hash
from reflect_analysis.segmentation import segment

DENIED = """
I am not *drained* at all.
I have no *energy* left.
I don’t feel I *belong* here.
I can't say I felt *alone*.
It has nothing to do with being *tired*.
I was hardly *rested* when Monday came.
I no longer feel *lonely*.
I am not *lonely* any more.
I don't feel lonely or *tired*.
Not once did I feel *alone*.
At no point did I feel *lonely*.
Never did I feel *lonely*.
Nobody is *alone* here.
None of us has *energy*.
I had nobody to *support* me.
I went home without *crying*.
Instead of feeling *drained*, I laughed.
I stopped *crying* in the car.
I lack *energy*.
The group keeps me from *burning* out.
I feel far from *rested*.
I am anything but *rested*.
I don't think I am *tired*.
It isn't that I am *tired*.
I never feel like I *belong*.
I tried not to *cry*.
I'm tired because my co-worker doesn't *support* me.
I am not so much *tired* as sad.
Neither *tired* nor sad, I sat there.
I’m not sure I *belong*.
I never just *go* through the motions.
"""

NOT_DENIED = """
Not only am I *tired*, I am sad.
I have never been so *tired* in my life.
Never have I felt so *lonely*.
I couldn't be more *exhausted*.
I can't stop *crying* in the car.
I can't help feeling *lonely*.
I never stop feeling *tired*.
I didn't know how *tired* I was.
I can't believe how *tired* I am.
I can't tell you how *tired* I am.
I didn't sleep from *exhaustion*.
I couldn't sleep because I was so *lonely*.
I don't feel lonely but I am *tired*.
We were not sad, we were *exhausted*.
I am not just *tired*.
I was never just *tired*.
No wonder I am *tired*.
No matter how *tired* I am, I sing.
I had no idea how *lonely* I was.
There is no denying I am *tired*.
No, I am *tired*.
Nothing *drains* me like circle time.
Nobody knows how *tired* I am.
I never thought I would *belong* here.
I never expected to feel *connected* to strangers.
I'm *exhausted*, aren't I?
I'm not the only one who is *exhausted*.
Without my group I am *lonely*.
"""

IMAGINED = """
If I had a mentor, I would feel *supported*.
Even if I am *tired* I go.
What if I *burn* out?
I do not know if I *belong*.
If only I *belonged*.
If I am *tired* I go home.
If I was *tired* I would go home.
If I had been *tired* I would have gone.
If I get *tired* I will go home.
I will go home if I get *tired*.
When I am *rested* I will call her.
When I have *rested* I should call her.
I will feel better when I have *rested*.
I am going to write when I feel *rested*.
Call her when you are *tired*.
When one is *tired* one snaps.
I wish I could feel *rested*.
I hope to *belong* somewhere.
I wanted so much to feel *connected*.
I need to be *rested*.
I wonder whether I *belong*.
I doubt that I *belong*.
I should be *rested* by now.
I might *burn* out by June.
I could have *cried*.
I'd be *drained* if I stayed.
I'd *cry* if she left.
I'm afraid of *burning* out.
You should rest when you are *tired*.
I would *cry* every day if she left.
That would *drain* me.
If we had time we would *rest* each day.
"""

NOT_IMAGINED = """
When I got home I was *exhausted*.
When we finally *rested*, the door opened.
The day when I *cried* in the cupboard was the worst.
I would come home *exhausted* every night.
Some nights I'd *cry* in the bath.
Every Friday we would *sit* in the staff room and wonder whether it mattered.
On Fridays we would *sit* in a ring and listen to one another.
In those days I would *cry* in the car.
Back then I would *cry* before my shift.
Last winter I would *cry* before my shift.
Before Christmas I'd *sit* in the car.
Each morning I would *cry* in the car.
When I was new I would *cry* in the bath.
When I am *alone* I cry.
When I am alone I *cry*.
I cry when I am *alone*.
When I am *tired* I call her.
When I'm *tired* I can not think.
Whenever I feel *lonely* I write to the group.
When my partner calls I feel *rested*.
When we meet I *cry* sometimes.
When I have *cried* I feel better.
When I had *rested* I went home.
Whenever I felt *lonely* I wrote to the group.
I used to go out when I felt *lonely*.
She asked when I last *slept*.
She asked when I *cry*.
They asked me when I feel most *alone*.
I know when I am *tired*.
I'd been *crying* all week.
I would say I am *exhausted*.
I could feel my *energy* return.
I could finally *laugh* again.
I feel as if I *belong*.
I feel like I *belong*.
I think I am *exhausted*.
I guess I am just *tired*.
I used to *cry* in the car.
I couldn't be more *exhausted*.
I never thought I would *belong* here.
"""

OTHERS = """
My co-worker is *exhausted*.
My co-worker, who has been here ten years, is *exhausted*.
The new girl *cried* in the hallway.
My friend is *tired*, and so am I.
She is *drained* and I am glad.
Their group is *exhausted*.
My staff is *exhausted*.
Her *exhaustion* worried me.
I carry their *exhaustion* home.
An *exhausted* colleague sat beside me.
The colleague who *cried* is my friend.
She is an educator who is *tired*.
I watched her *cry*.
I see how *drained* they are.
Watching the children *laugh*, I sat down.
We talked about how *tired* educators are.
This job *drains* people.
Exhaustion *hit* her in March.
Maria *cried* in the cupboard.
Someone *cried* at the back.
"""

OWN = """
I am *exhausted*.
We are all *exhausted*.
My partner and I were *exhausted*.
Most of us are *tired*.
Our team is *exhausted*.
Our group is *exhausted*.
*Since* she came I laugh.
Everyone is *exhausted*.
The children *drain* me.
The children are *exhausting*.
She makes me feel *exhausted*.
My mentor *supports* me.
They make me *laugh*.
This job has left me *drained*.
My whole body is *tired*.
The week was *draining*.
I am an *exhausted* educator.
As a *tired* educator I need rest.
As an educator who is *tired*, I know this.
Exhaustion *hit* me in March.
*Exhausted*, I sat down.
I was *drained* but my partner was glad.
You get *tired* of it.
"""

REPORTED = """
She says she is *drained*.
My husband says I am always *tired*.
My director thinks I am *tired*.
They tell me I look *tired*.
I was told I look *exhausted*.
My mentor told me that I am not *alone*.
“I am *exhausted*,” said Maria.
"I am so *tired*," she said.
She said: "I am sad. I *cry* in the car."
She told me, ‘You are *exhausted*.’
According to my director I am just *tired*.
People say they are *tired*.
She says that on Mondays, I am always *tired*.
He says if you rest, you are not *tired*.
She told me, I am *tired*.
I look *tired*, my husband says.
"""

SAID_MYSELF = """
I told my partner I was *drained*.
I told her how *tired* I was.
I said, “I am *exhausted*.”
We all said we were *exhausted*.
My body told me I was *exhausted*.
I feel like a “*real*” educator.
She asked how I was and I said *exhausted*.
I know that I *belong*.
my mentor said come friday, i was *exhausted* by then
He asked how it went, I *cried* in the car.
they said no, i am *tired*
she said she would call, she didnt, i was *exhausted*
my director says we need more forms I am *drained*
I was so *tired* my mentor told me to go home.
"""


def cases(sentences):
    return [line for line in sentences.strip().splitlines() if line]


def judged(scope, marked, cache, question=""):
    """The word by which a scope holds for the marked word, or `None`."""
    text = marked.replace("*", "")
    (found,) = parse([text], cache=cache)
    place = marked.index("*")
    said = tuple(i for i, start in enumerate(found.starts) if start == place)
    assert len(said) == 1
    cue = scope(Grammar(found, question), said)
    return None if cue is None else found.forms[cue]


@pytest.mark.parametrize("sentence", cases(DENIED))
def test_what_is_denied_is_recognised(sentence, cache):
    assert judged(negated, sentence, cache)


@pytest.mark.parametrize("sentence", cases(NOT_DENIED))
def test_what_only_stands_near_a_negation_is_not_denied(sentence, cache):
    assert judged(negated, sentence, cache) is None


@pytest.mark.parametrize("sentence", cases(IMAGINED))
def test_what_is_imagined_is_recognised(sentence, cache):
    assert judged(hypothetical, sentence, cache)


@pytest.mark.parametrize("sentence", cases(NOT_IMAGINED))
def test_habits_abilities_and_hedges_are_not_imagined(sentence, cache):
    assert judged(hypothetical, sentence, cache) is None


@pytest.mark.parametrize("sentence", cases(OTHERS))
def test_other_peoples_experience_is_recognised(sentence, cache):
    assert judged(others, sentence, cache)


@pytest.mark.parametrize("sentence", cases(OWN))
def test_what_happens_to_the_writer_or_to_us_is_own(sentence, cache):
    assert judged(others, sentence, cache) is None


@pytest.mark.parametrize("sentence", cases(REPORTED))
def test_the_words_of_others_are_recognised(sentence, cache):
    assert judged(reported, sentence, cache)


@pytest.mark.parametrize("sentence", cases(SAID_MYSELF))
def test_what_the_writer_said_is_not_reported(sentence, cache):
    assert judged(reported, sentence, cache) is None


QUESTION = "What drained you this week, and what gave you energy?"


@pytest.mark.parametrize(
    ("sentence", "is_prompt"),
    [
        ("What *drained* you this week, and what gave you energy?", True),
        ("“What drained you this week, and what gave you *energy*?” The wind.", True),
        ("Prompt: what drained you this week and what gave you *energy*", True),
        ("What *drained* you this week was the staffing.", True),
        ("What drained you this week was a *drained* team.", False),
        ("What *drained* me was the staffing.", False),
        ("The meeting *drained* me this week.", False),
    ],
)
def test_the_question_quoted_back_is_recognised_at_the_start(sentence, is_prompt, cache):
    assert (judged(prompt, sentence, cache, QUESTION) is not None) == is_prompt
    assert judged(prompt, sentence, cache) is None


@pytest.mark.parametrize(
    ("pattern", "text", "matched"),
    [
        ("not alone", "I know I am not alone.", ["not alone"]),
        ("no one to ask", "There is no one to ask.", ["no one to ask"]),
        ("nothing left", "I have nothing left.", ["nothing left"]),
        ("never ... alone", "I never feel alone.", ["never feel alone"]),
        ("no energy", "I've got no energy.", ["no energy"]),
        ("hardly sleep", "I hardly sleep.", ["hardly sleep"]),
        ("/not .*alone/", "I am not at all alone.", ["not at all alone"]),
        ("alone", "I am not alone.", []),
        ("feel ... alone", "I feel not alone.", []),
        ("am * alone", "I am not alone.", []),
    ],
)
def test_a_negation_that_the_pattern_names_does_not_block_it(pattern, text, matched, found):
    assert found(pattern, text, scopes={}) == matched


@pytest.mark.parametrize(
    ("scope", "text"),
    [
        ("negated", "I am not drained."),
        ("hypothetical", "If I were drained I could tell."),
        ("others", "My co-worker is drained."),
        ("reported", "He says that we are drained."),
    ],
)
def test_each_scope_is_switched_for_a_code(scope, text, found):
    assert found("drain", text, scopes={}) == []
    assert found("drain", text, scopes={scope: "include"}) == ["drained"]
    assert found("drain", text, scopes={scope: "require"}) == ["drained"]
    assert found("drain", "I am drained.", scopes={scope: "require"}) == []


@pytest.mark.parametrize(("rule", "count"), [("exclude", 1), ("include", 2), ("require", 1)])
def test_the_prompt_is_switched_for_a_code(rule, count, make_code, make_book, cache):
    from reflect_analysis.coders import RuleCoder

    text = "What drained you this week? The meetings drained me."
    document = Document("R1", text, attributes={"prompt": "What drained you this week?"})
    corpus = Corpus((document,), clearances=(Clearance(text_hash(text), "a", "b"),))
    codebook = make_book(make_code("strain", "drain", scopes={"prompt": rule}))
    segments = segment(corpus, cache=cache)
    codings = code_segments(RuleCoder(codebook, cache=cache), segments, codebook)
    assert len(codings) == count


def test_every_scope_of_a_codebook_file_is_known_and_the_other_way_round():
    from typing import get_args

    from reflect_analysis.codebook.shape import ScopeName

    assert set(SCOPES) == set(get_args(ScopeName))
