"""Dropout masks from the counter-based generator Philox4x32-10 (Salmon et al., SC 2011), written from the paper.

Whether feature `index` survives pass `pass_` depends on (seed, pass, index) alone, so every backend draws the same masks.
"""

import numpy as np

MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
WEYL = (0x9E3779B9, 0xBB67AE85)
ROUNDS = 10
WORD = np.uint64(0xFFFFFFFF)
HIGH = np.uint64(32)


def philox4x32(counter: np.ndarray, key: tuple[int, int]) -> np.ndarray:
    """Four random 32-bit words for each row of `counter` [n, 4]."""
    c0, c1, c2, c3 = (counter[:, i].astype(np.uint64) for i in range(4))
    k0, k1 = key
    for _ in range(ROUNDS):
        left, right = MULTIPLIERS[0] * c0, MULTIPLIERS[1] * c2
        c0, c1, c2, c3 = (right >> HIGH) ^ c1 ^ np.uint64(k0), right & WORD, (left >> HIGH) ^ c3 ^ np.uint64(k1), left & WORD
        k0, k1 = (k0 + WEYL[0]) & 0xFFFFFFFF, (k1 + WEYL[1]) & 0xFFFFFFFF
    return np.stack([c0, c1, c2, c3], axis=1).astype(np.uint32)


def keeps(seed: int, pass_: int, features: int, p: float) -> np.ndarray:
    """Which of `features` survive one pass [features], each with probability 1 - p."""
    blocks = -(-features // 4)
    counter = np.zeros((blocks, 4), np.uint32)
    counter[:, 0] = np.arange(blocks)
    counter[:, 1] = pass_
    words = philox4x32(counter, (seed & 0xFFFFFFFF, seed >> 32)).reshape(-1)[:features]
    return words >= round(p * 2**32)


def scaled_masks(seed: int, passes: range, features: int, p: float) -> np.ndarray:
    """Masks [len(passes), features] whose values are 0 or 1 / (1 - p)."""
    survivor = np.float32(1 / (1 - p))
    return np.stack([keeps(seed, pass_, features, p) * survivor for pass_ in passes]).astype(np.float32)
