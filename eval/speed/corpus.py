"""Large collections: made-up articles, and an embedder whose vectors lie as real ones do.

    python -m eval.speed.corpus ARTICLES --sentences 100000 --real real.npz [--texts DIR ...]

writes articles of some twenty sentences; each is about one topic, a word that stands in all its
sentences. The embedder gives a sentence the vector of a real sentence, moved: so a million
sentences pass through all that users run without hours of embedding. A question goes through the
real model. The command also prints how near the nearest neighbours are, beside the real ones.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.wrapped import Wrapped
from rag.config import Config
from rag.embed import Embedder, open_embedder
from rag.embed.rows import unit_rows
from rag.ingest import read_file
from rag.language.sentences import split_sentences
from rag.types import Vectors

ARTICLES = Path(__file__).parents[1] / "articles"
SENTENCES = 20  # of an article
SOURCES = tuple(f"Blatt {n:02d}" for n in range(40))
FIRST_DAY, DAYS = date(2021, 7, 1), 5 * 365
FOLDER = 1_000  # articles in one folder
ENGLISH = 7  # each seventh article is
TOPIC = 6  # letters that the parts of its word have at least
TOPICS = 2_000  # of a language
RARE = 0.08  # of the words are compounds that hardly another article has
SPREAD = 0.62  # how far a vector is moved, as a share of its distance to the nearest real one
_WORD = re.compile(r"[^\W\d_]+")


class Words:
    """What the articles are written with: the words of real articles of one language."""

    def __init__(self, texts: Iterable[str]) -> None:
        found = [word for text in texts for word in _WORD.findall(text)]
        words, counts = np.unique(found, return_counts=True)
        self.words: list[str] = words[np.argsort(-counts, kind="stable")].tolist()
        weights = 1 / np.arange(1, len(words) + 1)  # Zipf's law
        self._shares = np.cumsum(weights / weights.sum())
        self._nouns: list[str] = [w for w in self.words if len(w) >= TOPIC and w[0].isupper()]
        generator = np.random.default_rng(3)
        self.topics = list(dict.fromkeys(self._compound(generator) for _ in range(TOPICS)))

    def some(self, generator: np.random.Generator, n: int) -> list[str]:
        ranks = np.searchsorted(self._shares, generator.random(n)).tolist()
        words = [self.words[min(rank, len(self.words) - 1)] for rank in ranks]
        for place in np.flatnonzero(generator.random(n) < RARE).tolist():
            words[place] = self._compound(generator)
        return words

    def _compound(self, generator: np.random.Generator) -> str:
        head, tail = (self._nouns[int(n)] for n in generator.integers(len(self._nouns), size=2))
        return head + tail.lower()


class Corpus:
    """Article `n` is always the same; whoever wants more gets the same ones first."""

    def __init__(self, articles: Path = ARTICLES) -> None:
        texts: dict[str, list[str]] = {"de": [], "en": []}
        for document in _documents(articles):
            texts[document[0]].append(document[1])
        self.words = {language: Words(found) for language, found in texts.items()}

    @property
    def topics(self) -> list[str]:
        return sorted({topic for words in self.words.values() for topic in words.topics})

    def article(self, number: int) -> str:
        """Markdown with front matter."""
        generator = np.random.default_rng([7, number])
        language = "de" if number % ENGLISH else "en"
        words = self.words[language]
        topic = words.topics[int(generator.integers(len(words.topics)))]
        day = FIRST_DAY + timedelta(days=int(generator.integers(DAYS)))
        sentences = [_sentence(generator, words, topic) for _ in range(SENTENCES)]
        middle = len(sentences) // 2
        title = _sentence(generator, words, topic)[:80].rstrip(" .")
        return (
            f'---\ntitle: "{title}"\nsource: "{SOURCES[number * 7 % len(SOURCES)]}"\n'
            f"published: {day.isoformat()}\nlanguage: {language}\n---\n\n"
            f"{' '.join(sentences[:middle])}\n\n{' '.join(sentences[middle:])}\n"
        )

    def write(self, folder: Path, sentences: int) -> int:
        """Write as many articles as that takes, unless they are there, and say how many."""
        count = -(-sentences // SENTENCES)
        for number in range(count):
            path = folder / f"{number // FOLDER:03d}" / f"{number:06d}.md"
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(self.article(number), encoding="utf-8")
        return count

    def questions(self, n: int, seed: int = 0) -> list[str]:
        """Distinct German questions, each about a topic that articles have."""
        generator = np.random.default_rng([11, seed])
        words = self.words["de"]
        asked: dict[str, None] = {}
        while len(asked) < n:
            topic = words.topics[int(generator.integers(len(words.topics)))]
            others = [w for w in words.some(generator, 12) if len(w) > 4][:3]
            asked[f"Was ist über {topic} und {' '.join(others)} bekannt?"] = None
        return list(asked)


class NearRealEmbedder(Wrapped):
    """Documents get a real sentence's vector, moved; questions get what the model says.

    A text with a topic's word lies near the sentences of one real article, so that an article's
    sentences are near each other, as they are in real ones. A vector is moved by `SPREAD` of its
    distance to the nearest real one, along the difference of two real vectors: so the many
    that come from one real vector are as far from each other as real neighbours are, and lie in
    the directions in which real vectors differ. `compare` shows whether that holds.
    """

    dim: int

    def __init__(
        self,
        real: Embedder,
        vectors: Vectors,
        groups: NDArray[np.int_],
        topics: Sequence[str],
        reach: Vectors | None = None,
    ) -> None:
        """`vectors` are (n, dim) unit rows of real sentences, `groups` their articles, from 0.

        `reach` is what `nearest` says of them.
        """
        super().__init__(real)
        self._vectors = vectors
        self._reach = nearest(vectors, vectors) if reach is None else reach
        self.fingerprint = hashlib.sha256(f"{real.fingerprint} near".encode()).hexdigest()
        rows: list[list[int]] = [[] for _ in topics]
        for row, group in enumerate(groups.tolist()):
            rows[group % len(topics)].append(row)
        everything = np.arange(len(vectors))
        self._rows = {
            topic: np.array(own) if own else everything
            for topic, own in zip(topics, rows, strict=True)
        }
        self._everything = everything

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """About as many as the model would count."""
        return [len(text) // 4 + 4 for text in texts]

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """(n, dim) float32 unit rows; each text names its topic."""
        digests = [hashlib.blake2b(text.encode(), digest_size=24).digest() for text in texts]
        seeds = np.frombuffer(b"".join(digests), "<u8").reshape(len(texts), 3)
        own = [self._near(text) for text in texts]
        picked = zip(own, seeds, strict=True)
        base = np.array([rows[int(seed[0]) % len(rows)] for rows, seed in picked])
        first, second = (seeds[:, 1:] % np.uint64(len(self._vectors))).astype(np.int64).T
        moves = unit_rows(self._vectors[first] - self._vectors[second] + 1e-6)
        return unit_rows(self._vectors[base] + SPREAD * self._reach[base, None] * moves)

    def _near(self, text: str) -> NDArray[np.int_]:
        for word in _WORD.findall(text):
            if word in self._rows:
                return self._rows[word]
        return self._everything


def open_large(
    config: Config, real: Path, corpus: Corpus, texts: Sequence[Path] = ()
) -> NearRealEmbedder:
    """The embedder over the real vectors in the file `real`, which is made of `texts` if missing.

    `texts` are folders of real articles; the sample articles are among them in any case.
    """
    embedder = open_embedder(config)
    if not real.exists():
        documents = [d for folder in (ARTICLES, *texts) for d in _documents(folder)]
        sentences = [
            (group, span.of(text))
            for group, (_, text) in enumerate(documents)
            for span in split_sentences(text)
        ]
        distinct = {text: group for group, text in sentences}
        vectors = embedder.embed_documents(list(distinct))
        np.savez(
            real,
            vectors=vectors.astype(np.float16),
            groups=np.array(list(distinct.values())),
            reach=nearest(vectors, vectors),
        )
    with np.load(real) as held:
        known = unit_rows(held["vectors"].astype(np.float32))
        return NearRealEmbedder(embedder, known, held["groups"], corpus.topics, held.get("reach"))


def nearest(some: Vectors, among: Vectors) -> Vectors:
    """(n,) the distance of each row of `some` to the nearest in `among` that is another one."""
    distances = []
    for start in range(0, len(some), 1_000):
        cosines = some[start : start + 1_000] @ among.T
        cosines[cosines > 1 - 1e-6] = -1  # itself, and what is twice there
        distances.append(np.sqrt(np.maximum(0, 2 - 2 * cosines.max(axis=1))))
    return np.concatenate(distances)


def compare(embedder: NearRealEmbedder, corpus: Corpus, n: int) -> dict[str, list[float]]:
    """Deciles 1, 3, 5, 7, 9 of the distance to the nearest: of the real vectors, and of `n`."""
    generator = np.random.default_rng(0)
    deciles = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    texts = [s for a in _articles(corpus, n) for s in a.rpartition("---\n\n")[2].split(". ")][:n]
    made = np.concatenate(
        [embedder.embed_documents(texts[i : i + 10_000]) for i in range(0, n, 10_000)]
    )
    some = generator.choice(n, min(n, 1_000), replace=False)
    return {
        "real": np.quantile(embedder._reach, deciles).round(3).tolist(),
        "made": np.quantile(nearest(made[some], made), deciles).round(3).tolist(),
    }


def _articles(corpus: Corpus, sentences: int) -> Iterator[str]:
    return (corpus.article(number) for number in range(-(-sentences // (SENTENCES - 2))))


def _documents(folder: Path) -> Iterator[tuple[str, str]]:
    """(language, text) of the articles in a folder."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        for document, _ in read_file(path, path.name, 20_000_000).documents:
            yield document.language, document.text


def _sentence(generator: np.random.Generator, words: Words, topic: str) -> str:
    """Eight to eighteen words, the topic among them, sometimes a number."""
    found = words.some(generator, int(generator.integers(7, 18)))
    found.insert(int(generator.integers(len(found))), topic)
    if generator.random() < 0.3:
        found.insert(-1, str(generator.integers(2, 10_000)))
    text = " ".join(found)
    return f"{text[0].upper()}{text[1:]}."


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m eval.speed.corpus")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sentences", type=int, default=100_000)
    parser.add_argument("--real", type=Path, required=True)
    parser.add_argument("--texts", type=Path, action="append", default=[])
    options = parser.parse_args(arguments)
    corpus = Corpus()
    print(corpus.write(options.folder, options.sentences), "articles", file=sys.stderr)
    embedder = open_large(Config.load(), options.real, corpus, options.texts)
    for name, deciles in compare(embedder, corpus, options.sentences).items():
        print(f"{name}: {' '.join(f'{d:.3f}' for d in deciles)}")


if __name__ == "__main__":
    main(sys.argv[1:])
