"""How much memory was held: by this process, and by it on the accelerators that it used."""

import sys


def memory() -> int:
    """The most bytes that this process has held at once so far, 0 where the system does not say."""
    try:
        import resource  # not on every system
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def device_memory() -> int:
    """The most bytes that tensors of this process have held so far on all its GPUs together, 0 where there is none."""
    torch = sys.modules.get("torch")  # not loaded: no model has used it
    if torch is None or not torch.cuda.is_initialized():
        return 0
    return sum(torch.cuda.max_memory_allocated(device) for device in range(torch.cuda.device_count()))
