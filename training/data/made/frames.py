"""Frames as of speech: a state lasts for a while, and each frame hears its sign dimly.

Who knows the state before guesses the next one well and need not listen; who has only guessed it must remember what was
heard. So a model that has read true states alone does badly by itself (Bengio et al. 2015, arXiv:1506.03099, section
4.3, of phonemes).

>>> heard, states = frames(1)[0]
>>> print(heard[:20], *states.split()[:20])
ckclibkgebkbkbbaibbl b b b b b b b b b b b b b b b b b b b b
"""

from __future__ import annotations

import random

COLUMNS = ("heard", "states")
COUNT, STEPS = 1200, 50
STATES, SIGNS = "abcdefgh", "abcdefghijkl"
LASTS, CLEAR = 0.9, 0.3
"""How probably a state goes on, and how probably a frame has the state's own sign; else it has any."""


def frames(count: int = COUNT, steps: int = STEPS) -> list[tuple[str, str]]:
    """So many sequences, the signs of each as one text and its states with blanks between; the same ones each time."""
    chance = random.Random(2015)
    return [_sequence(chance, steps) for _ in range(count)]


def _sequence(chance: random.Random, steps: int) -> tuple[str, str]:
    state, heard, states = chance.choice(STATES), [], []
    for _ in range(steps):
        state = state if chance.random() < LASTS else chance.choice(STATES)
        heard.append(state if chance.random() < CLEAR else chance.choice(SIGNS))
        states.append(state)
    return "".join(heard), " ".join(states)
