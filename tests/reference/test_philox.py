"""The known answers published with Random123 (in its file tests/kat_vectors), and the mask layout."""

import numpy as np
import pytest

from philox import keeps, philox4x32, scaled_masks

KNOWN = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


def words(text: str) -> list[int]:
    return [int(word, 16) for word in text.split()]


@pytest.mark.parametrize("counter,key,expected", KNOWN)
def test_known_answers(counter: str, key: str, expected: str) -> None:
    low, high = words(key)
    assert philox4x32(np.array([words(counter)], np.uint32), (low, high))[0].tolist() == words(expected)


def test_mask_reads_one_word_per_feature() -> None:
    seed, pass_, index = 0x0123456789ABCDEF, 3, 10
    block = philox4x32(np.array([[index // 4, pass_, 0, 0]], np.uint32), (0x89ABCDEF, 0x01234567))[0]
    assert keeps(seed, pass_, 12, 0.4)[index] == (block[index % 4] >= 1717986918)


def test_share_kept_is_one_minus_p() -> None:
    masks = scaled_masks(42, range(4), 50176, 0.4)
    assert set(np.unique(masks)) == {np.float32(0), np.float32(1 / 0.6)}
    assert abs((masks > 0).mean() - 0.6) < 0.005
