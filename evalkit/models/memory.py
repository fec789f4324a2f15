"""How much memory was held: by this process, and by it on the accelerators that it used.

Where several processes work together, each knows of its own alone.
"""

import sys
from typing import Any


def memory() -> int:
    """The most bytes that this process has held at once since it began, 0 where the system does not say."""
    try:
        import resource  # not on every system
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def device_memory() -> int:
    """The most bytes that tensors of this process have held on each GPU since it began, or since `forget_peaks`, added
    up though these peaks need not coincide; 0 where there is no GPU.
    """
    return sum(cuda.max_memory_allocated(device) for cuda in _cuda() for device in range(cuda.device_count()))


def forget_peaks() -> None:
    """Have `device_memory` count from here on; what is held now counts."""
    for cuda in _cuda():
        for device in range(cuda.device_count()):
            cuda.reset_peak_memory_stats(device)


def _cuda() -> list[Any]:
    """torch.cuda where this process uses it, else nothing."""
    torch = sys.modules.get("torch")  # not loaded: no model has used it
    return [torch.cuda] if torch is not None and torch.cuda.is_initialized() else []
