"""A model by its name: `demo` is the small one that comes with evalkit, all else is a folder or a hub id."""

from collections.abc import Callable, Mapping
from typing import Any

from evalkit.models.base import Model


def _causal(name: str, **options: Any) -> Model:
    from evalkit.models.causal import CausalModel  # torch and transformers: loaded only when a model is

    return CausalModel.load(name, **options)


def _demo(name: str, **options: Any) -> Model:
    from evalkit.models.demo import FOLDER

    return _causal(str(FOLDER), **{**options, "label": "evalkit-demo", "revision": None})


NAMED: Mapping[str, Callable[..., Model]] = {"demo": _demo}


def load_model(name: str, **options: Any) -> Model:
    """Load a model, in every process that was launched.

    Args:
        name: `demo`, a local folder, or an id on the hub.
        options: `revision`, `dtype`, `device`, `batch_tokens`, `cache`, `trust_remote_code`, as `CausalModel.load`
            has them.

    Raises:
        ModelError: it cannot be found or loaded.
    """
    from evalkit.engine import processes  # torch: loaded only when a model is

    group = processes.joined()
    if group is None:
        return load_here(name, **options)
    for other in group.others:
        group.send(other, {"do": "load", "model": name, "options": options})
    model = load_here(name, **options)
    for other in group.others:
        group.receive(other)
    return model


def load_here(name: str, **options: Any) -> Model:
    """Load a model in this process alone; raises as `load_model` does."""
    load: Callable[..., Model] = NAMED.get(name, _causal)
    return load(name, **options)
