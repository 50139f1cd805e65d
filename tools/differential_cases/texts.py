"""Operators on texts."""

import numpy as np

from differential_cases.case import draws


@draws("StringConcat")
def concat(d):
    """Two shapes that broadcast."""
    one, two = d.broadcast(2)
    return d.case([d.tensor(0, one), d.tensor(1, two)])


@draws("StringSplit")
def split(d):
    """By blanks, by a delimiter, at most so often."""
    words = np.array(["", "a b", " a  b ", "a,b,,c", ",", "日 本", "one", "a--b"], object)
    attributes = d.attributes(delimiter=d.pick((",", "--", " ", "")), maxsplit=d.integer(0, 2))
    return d.case([d.rng.choice(words, d.shape(1, 2, 0))], attributes, outputs=2)


@draws("StringNormalizer")
def normalize(d):
    """Cases and stop words, [C] and [1, C]."""
    x = d.rng.choice(np.array(["The", "the", "monday", "TUESDAY", "a", "Ünï", "ÉCOLE"], object), d.pick(((4,), (1, 4), (1,))))
    attributes = d.attributes(case_change_action=d.pick(("LOWER", "UPPER", "NONE")), is_case_sensitive=d.integer(0, 1))
    if d.chance(0.6):
        attributes["stopwords"] = d.pick((["the"], ["monday", "a"], ["The", "TUESDAY"]))
    return d.case([x], attributes)


@draws("RegexFullMatch")
def regex(d):
    """Classes, repetition, alternatives, groups, empty texts."""
    patterns = (r"[a-z]+", r"a.*", r"\d{1,3}", r"(ab|cd)*", r"", r"[^,]*", r".", r"\w+@\w+\.com", r"(?i)THE", r"a?b+c*", r"^x$")
    words = np.array(["", "a", "ab", "abcd", "123", "1234", "x", "The", "me@site.com", "a,b", "bbb", "é"], object)
    return d.case([d.rng.choice(words, d.shape(0, 2))], {"pattern": d.pick(patterns)})


@draws("TfIdfVectorizer")
def tfidf(d):
    """Integer pools of one- and two-grams."""
    shape = (d.integer(2, 8),) if d.chance(0.5) else (d.integer(1, 3), d.integer(2, 8))
    kind = d.type("T", lambda one: one.kind == "i")
    x = d.rng.integers(0, 5, shape).astype(kind)
    pool, starts = [2, 3, 0, 1, 2, 2, 3, 0], [0, 2]
    attributes = {
        "mode": d.pick(("TF", "IDF", "TFIDF")),
        "min_gram_length": d.integer(1, 2),
        "max_gram_length": 2,
        "max_skip_count": d.integer(0, 2),
        "ngram_counts": starts,
        "ngram_indexes": [0, 1, 2, 3, 4],
        "pool_int64s": pool,
    }
    if d.chance(0.5):
        attributes["weights"] = [1.0, 0.5, 2.0, 0.25, 3.0]
    return d.case([x], attributes)
