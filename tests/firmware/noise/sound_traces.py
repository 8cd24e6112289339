# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Looks for sound in bytes: eight bytes in a row of it, in any form it could be kept in."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RUN = 8
Samples = NDArray[np.int64]


def forms(samples: Samples) -> dict[str, bytes]:
    """24-bit samples as bytes: 16, 20, 24 and 32 bits, both byte orders, as text."""
    found = {"text": ",".join(map(str, samples)).encode()}
    for order in ("<", ">"):
        name = "little" if order == "<" else "big"
        found[f"32 bits at the left, {name}"] = (samples << 8).astype(f"{order}i4").tobytes()
        found[f"24 bits in 32, {name}"] = samples.astype(f"{order}i4").tobytes()
        found[f"20 bits in 32, {name}"] = (samples >> 4).astype(f"{order}i4").tobytes()
        found[f"16 bits, {name}"] = (samples >> 8).astype(f"{order}i2").tobytes()
        words = np.frombuffer(samples.astype(f"{order}i4").tobytes(), np.uint8).reshape(-1, 4)
        found[f"24 bits, {name}"] = (words[:, :3] if order == "<" else words[:, 1:]).tobytes()
    return found


def traces(blob: bytes, samples: Samples) -> list[str]:
    """Names of the forms of which eight bytes in a row, at any place, are in a blob.

    Samples should be random: bytes that come by chance are then one in 2**64. Runs that are the
    same byte over and over (silence, erased flash) are no trace.
    """
    there = _runs(blob)
    return [
        name
        for name, runs in _runs_of_forms(samples.tobytes()).items()
        if np.isin(there, runs, assume_unique=True).any()
    ]


@lru_cache(maxsize=4)
def _runs_of_forms(samples: bytes) -> dict[str, NDArray[np.uint64]]:
    as_numbers = np.frombuffer(samples, np.int64)
    return {name: _runs(data) for name, data in forms(as_numbers).items()}


def _runs(data: bytes) -> NDArray[np.uint64]:
    """All runs of eight bytes, as numbers; none for fewer bytes."""
    if len(data) < RUN:
        return np.zeros(0, np.uint64)
    octets = np.frombuffer(data, np.uint8)
    runs = np.zeros(len(octets) - RUN + 1, np.uint64)
    for place in range(RUN):
        runs |= octets[place : place + len(runs)].astype(np.uint64) << np.uint64(8 * place)
    varied = runs != (runs & np.uint64(255)) * np.uint64(0x0101010101010101)
    return np.unique(runs[varied])
