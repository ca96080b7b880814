"""What a process has imported from which others are forked; see `forked.py`."""

from __future__ import annotations

import torch
import torch.distributed

import leporello.training.train  # noqa: F401

torch.set_num_threads(1)
