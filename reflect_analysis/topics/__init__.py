"""Topics: groups of texts that say alike things, found without the codebook.

The engine goes by the number of texts, because what is sound on thousands invents themes
on thirty: under 20 nothing is clustered, to 300 k-means on the vectors, then BERTopic,
which stands behind one wall (`clusters`). Every solution carries how far it agrees with
itself over seeds and over bootstrap samples, beside what shuffled vectors give, and says
*not stable* where that is too little. No coherence figure is called quality here: the two
families of such figures rank models in opposite orders.
"""

from reflect_analysis.topics.alignment import Alignment, AlignmentRow, align
from reflect_analysis.topics.clusters import TopicSettings
from reflect_analysis.topics.fitting import fit_topics
from reflect_analysis.topics.values import (
    Neighbour,
    NumberTried,
    Stability,
    Term,
    Topic,
    Topics,
    TopicUnit,
)

__all__ = [
    "Alignment",
    "AlignmentRow",
    "Neighbour",
    "NumberTried",
    "Stability",
    "Term",
    "Topic",
    "TopicSettings",
    "TopicUnit",
    "Topics",
    "align",
    "fit_topics",
]
