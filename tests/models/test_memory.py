"""How much memory was held."""

import sys
from types import SimpleNamespace

from evalkit.models.memory import device_memory, forget_peaks, memory


def test_more_is_held_when_more_is_held() -> None:
    before = memory()
    held = bytearray(b"x" * (before + 50_000_000))
    assert memory() >= before + 50_000_000
    assert len(held) > 0


def test_there_is_no_memory_of_a_device_that_was_not_used() -> None:
    assert device_memory() == 0


def test_peaks_of_all_devices_are_added_and_forgotten(monkeypatch) -> None:
    peaks, held = [700, 300], [200, 100]
    cuda = SimpleNamespace(
        is_initialized=lambda: True,
        device_count=lambda: 2,
        max_memory_allocated=peaks.__getitem__,
        reset_peak_memory_stats=lambda device: peaks.__setitem__(device, held[device]),
    )
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    assert device_memory() == 1000
    forget_peaks()
    assert device_memory() == 300
