"""One process among several: the first goes on as if it were alone, the others load the models that it loads and
compute what it sends them.
"""

import logging
from typing import TYPE_CHECKING, Any

from evalkit.engine.launch import launched
from evalkit.errors import EvalkitError
from evalkit.models.load import load_here

if TYPE_CHECKING:
    from evalkit.engine.processes import Group


def take_part() -> bool:
    """Join the other processes of this launch, if there are any. True when this one has served, and is done."""
    size, rank = launched()
    if size == 1:
        return False
    from evalkit.engine import processes  # torch: loaded only when there are several processes

    group = processes.join()
    if rank > 0:
        logging.getLogger("evalkit").setLevel(logging.ERROR)  # the first process says it
        _serve(group)
    return rank > 0


def _serve(group: "Group") -> None:
    from evalkit.engine.engine import serve

    while (what := group.receive(0)[0])["do"] == "load":
        try:
            model: Any = load_here(what["model"], **what["options"])
        except EvalkitError as error:  # the first process says it, and ends everything
            group.send(0, {"error": str(error)})
        else:
            group.send(0, {"loaded": what["model"]})
            serve(group, model.engine)
            return
