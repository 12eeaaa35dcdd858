"""The words by which an attribution and a table's columns are known.

Only what stands here is kept of an attribution, so the lists hold no word that is also a
common name. The field's words in English and French.
"""

from __future__ import annotations


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
