"""Ages of 90 and over, in figures and words: so few reach them that the number may be a name.

A number alone is no age: *years old*, *turned*, a grandmother before it or *she* behind it say
that it is one. Percentages, prices, minutes and counted things are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["ages_in"]

Hit = tuple[int, int, float, str]

_UNIT = r"(?:one|two|three|four|five|six|seven|eight|nine)"
_NINETY = rf"(?:ninety(?:[- –]?{_UNIT})?)"
_HUNDRED = rf"(?:(?:a|one)[- ]hundred(?:[- ](?:and[- ])?(?:{_UNIT}|ten))?|hundred and {_UNIT})"
_FIGURE = r"(?:9\d|10\d|11[0-5])"
_OLD = rf"(?:{_FIGURE}|{_NINETY}|{_HUNDRED})"
_THING = (
    r"(?:%|per ?cent|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|child\w*|kids|kiddos|people|"
    r"persons|parents|families|km|k\b|kilomet\w+|metres|meters|miles|dollars|bucks|cents|cm|mm|"
    r"centimet\w+|pounds|lbs?|kg|times|sure|done|degrees|°|seconds|points|pages|steps|words|spaces|"
    r"staff|educators?|students|names|applications|inch\w*|feet|of\b|on the wait)"
)
_NO_THING = rf"(?![\w%$°/-]|[.,:]\d|\s*{_THING}|\s*(?:–|-|to)\s*\d)"
_KIN = (
    r"(?:(?:great-?|step-?)*(?:grand)?(?:mother|father|ma|pa|mom|mum|dad|parent)(?:-in-law)?|"
    r"gran(?:ny|nie|s)?|nan|nana|nanny|nonna|nonno|oma|opa|baba|babcia|dido|dida|gigi|papa|poppa|"
    r"pepere|memere|mémé|pépé|mamie|papi|kokum|kookum|kokom|mushum|moshum|mooshum|nokomis|lola|"
    r"lolo|nani|nana|dadi|dada|poh-?poh|popo|gung-?gung|yeye|nainai|halmoni|jiddo|teta|aunt(?:ie|"
    r"y)?|"
    r"(?:great-?)?(?:great[- ])?(?:aunt|uncle)|elder|neighbou?r|volunteer|man|woman|lady|gentleman|"
    r"founder|widow(?:er)?|resident|senior|storyteller|knowledge keeper)"
)
_ALMOST = r"(?:almost|nearly|now|already|over|about|around|just|only|past|still|like|maybe)"
_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
)
_FORMS = (
    # 92 years old, a ninety-two-year-old, 92yo, 92 y/o
    re.compile(
        rf"(?i)(?<![\w.,$/-])(?P<it>{_OLD}\s?[-– ]?\s?(?:years?|yrs?\.?|yr)[- ]?(?:old|olds|of age|"
        rf"young|s old))(?!\w)"
    ),
    re.compile(
        rf"(?i)(?<![\w.,$/-])(?P<it>{_OLD}\s?-?(?:y\.?/?o\.?|yo|y/o|yr/o)|{_OLD}\s(?:years?|yrs?))"
        rf"(?!\w)(?!\s+(?:of|in|ago|later|from|since|apart|before|after)\b)"
    ),
    # in her nineties, 90-something, her mid-90s
    re.compile(
        r"(?i)\b(?P<it>(?:his|her|their|my \w+['’]s|the)\s+(?:mid[- ]|late[- ]?|early[- ]?|"
        r"high[- ]?)?"
        r"(?:nineties|['’]?90['’]?s|hundreds))\b(?<!the nineties)(?<!the 90s)(?<!the '90s)"
        r"(?<!the ’90s)"
    ),
    re.compile(
        r"(?i)(?<![\w$])(?P<it>(?:ninety|90)[- ](?:something|odd|ish|plus))(?!\w|\s+(?:kids|"
        r"children))"
    ),
    re.compile(
        r"(?i)(?<![\w$])(?P<it>90\+)(?=\s*(?:years|yrs|y|and|,|\.|\)|grand|volunteer|neighbo))"
    ),
    # a 95th birthday
    re.compile(
        r"(?i)(?<!\w)(?P<it>(?:9\dth|9[0-9](?:st|nd|rd|th)|10\d(?:st|nd|rd|th)|ninetieth|"
        r"ninety[- ](?:first|"
        r"second|third|fourth|fifth|sixth|seventh|eighth|ninth)|(?:one )?hundred(?: and \w+)?th)"
        r"\s+(?:birth\s?day|b['’-]?day|year))(?!\w)"
    ),
    re.compile(
        r"(?i)\b(?:celebrat\w+|turn\w*|marked|reached|hit)\s+(?:his|her|their)\s+"
        r"(?P<it>9\d(?:st|nd|rd|th)|10\d(?:st|nd|rd|th)|ninet(?:ieth|y-\w+)|hundredth)(?!\w)"
    ),
    re.compile(rf"(?:^|[.!?]\s+|\n)(?P<it>(?i:{_NINETY}|9\d))\s*!"),
    # age 94, turned 94, pushing 95
    re.compile(
        rf"(?i)\b(?:age|aged|at age|ages|turn(?:s|ed|ing)?|at the (?:ripe )?(?:old )?age of|age of|"
        rf"pushing|reached|reaching|hit|hitting|made it to|almost|nearly|going on|just shy of|"
        rf"shy of|lived to(?: be)?|"
        rf"live to(?: be)?|until|till|past|about to be|"
        rf"(?:who|she|he|i|being)(?:['’]?s|['’]?ll be| is| was| will be| would be| would have been|"
        rf" has been| is now| had been|(?<=being)|['’]?m| am)|(?:my|his|her|our|their|the)"
        rf"\s+(?:\w+\s+)?{_KIN}\s+"
        rf"(?:is|was|will be|would be))\s+"
        rf"(?:{_ALMOST}\s+){{0,2}}[:#]?\s*(?P<it>{_OLD}){_NO_THING}"
    ),
    # died at 101, at ninety-five she
    re.compile(
        rf"(?i)\b(?:died|passed(?: away| on)?|gone|retired|danced|walk(?:s|ed|ing)|driv(?:es|ing)"
        rf"|sang|"
        rf"sings|liv(?:es|ing)|alone|volunteer(?:s|ed|ing)|sharp|going strong|reads|still \w+|"
        rf"here)\s+"
        rf"(?:[\w]+\s+){{0,3}}?at\s+(?:{_ALMOST}\s+)?(?P<it>{_OLD}){_NO_THING}"
    ),
    re.compile(
        rf"(?i)(?<!\w)at\s+(?:{_ALMOST}\s+)?(?P<it>{_OLD})(?!\w)\s*,?\s+(?=(?:she|he|they|my|his|"
        rf"her|"
        rf"our|their|one)(?:['’]\w+)?\s+(?!room|rooms))"
    ),
    # my oma, 94, / my nana (94) / an elder of ninety-three / grandma at 94
    re.compile(
        rf"(?i)(?<!\w){_KIN}s?\s*(?:,|\(|–|—|-\s|\bof\b|\bat\b|\baged?\b|\bis\b|\bwas\b)"
        rf"\s*(?:who is |who['’]s |who |is |was |at |"
        rf"now |aged? |just turned |turned |turning |about |almost |nearly |over ){{0,3}}"
        rf"(?P<it>{_OLD})(?=\s*(?:[.,;:)!?\n–—]|$|and\b|who\b|now\b|when\b|in\b|this\b|last\b|"
        rf"but\b|years\b|yrs\b))"
    ),
    re.compile(
        rf"(?i)(?<!\w){_KIN}\s+(?:of|aged?|at)\s+(?:{_ALMOST}\s+)?(?P<it>{_OLD}){_NO_THING}"
    ),
    re.compile(
        rf"(?i)(?<!\w){_KIN}\b[^.!?\n\d]{{0,40}}?[,(–—]\s*(?:{_ALMOST}\s+)?(?P<it>{_OLD})"
        rf"(?:\s+(?:maybe|perhaps|or so|"
        rf"this \w+|now|if a day|and counting|already))?(?=\s*(?:[,;:!?)]|\.(?!\d)|$))"
    ),
    re.compile(
        rf"(?i)(?:^|[.!?,(]\s*)(?P<it>{_OLD})\s+(?:this (?:year|month|week|spring|summer|fall|"
        rf"winter)|now|next (?:month|week|year)|"
        rf"in (?:{_MONTH})|"
        rf"and (?:still|going|sharp|counting|she|he))(?!\w)"
    ),
    re.compile(
        rf"(?i)\b(?:is|was|are|were|be)\s+(?:{_ALMOST}\s+){{0,2}}(?P<it>{_NINETY}|"
        rf"(?:a|one) hundred and {_UNIT}){_NO_THING}"
    ),
    re.compile(rf"(?i)(?<![\w$])(?P<it>{_OLD})[- ](?:year|yr)(?:s)?[- ]old"),
    re.compile(
        r"(?i)(?<!\w)(?P<it>centenarian|nonagenarian|(?:supercent|cent)enaire|nonagénaire)s?(?!\w)"
    ),
    # en français
    re.compile(
        r"(?i)(?<![\w,.])(?P<it>(?:9\d|10\d|quatre-?[ -]?vingts?-?[ -](?:dix(?:[- ]\w+)?|onze|"
        r"douze|treize|"
        r"quatorze|quinze|seize)|nonante(?:[- ]\w+)?|cent(?: un| deux| trois| quatre| cinq)?)"
        r" (?:ans|printemps))"
        r"(?!\w)(?! (?:d['’e]|plus tard|après|avant))"
    ),
    re.compile(
        r"(?i)(?<!\w)(?P<it>90e|9\de|100e|centième|quatre-vingt-dixième)\s+(?:anniversaire|fête)"
    ),
)
# One of these stands in every form; most texts hold none, and the forms are many.
_SIGN = re.compile(r"(?i)9\d|1[01]\d|ninet|hundred|\bcent\b|centen|centi|nonan|nonag|vingt")
_APPOSED = re.compile(
    rf"(?<![\w-])[A-Z][\w'’-]+\s*(?:,|\()\s*(?:now |aged? |who is |who just turned |almost )"
    rf"?(?P<it>{_OLD})"
    r"\s*(?:[.,;)!](?!\d)|\s(?:and|who|now)\b)"
)


def ages_in(text: str) -> Iterator[Hit]:
    """Ages over 89.

    Parameters
    ----------
    text : str

    Yields
    ------
    tuple of (int, int, float, str)
        Start and end in code points, score and reason; they may overlap.
    """
    if not _SIGN.search(text):
        return
    for match in _APPOSED.finditer(text):
        yield match.start("it"), match.end("it"), 0.6, "an age over 89"
    for form in _FORMS:
        for match in form.finditer(text):
            yield match.start("it"), match.end("it"), 0.75, "an age over 89"
