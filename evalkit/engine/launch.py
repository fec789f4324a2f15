"""How this process was launched: alone, or by accelerate or torchrun as one of several. Reads two variables."""

import os


def launched() -> tuple[int, int]:
    """How many processes were launched, and which of them this is."""
    return int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
