"""Which numbered item a chat line asks for: "number seven", "Nummer 7", "#7", "nr. 7", in English and German."""

from __future__ import annotations

import re
import unicodedata

_UNITS = {
    "english": "one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty",
    "german": "eins zwei drei vier fuenf sechs sieben acht neun zehn elf zwoelf dreizehn vierzehn "
    "fuenfzehn sechzehn siebzehn achtzehn neunzehn zwanzig",
}
_TENS = {
    "english": "twenty thirty forty fifty sixty seventy eighty ninety",
    "german": "zwanzig dreissig vierzig fuenfzig sechzig siebzig achtzig neunzig",
}


def _words() -> dict[str, int]:
    units = {language: words.split() for language, words in _UNITS.items()}
    tens = {language: words.split() for language, words in _TENS.items()}
    found: dict[str, int] = {}
    for words in units.values():
        found |= {word: value for value, word in enumerate(words, start=1)}
    for place, (english, german) in enumerate(zip(tens["english"], tens["german"], strict=True), 2):
        found[english] = found[german] = place * 10
        for unit in range(1, 10):
            found[english + units["english"][unit - 1]] = place * 10 + unit
            ones = "ein" if unit == 1 else units["german"][unit - 1]
            found[f"{ones}und{german}"] = place * 10 + unit
    found |= {"ein": 1, "zwo": 2}
    return found


WORDS = _words()
_SIGN = r"(?:numbers?|num|nummern?|numero|no\.|nos\.|nr\.?|n°|item|artikel|#)"
_ASKED = re.compile(
    rf"(?<![\w#&]){_SIGN}(?![a-z])\s*[:#.]?\s*(\d{{1,4}}|[a-z]+(?:[- ][a-z]+)?)(?![\w]|[.,]\d)"
)


def asked_number(text: str) -> int | None:
    """The first number that the line asks for, or None. A bare number is none: it may be a size or a price."""
    plain = unicodedata.normalize("NFKC", text.replace("№", "#")).lower()
    plain = plain.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")
    for found in _ASKED.finditer(plain):
        number = _value(found[1])
        if number is not None:
            return number
    return None


def _value(word: str) -> int | None:
    if word.isdecimal():
        number = int(word)
        return number if number > 0 else None
    first, _, second = word.replace("-", " ").partition(" ")
    tens, ones = WORDS.get(first), WORDS.get(second)
    if tens is not None and ones is not None and tens % 10 == 0 and tens > 10 and ones < 10:
        return tens + ones  # twenty-one, twenty one
    return tens
