"""Whole sentences about whatever is on air, made from the product's own facts; none comes twice in ten minutes."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from rehearsal.phrases import (
    ANSWERS,
    ATTRIBUTE_PRAISE,
    ATTRIBUTE_QUESTIONS,
    BOUGHT,
    DEALS,
    GREETINGS,
    HOST_CLOSE,
    HOST_DEAL,
    HOST_FACTS,
    HOST_OPEN,
    HOST_PRICE,
    NOUNS,
    OPENERS,
    OPTION_LINES,
    PLAIN,
    PRICE_LINES,
    QUESTION_OPENERS,
    REQUESTS,
    TAILS,
    WELCOME,
)

MEMORY_SECONDS = 600.0
SIZES = {"size", "sizes", "length", "größe", "länge"}
_SENTENCE = re.compile(
    r":|\b(is|are|was|were|has|have|had|can|will|you|your|we|our|it|this)\b", re.I
)


@dataclass(frozen=True)
class Subject:
    """What there is to say about a pinned item; works with nothing but a title and a price."""

    number: int
    title: str
    short: str
    price: str
    vendor: str
    facts: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, str], ...]
    left: int

    @classmethod
    def of(cls, item: dict[str, Any], left: int) -> Subject:
        facts = [
            (NOUNS.get(name, _spoken(name)).lower(), str(value))
            for name, value in (item.get("attributes") or {}).items()
            if value
            and name != "brand"
            and len(str(value)) < 60
            and not _SENTENCE.search(str(value))
        ]
        options = [
            (option["name"].lower(), option["value"])
            for variant in item.get("variants", [])
            for option in variant["options"]
            if option["value"].lower() not in {"default title", "default"}
            and option["name"].lower() not in SIZES  # nobody holds an M up to the light
        ]
        title = item["title"]
        words = re.findall(r"[\w'-]+", title)
        price = item["price_from"]
        return cls(
            number=item["number"],
            title=title,
            short=plain_name(words) or title.lower(),
            price=spoken_price(price),
            vendor=item.get("vendor") or "the maker",
            facts=tuple(facts),
            options=tuple(dict.fromkeys(options)),
            left=left,
        )


def _spoken(name: str) -> str:
    """What a catalogue calls `good_to_know` or `detail_2`, as people say it."""
    return re.sub(r"_?\d+$", "", name).replace("_", " ") or name


def plain_name(words: list[str]) -> str:
    """What people call it: `Velvet Hour lipstick` is a lipstick, `The Scout Skincare Kit` a skincare kit."""
    tail: list[str] = []
    for word in reversed(words):
        if not word[0].islower():
            break
        tail.insert(0, word)
    return " ".join(tail or words[-2:]).lower()


def spoken_price(money: dict[str, Any]) -> str:
    """`12.99 EUR`; whole amounts without decimals."""
    whole, rest = divmod(money["minor"], 100)
    return f"{whole}.{rest:02d} {money['currency']}" if rest else f"{whole} {money['currency']}"


class Sentences:
    """Draws lines and remembers them, so that a room never reads like a machine."""

    def __init__(self, seed: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.random = random.Random(seed)
        self._clock = clock
        self._said: dict[str, float] = {}
        self._worn: dict[str, int] = {}
        self._draws = 0

    def viewer(self, subject: Subject | None, mood: str = "chat") -> str | None:
        """A viewer's line: mood is greet, chat, deal, bought or request. None when all has been said."""
        return self._fresh(lambda: self._viewer_line(subject, mood))

    def host(self, subject: Subject | None, moment: str, **words: Any) -> str | None:
        """The host's line: moment is welcome, open, fact, price, deal, answer or close."""
        return self._fresh(lambda: self._host_line(subject, moment, words))

    def _fresh(self, draw: Callable[[], str]) -> str | None:
        now = self._clock()
        self._said = {line: at for line, at in self._said.items() if now - at < MEMORY_SECONDS}
        for _ in range(60):
            line = draw().strip()
            line = line[:1].upper() + line[1:]
            plain = re.sub(r"\W+", " ", line).lower().strip()
            if plain and plain not in self._said and len(line) <= 290:
                self._said[plain] = now
                return line
        return None

    def _pick(self, lines: tuple[str, ...]) -> str:
        """Any of them, but rather one that has not been used for a while: people notice a pattern."""
        self._draws += 1
        rested = sorted(lines, key=lambda line: self._worn.get(line, 0))
        line = self.random.choice(rested[: max(1, len(rested) // 2)])
        self._worn[line] = self._draws
        return line

    def _viewer_line(self, subject: Subject | None, mood: str) -> str:
        if subject is None or mood == "greet":
            return self._pick(GREETINGS).format(
                day=self._pick(("everybody", "everyone", "all", "from the sofa", "from the train")),
                tail=self._pick(TAILS),
            )
        words: dict[str, Any] = {
            "title": subject.title,
            "short": subject.short,
            "price": subject.price,
            "number": subject.number,
            "left": subject.left,
            "vendor": subject.vendor,
        }
        if mood == "bought":
            core = self._pick(_fitting(BOUGHT, subject))
        elif mood == "deal":
            core = self._pick(DEALS)
        elif mood == "request":
            core = self._pick(REQUESTS)
        else:
            kinds = ["plain", "price"]
            kinds += ["fact", "ask"] * bool(subject.facts) + ["option"] * bool(subject.options)
            kind = self._pick(tuple(kinds))
            core = self._pick(
                {
                    "plain": PLAIN,
                    "price": PRICE_LINES,
                    "fact": ATTRIBUTE_PRAISE,
                    "ask": ATTRIBUTE_QUESTIONS,
                    "option": OPTION_LINES,
                }[kind]
            )
        fact, value = self.random.choice(subject.facts or (("look", subject.short),))
        option, choice = self.random.choice(subject.options or (("version", subject.short),))
        line = core.format(fact=fact, value=value, option=option, choice=choice, **words)
        if mood == "chat" and self.random.random() < 0.45:
            line = f"{self._pick(QUESTION_OPENERS if line.endswith('?') else OPENERS)} {line}"
        if self.random.random() < 0.35 and len(line) < 110:
            line = f"{line} {self._pick(TAILS)}"
        return line

    def _host_line(self, subject: Subject | None, moment: str, words: dict[str, Any]) -> str:
        lines = {
            "welcome": WELCOME,
            "open": HOST_OPEN,
            "fact": HOST_FACTS,
            "price": HOST_PRICE,
            "deal": HOST_DEAL,
            "answer": ANSWERS,
            "close": HOST_CLOSE,
        }[moment]
        known: dict[str, Any] = {
            "name": "you",
            "units": 0,
            "deal_price": "",
            "next": "the next one",
        }
        if subject is not None:
            fact, value = self.random.choice(subject.facts or (("look", subject.short),))
            option, choice = self.random.choice(subject.options or (("version", subject.short),))
            known |= {
                "title": subject.title,
                "short": subject.short,
                "price": subject.price,
                "number": subject.number,
                "vendor": subject.vendor,
                "left": subject.left,
                "fact": fact,
                "value": value,
                "option": option,
                "choice": choice,
            }
        elif moment not in {"welcome", "close"}:
            lines = WELCOME
        return self._pick(_fitting(lines, subject)).format(**(known | words))


def _fitting(lines: tuple[str, ...], subject: Subject | None) -> tuple[str, ...]:
    """Without the lines about facts or choices that this product does not have."""
    missing = [] if subject is not None and subject.facts else ["{fact}", "{value}"]
    missing += [] if subject is not None and subject.options else ["{option}", "{choice}"]
    return tuple(line for line in lines if not any(word in line for word in missing))


def remembered(lines: Iterator[str]) -> set[str]:
    """The lines as `Sentences` compares them; used by tests."""
    return {re.sub(r"\W+", " ", line).lower().strip() for line in lines}
