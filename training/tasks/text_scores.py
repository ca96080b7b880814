"""How near translations come to what they should be: BLEU and chrF, counted by sacrebleu so that others can compare.

Papineni et al. 2002; Popović 2015; Post 2018, arXiv:1804.08771. sacrebleu is an extra: without it there are no scores.
"""

from __future__ import annotations

from collections.abc import Sequence

from leporello.graphs.frozen import frozen


@frozen
class TextScore:
    """A score of 0 to 100, and how it was counted: what has another signature cannot be compared with it."""

    value: float
    signature: str


def text_scores(made: Sequence[str], truths: Sequence[str], lower: bool = False) -> dict[str, TextScore]:
    """`bleu` and `chrf` of texts as people write them, cut into words by sacrebleu's 13a; nothing without it.

    `lower` counts a capital as its small letter, as a model must be judged that knows small letters only.

    >>> found = text_scores(["a dog sees a cat ."], ["A dog sees a cat."], lower=True)
    >>> {name: (round(one.value), one.signature[:15]) for name, one in found.items()}
    {'bleu': (100, 'nrefs:1|case:lc'), 'chrf': (100, 'nrefs:1|case:lc')}
    """
    try:
        from sacrebleu.metrics.bleu import BLEU
        from sacrebleu.metrics.chrf import CHRF
    except ModuleNotFoundError:
        return {}
    found = {}
    for name, metric in {"bleu": BLEU(lowercase=lower, tokenize="13a"), "chrf": CHRF(lowercase=lower)}.items():
        score = metric.corpus_score(list(made), [list(truths)])
        found[name] = TextScore(float(score.score), str(metric.get_signature()))
    return found
