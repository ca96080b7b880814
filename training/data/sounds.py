"""Sounds as features: how loud each band of pitches is, every ten milliseconds; torch is loaded when one is made."""

from __future__ import annotations

import math
from array import array
from functools import cached_property
from typing import TYPE_CHECKING, Any

from leporello.graphs.frozen import frozen
from leporello.training.data.recordings import Recording

if TYPE_CHECKING:
    from torch import Tensor

WINDOW, HOP = 0.025, 0.010
"""Seconds of a window, and from one to the next."""
FAINT = 1e-6
BANDS = 40


@frozen
class Sounds:
    """Log-mel features: of each window the energy in bands that are as far apart as the ear tells pitches.

    Each recording gets mean 0 and deviation 1 over all its features, so that loud and soft ones look alike.
    """

    rate: int
    size: int = BANDS
    kind: str = "sound"

    @property
    def window(self) -> int:
        """Samples of a window."""
        return max(round(self.rate * WINDOW), 1)

    @property
    def hop(self) -> int:
        """Samples from one window to the next."""
        return max(round(self.rate * HOP), 1)

    @property
    def points(self) -> int:
        """Samples of a transform: a power of two, with zeros around the window."""
        return 1 << math.ceil(math.log2(self.window))

    def encode(self, value: Any) -> array[Any]:
        """The features of a recording, one window after the other. Raises ValueError for one of another rate."""
        if not isinstance(value, Recording):
            raise ValueError("it is no recording")
        if value.rate != self.rate:
            raise ValueError(f"it has {value.rate:,} samples a second, and others {self.rate:,}: make them the same")
        import torch  # late: `leporello check` asks for nothing but sizes

        kind = torch.int16 if value.samples.typecode == "h" else torch.int32
        found = self.log_mels(torch.frombuffer(value.samples, dtype=kind) / value.peak)
        found = (found - found.mean()) / found.std(correction=0).clamp_min(FAINT)
        return array("f", found.flatten().tolist())

    def log_mels(self, samples: Tensor) -> Tensor:
        """The logarithm of the energy of each band [steps, bands], of samples [samples]."""
        import torch

        window = torch.hann_window(self.window)
        padded = torch.nn.functional.pad(samples, (0, max(self.points - len(samples), 0)))
        turned = torch.stft(
            padded, self.points, self.hop, self.window, window, center=True, pad_mode="constant", return_complex=True
        )
        return (torch.tensor(self.bands) @ turned.abs().square()).clamp_min(FAINT).log().T

    @cached_property
    def bands(self) -> list[list[float]]:
        """The weight of each frequency in each band: triangles that are 1 in the middle, even on the mel scale."""
        top = _mel(self.rate / 2)
        corners = [_hertz(top * place / (self.size + 1)) for place in range(self.size + 2)]
        frequencies = [self.rate * place / self.points for place in range(self.points // 2 + 1)]
        rows = []
        for low, middle, high in zip(corners, corners[1:], corners[2:], strict=False):
            rising = [(one - low) / (middle - low) for one in frequencies]
            falling = [(high - one) / (high - middle) for one in frequencies]
            rows.append([max(0.0, min(up, down)) for up, down in zip(rising, falling, strict=True)])
        return rows

    def to_json(self) -> dict[str, Any]:
        """Rate and bands."""
        return {"kind": self.kind, "rate": self.rate, "size": self.size}


def _mel(hertz: float) -> float:
    """A frequency as a pitch (O'Shaughnessy 1987).

    >>> round(_mel(1000))
    1000
    """
    return 2595 * math.log10(1 + hertz / 700)


def _hertz(mel: float) -> float:
    return 700 * (10 ** (mel / 2595) - 1)
