"""How many tokens a batch may have: the bytes that are counted, the memory that is found, errors that tell of it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
import torch

from evalkit.engine import budget
from evalkit.engine.plan import Cost
from tests.models import tiny

VOCABULARY = 4096  # its logits are more than all else that lives at the same time
CPU = torch.device("cpu")
GIB = 1 << 30


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets what the machine has free, and what a container may have and has (as it writes them)."""
    monkeypatch.setattr(budget, "_CGROUP", tmp_path)

    def give(available: int, limit: str | None = None, used: int = 0) -> None:
        found = SimpleNamespace(available=available, total=64 * GIB)
        monkeypatch.setattr(psutil, "virtual_memory", lambda: found)
        if limit is not None:
            (tmp_path / "memory.max").write_text(f"{limit}\n")
            (tmp_path / "memory.current").write_text(f"{used}\n")

    return give


@pytest.mark.parametrize(
    ("kind", "times"),
    [("falcon", 1), ("gemma2", 2), ("gpt2", 1), ("gpt_neox", 1), ("gptj", 1), ("llama", 1), ("opt", 1)],
)
def test_a_token_takes_its_logits_and_little_else(kind: str, times: int) -> None:
    """Four bytes for each token of the vocabulary (Gemma 2 caps its logits, and has them twice for a moment), and the
    32 numbers of the last hidden state, a few times.
    """
    read = budget.probe(tiny.model(kind, VOCABULARY)).bytes_read
    assert times * 4 * VOCABULARY <= read <= times * 4 * VOCABULARY + 3 * 32 * 4
    more = budget.probe(tiny.model(kind, VOCABULARY + 1000)).bytes_read
    assert more - read == times * 4 * 1000
    half = budget.probe(tiny.model(kind, VOCABULARY).to(torch.bfloat16)).bytes_read
    assert half == pytest.approx(read / 2, rel=0.05)


def test_a_token_takes_what_its_widest_layer_takes() -> None:
    """Llama's feed-forward part has the gate, the gate after its activation and the other factor; then the product."""
    read = budget.probe(tiny.model("llama", 64, intermediate_size=4096)).bytes_read
    assert 3 * 4096 * 4 <= read <= 3 * 4096 * 4 + 1024


@pytest.mark.parametrize("kind", ["gpt_neo", "openai-gpt"])
def test_a_token_does_not_take_what_the_model_has_anyway(kind: str) -> None:
    """Their masks, as wide as their window, are there before anything is read."""
    window = "n_positions" if kind == "openai-gpt" else "max_position_embeddings"
    found = {budget.probe(tiny.model(kind, 64, **{window: tokens})).bytes_read for tokens in (64, 512)}
    assert len(found) == 1


@pytest.mark.parametrize(
    ("kind", "changes", "expected"),
    [  # layers, keys and values, heads, dimensions, bytes
        ("gpt2", {}, 2 * 2 * 4 * 8 * 4),
        ("gpt2", {"n_layer": 3, "n_head": 2}, 3 * 2 * 2 * 16 * 4),
        ("llama", {}, 2 * 2 * 2 * 8 * 4),  # two heads of keys for four of queries
        ("llama", {"num_key_value_heads": 1, "head_dim": 16}, 2 * 2 * 1 * 16 * 4),
        ("falcon", {}, 2 * 2 * 1 * 8 * 4),
        ("mamba", {}, 0),
    ],
)
def test_bytes_of_kept_keys_and_values(kind: str, changes: dict[str, Any], expected: int) -> None:
    model = tiny.model(kind, 64, **changes)
    assert budget.probe(model).bytes_kept == expected
    assert budget.probe(model.to(torch.bfloat16)).bytes_kept == expected / 2


def test_tokens_are_half_of_what_fits_between_bounds(memory: Any) -> None:
    model = tiny.model("llama", 64)
    memory(GIB)
    probed = budget.probe(model)
    each = probed.bytes_read + probed.bytes_kept
    for free, tokens in [
        (0, budget.LEAST),
        (2 * each * budget.LEAST, budget.LEAST),
        (2 * each * 100, 100),
        (2 * each * 101 - 1, 100),
        (2 * each * 512, 512),
        (2 * each * 513, 512),  # more does not keep a CPU busier
        (64 * GIB, 512),
    ]:
        memory(free)
        assert budget.probe(model) == budget.Probed(tokens, probed.bytes_read, probed.bytes_kept)


@pytest.mark.parametrize(
    ("available", "limit", "used", "free"),
    [
        (8 * GIB, None, 0, 8 * GIB),  # no container, or one that does not tell
        (8 * GIB, "max", GIB, 8 * GIB),
        (8 * GIB, str(4 * GIB), GIB, 3 * GIB),
        (2 * GIB, str(4 * GIB), GIB, 2 * GIB),
        (8 * GIB, "none of your business", 0, 8 * GIB),
    ],
)
def test_free_bytes_are_what_machine_and_container_leave(
    memory: Any, available: int, limit: str | None, used: int, free: int
) -> None:
    memory(available, limit, used)
    assert budget.free_bytes(CPU) == free


def test_a_container_that_is_full_gets_the_least(memory: Any) -> None:
    memory(8 * GIB, str(GIB), GIB + 4096)
    assert budget.probe(tiny.model("gpt2", 64)).tokens == budget.LEAST


def test_a_machine_is_known_by_its_memory(memory: Any) -> None:
    memory(GIB)
    assert budget.machine(CPU) == f"cpu, {64 * GIB} bytes"


@pytest.mark.parametrize(
    ("error", "is_memory"),
    [
        (
            torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of"),
            True,
        ),
        (MemoryError(), True),
        (
            RuntimeError(
                "[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate memory: you tried "
                "to allocate 4503599627370496 bytes. Error code 12 (Cannot allocate memory)"
            ),
            True,
        ),
        (
            RuntimeError("[enforce fail at alloc_cpu.cpp:75] data. DefaultCPUAllocator: not enough memory: you tried"),
            True,
        ),
        (RuntimeError("CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported"), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 17.00 GB, other allocations: 1.00 GB"), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"), True),
        (
            RuntimeError("The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 1"),
            False,
        ),
        (RuntimeError("CUDA error: device-side assert triggered"), False),
        (RuntimeError(""), False),
        (ValueError("out of memory"), False),
        (KeyboardInterrupt(), False),
    ],
)
def test_ran_out(error: BaseException, is_memory: bool) -> None:
    assert budget.ran_out(error) is is_memory


def test_the_allocator_of_this_machine_is_understood() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 50)
    assert budget.ran_out(caught.value)


@pytest.mark.parametrize(
    ("kind", "head", "body"),
    [
        # embedding, two layers (attention's four parts, the feed-forward three, two norms), a norm; the head
        ("llama", 64 * 32, 64 * 32 + 2 * (1024 + 512 + 512 + 1024 + 3 * 32 * 64 + 64) + 32),
        # positions, two layers (attention, feed-forward, two norms; with biases), a norm; the head is the embedding
        ("gpt2", 64 * 32, 512 * 32 + 2 * (32 * 96 + 96 + 32 * 32 + 32 + 32 * 128 + 128 + 128 * 32 + 32 + 128) + 64),
    ],
)
def test_a_prediction_costs_what_the_head_has_of_the_weights(kind: str, head: int, body: int) -> None:
    found = budget.cost(tiny.model(kind, 64))
    assert found == Cost(found.call, found.block, head / body)
    assert found.block == 128
