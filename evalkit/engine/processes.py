"""Several processes as one: the first does everything, and the others compute what it sends them.

Started by `accelerate launch -m evalkit` (or torchrun), every process joins before anything else. The first one goes
on as if it were alone; the others serve until it ends. Messages are JSON with flat arrays after it, no pickle.
"""

import atexit
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import torch
from accelerate import PartialState
from torch import distributed

from evalkit.engine.launch import launched
from evalkit.errors import ModelError
from evalkit.schema import Request, Response, Work

Arrays = Sequence[np.ndarray[Any, Any]]

_FOREVER = timedelta(days=30)  # the first process may prepare data for long before it needs the others
_joined: list["Group"] = []


class Group:
    """The processes of one launch, seen from one of them."""

    def __init__(self) -> None:
        """Join the others; every process has to."""
        state = PartialState(cpu=not torch.accelerator.is_available(), timeout=_FOREVER)
        self.size, self.rank = int(state.num_processes), int(state.process_index)
        self._channel = distributed.new_group(backend="gloo", timeout=_FOREVER)
        self._owed = 0  # answers that the first process has not taken yet

    @property
    def others(self) -> range:
        """The ranks that serve the first."""
        return range(1, self.size)

    def send(self, to: int, what: Mapping[str, Any], arrays: Arrays = ()) -> None:
        """Send a message to a process."""
        shapes = [[str(array.dtype), len(array)] for array in arrays]
        head = json.dumps({**what, "arrays": shapes}).encode()
        content = head + b"".join(array.tobytes() for array in arrays)
        lengths = torch.tensor([len(head), len(content)])
        self._owed += 1
        distributed.send(lengths, to, group=self._channel)
        distributed.send(torch.frombuffer(bytearray(content), dtype=torch.uint8), to, group=self._channel)

    def receive(self, source: int) -> tuple[dict[str, Any], list[np.ndarray[Any, Any]]]:
        """Wait for a message from a process.

        Raises:
            ModelError: that process failed.
        """
        lengths = torch.zeros(2, dtype=torch.long)
        distributed.recv(lengths, source, group=self._channel)
        content = torch.zeros(int(lengths[1]), dtype=torch.uint8)
        distributed.recv(content, source, group=self._channel)
        self._owed -= 1
        raw, place = content.numpy().tobytes(), int(lengths[0])
        what: dict[str, Any] = json.loads(raw[:place])
        arrays = []
        for dtype, count in what.pop("arrays"):
            arrays.append(np.frombuffer(raw, dtype, count, place))
            place += arrays[-1].nbytes
        if "error" in what:
            raise ModelError(f"process {source}: {what['error']}")
        return what, arrays

    def leave(self) -> None:
        """Tell those that serve that it is over, and part. With answers still owed something has failed here: then the
        launcher ends the others.
        """
        if self.rank == 0 and self._owed:
            return
        if self.rank == 0:
            for other in self.others:
                self.send(other, {"do": "stop"})
        distributed.destroy_process_group()


def join() -> Group:
    """Join the others of this launch; at its end this process leaves them."""
    if not _joined:
        _joined.append(Group())
        atexit.register(_joined[0].leave)
    return _joined[0]


def joined() -> Group | None:
    """The group that this process has joined, None if it is alone.

    Raises:
        ModelError: there are several processes, and nobody has them work together.
    """
    if not _joined and launched()[0] > 1:
        raise ModelError(
            "several processes share the work of the command line only: `accelerate launch -m evalkit run ...`. "
            "In a script, call evalkit in one process"
        )
    return _joined[0] if _joined else None


def device() -> torch.device:
    """The device that is this process's own."""
    return torch.device(PartialState(cpu=not torch.accelerator.is_available()).device)


def pack_requests(requests: Sequence[Request], wanted: Sequence[bool]) -> Arrays:
    """Requests as arrays: the lengths of contexts and completions, all token ids, and which are wanted."""
    lengths = [length for one in requests for length in (len(one.context), len(one.completion))]
    tokens = [token for one in requests for token in (*one.context, *one.completion)]
    return np.array(lengths, "<i8"), np.array(tokens, "<i8"), np.array(wanted, "?")


def unpack_requests(arrays: Arrays) -> tuple[list[Request], set[int]]:
    """The requests, and the numbers of those that are wanted."""
    lengths, flat, wanted = arrays[0].tolist(), arrays[1].tolist(), arrays[2].tolist()
    requests, place = [], 0
    for context, completion in zip(lengths[::2], lengths[1::2], strict=True):
        middle, end = place + context, place + context + completion
        requests.append(Request(tuple(flat[place:middle]), tuple(flat[middle:end])))
        place = end
    return requests, {number for number, is_wanted in enumerate(wanted) if is_wanted}


def pack_responses(responses: Sequence[tuple[int, Response]], work: Work) -> Arrays:
    """Responses with the number of their request, as arrays, and what they took."""
    numbers = [number for number, _ in responses]
    logprobs = [logprob for _, response in responses for logprob in response.token_logprobs]
    greedy = [response.greedy for _, response in responses]
    took = [work.read, work.padding, work.predictions, work.seconds]
    return np.array(numbers, "<i8"), np.array(logprobs, "<f8"), np.array(greedy, "?"), np.array(took, "<f8")


def unpack_responses(arrays: Arrays, requests: Sequence[Request]) -> tuple[dict[int, Response], Work]:
    """The responses to some of the requests, and what they took."""
    numbers, logprobs, greedy, took = (array.tolist() for array in arrays)
    responses, place = {}, 0
    for number, is_greedy in zip(numbers, greedy, strict=True):
        end = place + len(requests[number].completion)
        responses[number] = Response(tuple(logprobs[place:end]), is_greedy)
        place = end
    read, padding, predictions, seconds = took
    return responses, Work(read=int(read), padding=int(padding), predictions=int(predictions), seconds=seconds)
