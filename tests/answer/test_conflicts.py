"""Articles that differ, and articles that only seem to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.conflicts import Pair, evidence, judge_pair, read_pairs
from rag.answer.asked import asked
from rag.answer.claims import Claim, agreeing
from rag.answer.conflicts import differing
from rag.answer.contradiction import contradict
from rag.answer.sameness import same_thing
from rag.search.query import analyse_question
from rag.types import Chunk, Document, Evidence, EvidenceSentence, Hit, Period, Span

PAIRS = read_pairs()
QUESTION = "Wie viele Autos will Lantor 2026 verkaufen?"


def articles(*told: tuple[str, str | None], alike: float = 0.95) -> Evidence:
    """An article for each sentence and date; every two sentences are equally near."""
    hits, sentences = [], []
    for number, (text, published) in enumerate(told):
        period = Period.parse(published) if published else None
        document = Document(f"a{number}", text, "", None, period, "de")
        span = Span(0, len(text))
        chunk = Chunk(f"a{number}#0", f"a{number}", span, (span,))
        hits.append(Hit(chunk, document, 1.0, {"dense": 1, "lexical": None}, span))
        sentences.append(EvidenceSentence(number, span))
    own, shared = np.sqrt(1 - alike), np.sqrt(alike)
    vectors = np.hstack([own * np.eye(len(told)), np.full((len(told), 1), shared)])
    rows = vectors.astype(np.float32)
    return Evidence(tuple(hits), tuple(sentences), rows, rows[0], len(told), len(told))


def groups(
    found: Evidence, question: str = QUESTION, scores: Sequence[float] | None = None
) -> tuple[tuple[int, ...], ...]:
    query = analyse_question(question, {"de", "en"})
    given = np.zeros(len(found.sentences)) if scores is None else np.array(scores)
    conflict = differing(query, found, given)
    return conflict.groups if conflict else ()


def test_what_only_seems_to_differ_is_hardly_ever_shown() -> None:
    agreeing_pairs = [judge_pair(pair) for pair in PAIRS if not pair.conflict]
    assert len(agreeing_pairs) > 90
    assert sum(each.shown for each in agreeing_pairs) <= 0.05 * len(agreeing_pairs)


def test_nine_conflicts_of_ten_are_seen() -> None:
    conflicts = [judge_pair(pair) for pair in PAIRS if pair.conflict]
    assert len(conflicts) > 60
    assert sum(each.shown for each in conflicts) >= 0.9 * len(conflicts)


@pytest.mark.parametrize("pair", PAIRS[::4], ids=lambda pair: pair.question[:40])
def test_the_order_of_two_claims_does_not_matter(pair: Pair) -> None:
    found = evidence(pair)
    wanted = asked(analyse_question(pair.question, {"de", "en"}))
    one, other = (
        Claim(text, hit.document)
        for (text, _, _), hit in zip(pair.sentences, found.hits, strict=True)
    )
    assert contradict(wanted, one, other) == contradict(wanted, other, one)
    assert same_thing(wanted, one, other) == same_thing(wanted, other, one)
    assert agreeing(one, other) == agreeing(other, one)
    assert agreeing(one, one)


def test_the_newest_claim_comes_first_and_the_undated_last() -> None:
    told = [
        ("Lantor will 2026 rund 200.000 Autos verkaufen.", "2026-01-03"),
        ("Lantor will 2026 rund 160.000 Autos verkaufen.", None),
        ("Lantor will 2026 rund 250.000 Autos verkaufen.", "2026-08"),
    ]
    assert groups(articles(*told)) == ((2,), (0,), (1,))


def test_articles_that_agree_share_a_group() -> None:
    told = [
        ("Lantor will 2026 rund 200.000 Autos verkaufen.", "2026-01-03"),
        ("Lantor will 2026 nur noch 160.000 Autos verkaufen.", "2026-08-06"),
        ("Im Jahr 2026 will Lantor etwa 200.000 Autos verkaufen.", "2026-01-04"),
    ]
    assert groups(articles(*told)) == ((1,), (0, 2))


def test_a_sentence_that_repeats_its_own_article_adds_nothing() -> None:
    text = (
        "Lantor will 2026 rund 200.000 Autos verkaufen. Lantor will 2026 160.000 Autos verkaufen."
    )
    found = articles((text, "2026-01-03"), (text, "2026-01-03"))
    cut = text.index(". ") + 1
    both = (EvidenceSentence(0, Span(0, cut)), EvidenceSentence(0, Span(cut + 1, len(text))))
    within = Evidence(found.hits[:1], both, found.sentence_vectors, found.query_vector, 1, 1)
    assert groups(within) == ()


def behind(found: int, others: int) -> list[float]:
    """Scores: the first sentence answers, the next `found` do not, the `others` might."""
    return [0.0, *[-9.0] * found, *[-1.0] * others]


ASIDE = [(f"Das teilte Lantor am {day} mit.", "2026-01-03") for day in ("Ort", "Tag", "Ende")] * 2


def test_a_sentence_that_does_not_answer_conflicts_only_if_nearly_the_same() -> None:
    told = [
        ("Lantor will 2026 rund 200.000 Autos verkaufen.", "2026-01-03"),
        ("Lantor will 2026 rund 160.000 Autos verkaufen.", "2026-08-06"),
        *ASIDE,
    ]
    assert groups(articles(*told, alike=0.93))
    assert not groups(articles(*told, alike=0.93), scores=behind(1, len(ASIDE)))
    assert groups(articles(*told, alike=0.97), scores=behind(1, len(ASIDE)))
    assert not groups(articles(*told, alike=0.97), scores=[0.0, -np.inf, *[-1.0] * len(ASIDE)])


def test_an_article_that_names_what_it_replaces_needs_no_such_nearness() -> None:
    told = [
        ("BYD will 2025 weltweit 5,5 Mio. Wagen verkaufen.", "2025-03-25"),
        ("Statt 5,5 Mio. Wagen sollen 2025 bei BYD nur noch 4,6 Mio. verkauft werden.", "2025-09"),
        *ASIDE,
    ]
    question, scores = "Wie viele Fahrzeuge will BYD 2025 absetzen?", behind(1, len(ASIDE))
    assert groups(articles(*told, alike=0.87), question, scores) == ((1,), (0,))
    # Said before the other article, it is no revision of it.
    earlier = [(told[0][0], "2025-11"), *told[1:]]
    assert not groups(articles(*earlier, alike=0.87), question, scores)


def test_only_the_nearest_sentences_of_two_articles_are_compared() -> None:
    first = "Lantor will 2026 rund 200.000 Autos verkaufen."
    second = "Lantor will 2026 rund 160.000 Autos verkaufen. Das Ziel von Lantor ist hoch."
    cut = second.index(". ") + 1
    spans = (Span(0, cut), Span(cut + 1, len(second)))

    def compared(target: float, aside: float) -> tuple[tuple[int, ...], ...]:
        found = articles((first, "2026-01-03"), (second, "2026-08-06"))
        sentences = (found.sentences[0], *(EvidenceSentence(1, span) for span in spans))
        rows = np.array([[c, np.sqrt(1 - c * c)] for c in (1.0, target, aside)], np.float32)
        read = Evidence(found.hits, sentences, rows, rows[0], 2, 2)
        return groups(read, scores=(0.0, -1.0, -0.5))

    assert compared(0.97, 0.95) == ((1,), (0,))
    assert not compared(0.95, 0.97)


def test_the_likeliest_sentence_of_each_article_is_compared_whatever_is_nearest() -> None:
    told = [
        ("Lantor will 2026 rund 200.000 Autos verkaufen.", "2026-01-03"),
        ("Lantor will 2026 rund 160.000 Autos verkaufen. Ziel von Lantor: 160.000.", "2026-08-06"),
    ]
    found = articles(*told)
    cut = told[1][0].index(". Z") + 1
    spans = (Span(0, cut), Span(cut + 1, len(told[1][0])))
    sentences = (found.sentences[0], *(EvidenceSentence(1, span) for span in spans))
    rows = np.array([[c, np.sqrt(1 - c * c)] for c in (1.0, 0.93, 0.97)], np.float32)
    read = Evidence(found.hits, sentences, rows, rows[0], 2, 2)
    assert groups(read, scores=(0.0, -0.5, -np.inf)) == ((1,), (0,))
    assert groups(read, scores=(0.0, -0.5, -9.0)) == ((1,), (0,))


def test_what_ended_contradicts_what_goes_on() -> None:
    told = [
        ("Der FC Hollen setzt weiter auf seinen Trainer Olm.", "2026-01-03"),
        ("Der FC Hollen hat seinen Trainer Olm beurlaubt.", "2026-08-06"),
    ]
    assert groups(articles(*told), "Hält der FC Hollen an Trainer Olm fest?") == ((1,), (0,))
    assert not groups(articles(*told), "Trainer des FC Hollen?")


def test_a_figure_for_another_place_than_asked_is_no_other_claim() -> None:
    told = [
        ("In Ahlow kostet die Monatskarte von Rollo 17 Euro.", "2026-01-03"),
        ("Die Monatskarte von Rollo kostet 14 Euro.", "2026-08-06"),
    ]
    assert not groups(articles(*told), "Was kostet die Monatskarte von Rollo in Behnsen?")


def test_units_and_names_alone_do_not_tell_that_one_thing_is_counted() -> None:
    told = [
        ("61.000 Hollener haben unterschrieben.", "2026-01-03"),
        ("In Hollen stehen 41.000 Mietwohnungen.", "2026-08-06"),
    ]
    assert not groups(articles(*told), "How many members does the club in Hollen have?")


def test_an_answer_shows_three_claims_at_most_and_two_articles_of_each() -> None:
    told = [
        (f"Lantor will 2026 {count}.000 Autos verkaufen.", f"2026-0{month}")
        for month, count in enumerate((160, 200, 180, 230, 160, 160, 200), 1)
    ]
    found = groups(articles(*told, alike=0.97))
    assert sorted(found) == [(0, 4), (1, 6), (2,)]


def test_a_count_must_be_of_what_is_asked_for() -> None:
    told = [
        ("Lantor will 2026 rund 200.000 Autos verkaufen.", "2026-01-03"),
        ("Lantor will 2026 rund 160.000 Autos verkaufen.", "2026-08-06"),
    ]
    assert not groups(articles(*told), "Wie viele Container passen auf die Frachter von Lantor?")
    assert groups(articles(*told), "Wie viele Wagen will Lantor 2026 absetzen?")


def test_what_was_is_no_answer_to_when_something_will_be() -> None:
    told = [
        ("Im März 2021 gab der Konzern Lantor den Bau von Elektroautos bekannt.", "2021-04"),
        ("Ab 2027 will der Konzern Lantor Elektroautos bauen.", "2026-08-06"),
    ]
    assert not groups(articles(*told), "When will Lantor build electric cars?")
    told[0] = ("Im März 2024 will der Konzern Lantor Elektroautos bauen.", "2021-04")
    assert groups(articles(*told), "When will Lantor build electric cars?")


def test_what_takes_place_has_not_moved() -> None:
    told = [
        ("Der Gipfel findet in Genf statt.", "2026-01-03"),
        ("Der Gipfel tagt in Turin.", "2026-08-06"),
    ]
    assert not groups(articles(*told), "Wo tagt der Gipfel?")
    told[1] = ("Der Gipfel tagt statt in Genf in Turin.", "2026-08-06")
    assert groups(articles(*told), "Wo tagt der Gipfel?")


def test_figures_that_nobody_asked_for_do_not_conflict() -> None:
    told = [
        ("Lantor hat 5.000 Läden und will seine Autos künftig selbst verkaufen.", "2026-01-03"),
        ("Lantor hat 3.000 Läden und will seine Autos künftig selbst verkaufen.", "2026-08-06"),
    ]
    assert not groups(articles(*told), "Wer verkauft die Autos von Lantor?")
    assert not groups(articles(*told), "Was kosten die Autos von Lantor?")


def test_a_sentence_confirms_another_whatever_the_spelling() -> None:
    def claim(text: str, language: str) -> Claim:
        day = Period.parse("2026-02-01")
        return Claim(text, Document("a", text, "", None, day, language))

    german = claim("Bronnwerk setzte 2025 rund 8,6 Mrd. Euro um.", "de")
    assert agreeing(german, claim("Bronnwerk had revenue of 8.61 billion euros in 2025.", "en"))
    assert agreeing(german, claim("Bronnwerk had revenue of 8.61 billion euros last year.", "en"))
    assert not agreeing(german, claim("Bronnwerk had revenue of 7.9 billion euros in 2025.", "en"))
    assert not agreeing(german, claim("Bronnwerk setzte 2024 rund 8,6 Mrd. Euro um.", "de"))
    assert not agreeing(german, claim("Bronnwerk setzte 2025 nicht 8,6 Mrd. Euro um.", "de"))


TEXTS = st.one_of(
    st.text(max_size=60),
    st.sampled_from([text for pair in PAIRS for text, _, _ in pair.sentences]),
)
DATES = st.one_of(st.none(), st.sampled_from(["2020", "2025-03", "2026-02-28", "2024-02-29"]))


SCORES = st.lists(st.sampled_from([0.0, -1.0, -9.0, -np.inf]), min_size=6, max_size=6)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(TEXTS, DATES), min_size=1, max_size=6),
    st.sampled_from([pair.question for pair in PAIRS]),
    st.floats(0.8, 1),
    SCORES,
)
def test_a_conflict_has_groups_of_different_sentences_that_may_answer(
    told: list[tuple[str, str | None]], question: str, alike: float, scores: list[float]
) -> None:
    found = groups(articles(*told, alike=alike), question, scores[: len(told)])
    numbers = [number for group in found for number in group]
    assert not found or (len(found) > 1 and all(found))
    assert len(numbers) == len(set(numbers))
    assert set(numbers) <= {n for n in range(len(told)) if scores[n] > -np.inf}
