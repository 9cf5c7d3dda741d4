"""Words that the rules of `handouts.check.reading` count wrongly, with the syllables they have.

Counted by hand, by American dictionaries. Plurals in -s need no entry of their own; a word that the rules
get right needs none at all (a test says which).
"""

from __future__ import annotations

_BY_COUNT: dict[int, str] = {
    2: """
        baseline business businesses chocolate elsewhere evening fireplace fluid forehead
        framework gateway homepage homework household hundred lifelong lifetime likewise lion maybe naive nosebleed
        onion people pipeline reuse reused ruin safety science screwed sidewalk sideways sideburn someday someone
        something sometime sometimes somehow somewhat somewhere thereby therefore timeout timeline union Wednesday
        whereas wholesome centre
    """,
    3: """
        anyone behavior genuine linear nuclear oasis ourselves ratio recipe somebody
        suicide tuition videotape wheelchair
    """,
    4: "diabetes facsimile hierarchy scientific suicidal",
    5: "coagulation ambiguity rheumatoid",
    7: "gastroenterology",
}
EXCEPTIONS: dict[str, int] = {word.lower(): count for count, words in _BY_COUNT.items() for word in words.split()}
