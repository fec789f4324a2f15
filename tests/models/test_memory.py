"""How much memory was held."""

from evalkit.models.memory import device_memory, memory


def test_more_is_held_when_more_is_held() -> None:
    before = memory()
    held = bytearray(b"x" * (before + 50_000_000))
    assert memory() >= before + 50_000_000
    assert len(held) > 0


def test_there_is_no_memory_of_a_device_that_was_not_used() -> None:
    assert device_memory() == 0
