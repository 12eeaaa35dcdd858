"""The starter codebook's patterns on composed sentences: a phrase in its sense and out of it."""

import pytest

from reflect_analysis.codebook import read_codebook
from reflect_analysis.coders import RuleCoder
from reflect_analysis.demo import demo_files

# A code, a sentence that holds it, and one with the same words that does not.
PAIRS = [
    (
        "working_conditions",
        "The grant ran out and with it the second educator.",
        "The kitchen is too small, that I grant you.",
    ),
    ("working_conditions", "We have no real staff room.", "The office door was painted blue."),
    ("isolation", "I feel left out of every decision.", "I left out the part about the bus."),
    ("isolation", "I was not heard.", "I never asked for the key."),
    ("isolation", "No one asked.", "I have not asked yet."),
    ("isolation", "Left out of it again, we heard by email.", "The milk was left out."),
    ("detachment", "By noon I switch off and just nod.", "I turned down the heat before lunch."),
    (
        "detachment",
        "I tune out while the parents talk.",
        "I checked out a book on clay for the fours.",
    ),
    (
        "belonging",
        "I feel at home with these women.",
        "I was at home with a cold on Monday.",
    ),
    (
        "wellbeing_practice",
        "I said no to another committee.",
        "She asked for a mat and I said no, we are not babysitters.",
    ),
    ("wellbeing_practice", "I am learning to say no.", "I said no to a second plate of pasta."),
    (
        "public_recognition",
        "My aunt calls it glorified babysitting.",
        "I told him we are not babysitters.",
    ),
    (
        "professional_confidence_lacking",
        "I am waiting for someone to find out that I know nothing.",
        "One day the twos find out that other people exist.",
    ),
    (
        "learning_together",
        "She taught me how to write a learning story.",
        "The winter taught me to carry two pairs of mitts.",
    ),
    (
        "reflective_practice",
        "Then it hit me that I had been rushing her.",
        "He hit me and I filled in the form.",
    ),
    (
        "reflective_practice",
        "I realised how often I answer for the children.",
        "I realised it was Friday.",
    ),
    (
        "reflective_practice",
        "Next time I will wait before I step in.",
        "Next time I will bring muffins.",
    ),
    (
        "reflective_practice",
        "My own voice was what made the room loud.",
        "My voice was hoarse by noon.",
    ),
    (
        "reflective_practice",
        "It opened my eyes to what the line was for.",
        "I opened my eyes at six.",
    ),
    (
        "reflective_practice",
        "I wonder what she was telling me with that bite.",
        "The moon is what she was teaching us about.",
    ),
    (
        "reflective_practice",
        "I thought he was being stubborn but he had not heard me.",
        "I thought it would rain but it was dry.",
    ),
    (
        "reflective_practice",
        "I keep coming back to the moment when I raised my voice.",
        "I keep coming back to that cafe.",
    ),
    (
        "reflective_practice",
        "Why did I say yes when I meant wait?",
        "Why do we have to sign the form twice?",
    ),
    (
        "reflective_practice",
        "What if I had just let them argue?",
        "What if it snows?",
    ),
    (
        "reflective_practice",
        "I am ashamed of how I spoke to him.",
        "I am sorry about my spelling.",
    ),
]


@pytest.fixture(scope="module")
def found(cache):
    """The codes whose patterns count in a sentence."""
    coder = RuleCoder(read_codebook(demo_files().codebook), cache=cache)
    texts = [text for _, *pair in PAIRS for text in pair]
    counting = (
        {code for code, finds in each.items() if not all(find.blocked for find in finds)}
        for each in coder.finds(texts)
    )
    return dict(zip(texts, counting, strict=True))


@pytest.mark.parametrize(("code", "meant", "other"), PAIRS)
def test_a_phrase_counts_in_its_sense_alone(code, meant, other, found):
    assert code in found[meant]
    assert code not in found[other]
