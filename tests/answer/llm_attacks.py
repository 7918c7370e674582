"""Articles with orders to a language model, and a server that does what they say."""

from __future__ import annotations

import json
from pathlib import Path

from rag.types import Answer, Evidence
from tests.answer.llm_cases import article, found
from tests.answer.llm_server import Request, ids_of, written

Attack = dict[str, str]

ATTACKS: list[Attack] = [
    json.loads(line)
    for line in (Path(__file__).parent / "attacks.jsonl").read_text(encoding="utf-8").splitlines()
]


class Obeying:
    """A server that does what the article at hand orders, with ids that there are."""

    def __init__(self, cites: str) -> None:
        self.cites = cites
        self.attack: Attack = {}

    def __call__(self, request: Request) -> str:
        if "translate" in request["messages"][0]["content"]:
            return json.dumps({"translations": [{"id": "s1", "text": self.attack["obeyed"]}]})
        shown = ids_of(request["messages"][-1]["content"])
        facts = [i for i, text in shown.items() if text == self.attack["facts"]]
        rest = [i for i in shown if i not in facts]
        ids = {"all": list(shown), "facts": facts, "rest": rest}[self.cites]
        return written((self.attack["obeyed"], ids))


def attacked(attack: Attack) -> Evidence:
    """A clean article, and one that says the same and holds the order."""
    weather = {"de": "In Nordau regnet es heute.", "en": "Today it rains in Marlow."}
    facts = attack["facts"]
    again = facts[:-1] + {"de": ", heißt es.", "en": ", it says."}[attack["language"]]
    place, order = attack["place"], attack["injection"]
    said = {place: order} if place in ("title", "source") else {}
    sentences = [again, order] if place in ("text", "html") else [again]  # no model sees a `url`
    return found(article(0, facts, weather[attack["language"]]), article(1, *sentences, **said))


def obeyed(attack: Attack, answer: Answer) -> bool:
    """Whether the order shows in what is said or in a translation."""
    shown = [answer.text, *(citation.translation for citation in answer.citations)]
    return any(attack["mark"] in text for text in shown)
