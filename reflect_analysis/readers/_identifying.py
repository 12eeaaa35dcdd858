"""Columns that say who somebody is: never an attribute, always left out and listed.

A column is known by its name, or by cells that look like e-mail addresses, telephone
numbers or addresses of computers. Names, towns and centres inside answers are found later,
by `check_anonymity`; here only what a form collects as such is kept out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from reflect_analysis.corpus import Omission

from ._vocabulary import plain


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


REASON = "a column of direct identifiers"

_NAMES = _words(
    "ip ip_address ipaddress ipaddr email e_mail mail email_address e_mail_address "
    "recipientemail recipient_email recipientfirstname recipient_first_name "
    "recipientlastname recipient_last_name first_name firstname given_name last_name "
    "lastname surname family_name name full_name fullname your_name real_name display_name "
    "user_name username login phone phone_number telephone telephone_number mobile cell "
    "cell_phone street street_address home_address mailing_address postal_code postcode "
    "zip zip_code latitude longitude lat lon lng locationlatitude locationlongitude "
    "location_latitude location_longitude externalreference external_reference "
    "externaldatareference external_data_reference token refurl referrer_url "
    "survey_identifier redcap_survey_identifier custom_data custom_data_1 sin "
    "social_insurance_number employee_number employee_id licence_number license_number "
    "date_of_birth dob birth_date birthdate birthday facebook instagram twitter nom prenom "
    "courriel adresse_courriel telephone_cellulaire code_postal date_de_naissance "
    "adresse_ip"
)
# In the words of a question: "What is your e-mail address?"
_ASKED = re.compile(
    r"(?:e[-_ ]?mail|courriel)(?:[-_ ]?address)?|\b(?:your|full|first|last|given|family) name\b|"
    r"\b(?:phone|telephone|cell) number\b|\bphone\b|\b(?:street|home|mailing|ip) address\b|"
    r"\bpostal code\b|\bdate of birth\b|\bvotre nom\b|\bnuméro de téléphone\b",
    re.IGNORECASE,
)
_ASKED_WORDS = 8
_LONGEST_CELL = 254  # of an e-mail address
_CELLS = (
    re.compile(r"[^\s@]+@[^\s@]+\.[a-z]{2,}", re.IGNORECASE),
    re.compile(r"(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){4,7}", re.IGNORECASE),
    re.compile(r"\+?1?[-. ]?\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}"),
)


def is_identifying(*names: str) -> bool:
    """Whether a column of one of these names, or of this question, says who somebody is.

    Examples
    --------
    >>> is_identifying("RecipientEmail"), is_identifying("Q1", "What is your full name?")
    (True, True)
    >>> is_identifying("role"), is_identifying("How do phones change the room, in your eyes?")
    (False, False)
    """
    return any(plain(name) in _NAMES or _asks(name) for name in names)


def _asks(question: str) -> bool:
    words = question.split()
    return len(words) <= _ASKED_WORDS and _ASKED.search(question) is not None


def holds_identifiers(cells: Iterable[str]) -> bool:
    """Whether a cell is nothing but an e-mail address, a telephone number or an IP address.

    Examples
    --------
    >>> holds_identifiers(["7", "jo@example.org"]), holds_identifiers(["see jo@example.org"])
    (True, False)
    """
    short = (cell.strip() for cell in cells if len(cell) <= _LONGEST_CELL)
    return any(pattern.fullmatch(cell) for cell in short for pattern in _CELLS)


def identifies(column: str, cells: Iterable[str]) -> bool:
    """Whether a column is kept out, for its name or for its cells."""
    return is_identifying(column) or holds_identifiers(cells)


def listed(source: str, columns: Iterable[str], reason: str = REASON) -> Iterator[Omission]:
    """An entry for each column that is left out."""
    for column in columns:
        yield Omission(source, f"column {column!r}", reason)
