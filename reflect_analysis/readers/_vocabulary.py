"""The words by which an attribution and a table's columns are known.

Only what stands here is kept of an attribution, so the lists hold no word that is also a
common name. The field's words in English and French.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import get_close_matches


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ROLES = _words(
    "educator ece ecea rece assistant mentor mentee facilitator participant supervisor "
    "practitioner teacher student organizer organiser member caregiver provider parent "
    "respondent interviewee pedagogist volunteer colleague graduate apprentice anonymous "
    "éducatrice éducateur participante mentore mentorée animatrice animateur stagiaire "
    "étudiante étudiant superviseure membre"
)
TITLES = _words(
    "director directrice directeur president minister ministre professor author autrice auteur "
    "researcher chair chairperson ceo chief manager coordinator co-ordinator dean lecturer "
    "commissioner editor spokesperson founder poet writer philosopher principal superintendent "
    "mayor mla mp consultant"
)
FORMS = _words(
    "reflection interview survey journal post comment response questionnaire diary evaluation "
    "feedback debrief caption letter photovoice photo-voice provocation answer "
    "réflexion entrevue sondage réponse"
)
# A kind of text in two words.
FOCUS_GROUP = frozenset({"focus", "group", "photo", "voice"})
OF_PARTICIPANTS = frozenset({"participant", "participante", "respondent", "interviewee", "mentee"})
MODIFIERS = _words(
    "a an the of in and from with at for to early childhood infant toddler preschool pre-school "
    "school age school-age after outdoor indigenous centre center centre-based child care "
    "childcare family home based home-based community communities cop practice peer new newer "
    "experienced lead senior junior beginning rural urban remote northern southern small large "
    "site area region town city district program programme project pilot group pair learning "
    "professional development inclusion inclusive support worker special needs licensed first "
    "second third final year years former past co francophone anglophone executive deputy "
    "associate adjunct general vice education provincial national regional north south east west "
    "interior coast island "
    "de la le du des en petite enfance communauté communautés pratique nouvelle nouveau "
    "expérimentée rurale"
)
SMALL_WORDS = _words("a an the of in and from with at for to de la le du des en")
ORGANISATIONS = _words(
    "society association university ministry college institute council foundation services "
    "network alliance federation government board department union coalition agency"
)
PROVINCES = _words("bc ab sk mb on qc nb ns pe pei nl yt nt nu")
PARTICLES = _words("de da di du la le van von der den of the y e and")

# What a column is called that holds the id, the participant and so on.
COLUMNS: dict[str, frozenset[str]] = {
    "id": _words("document_id doc_id text_id reflection_id response_id entry_id post_id"),
    "participant": _words(
        "participant_id participant_code case case_id respondent respondent_id pseudonym "
        "educator_id participante"
    ),
    "text": _words(
        "reflection reflections response answer caption comment comments entry content body post "
        "message reflection_text response_text answer_text journal_entry open_text "
        "texte reponse commentaire"
    ),
    "kind": _words("document_kind text_kind"),
    "language": _words("lang langue document_language"),
    "voice": frozenset(),
}

# What a column is called that holds the consent to be quoted.
CONSENT = _words(
    "quote_consent consent consent_quote consent_quotes consent_to_quote consent_to_quotes "
    "consent_to_be_quoted consent_for_quotes consent_for_quoting quotes_consent quoting_consent "
    "quotation_consent quoteconsent quotes quotable may_quote may_be_quoted can_quote "
    "can_be_quoted ok_to_quote quote_ok quotes_ok quote_permission permission_to_quote "
    "consentement consentement_citation consentement_a_etre_cite peut_etre_cite peut_etre_citee"
)


def plain(header: str) -> str:
    """A column's name for comparison.

    Examples
    --------
    >>> plain(" Participant ID "), plain("Réponse")
    ('participant_id', 'reponse')
    """
    letters = unicodedata.normalize("NFKD", header.casefold())
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r"\W+", "_", letters).strip("_")


def near_key(key: str, known: Iterable[str], synonyms: Mapping[str, str]) -> str:
    """The known key that a key nearly is, or stands for; ``""`` where it is another.

    Examples
    --------
    >>> near_key("particpant", ["participant"], {}), near_key("Alt", [], {"alt": "alt_text"})
    ('participant', 'alt_text')
    >>> near_key("participation", ["participant"], {})
    ''
    """
    word = plain(key)
    near = get_close_matches(word, list(known), n=1, cutoff=0.85)
    return synonyms.get(word, near[0] if near else "")
