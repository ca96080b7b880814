"""Sequences that a model makes, and how it is taught to go on from its own.

| file | its one idea |
| --- | --- |
| `characters.py` | a language model that writes, one character after the other; temperature, top-k, top-p |
| `hypotheses.py` | what is found: tokens, how probable they are, where attention looked; and where sequences end |
| `ensembles.py` | one model or several by `start` and `step`, many hypotheses of every sequence at each step |
| `drawing.py` | greedy and by chance: one hypothesis after the other is what it is |
| `beams.py` | beam search: the most probable, of many kept at each step |
| `penalties.py` | how those of different lengths are compared |
| `coins.py` | the coins that decide it, per token, sequence or batch |
| `translating.py` | lines of text in, lines of text out |

All but the first and the last take batches and know no words: tokens in, tokens out. Start reading in `beams.py`.
"""
