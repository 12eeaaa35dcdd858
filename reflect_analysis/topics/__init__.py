"""Topics: groups of texts that say alike things, found without the codebook.

The engine goes by the number of texts, because what is sound on thousands invents themes
on thirty: under 20 nothing is clustered, to 300 k-means on the vectors, then BERTopic,
which stands behind one wall (`clusters`). Every solution carries how far it agrees with
itself over seeds and over bootstrap samples, beside what shuffled vectors give, and says
*not stable* where that is too little. No coherence figure is called quality here: the two
families of such figures rank models in opposite orders.
"""

from reflect_analysis.topics.acts import Part, TopicAct, TopicGroup, act_of, act_row
from reflect_analysis.topics.alignment import Alignment, AlignmentRow, align
from reflect_analysis.topics.assigning import Assigned, assign_topics
from reflect_analysis.topics.candidates import Candidate
from reflect_analysis.topics.clusters import TopicSettings
from reflect_analysis.topics.codebooks import (
    TOPICS_CODER,
    topics_to_codebook,
    topics_to_codings,
)
from reflect_analysis.topics.files import load_topics, save_topics
from reflect_analysis.topics.fitting import fit_topics
from reflect_analysis.topics.groups import TopicsBy, TopicShare, topics_by
from reflect_analysis.topics.guidance import Guidance
from reflect_analysis.topics.guided import (
    labels_of_codings,
    topics_from_codes,
    topics_from_labels,
    topics_from_seeds,
)
from reflect_analysis.topics.placing import Placing
from reflect_analysis.topics.questions import TopicSheet
from reflect_analysis.topics.scoring import SheetScores, TopicScore, score_sheets
from reflect_analysis.topics.sheets import document_intrusion, naming_sheet, word_intrusion
from reflect_analysis.topics.values import (
    Coherence,
    Neighbour,
    NumberTried,
    Stability,
    Term,
    Topic,
    Topics,
    TopicStability,
    TopicUnit,
)

__all__ = [
    "TOPICS_CODER",
    "Alignment",
    "AlignmentRow",
    "Assigned",
    "Candidate",
    "Coherence",
    "Guidance",
    "Neighbour",
    "NumberTried",
    "Part",
    "Placing",
    "SheetScores",
    "Stability",
    "Term",
    "Topic",
    "TopicAct",
    "TopicGroup",
    "TopicScore",
    "TopicSettings",
    "TopicShare",
    "TopicSheet",
    "TopicStability",
    "TopicUnit",
    "Topics",
    "TopicsBy",
    "act_of",
    "act_row",
    "align",
    "assign_topics",
    "document_intrusion",
    "fit_topics",
    "labels_of_codings",
    "load_topics",
    "naming_sheet",
    "save_topics",
    "score_sheets",
    "topics_by",
    "topics_from_codes",
    "topics_from_labels",
    "topics_from_seeds",
    "topics_to_codebook",
    "topics_to_codings",
    "word_intrusion",
]
