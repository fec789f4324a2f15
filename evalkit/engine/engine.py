"""Token-id requests in, responses out: whatever was answered before comes from the cache, all else is computed once.

The requests of one call are planned together, so whoever has several settings of a task asks them at once.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from evalkit.engine import budget, plain, processes
from evalkit.engine.cache import Cache
from evalkit.engine.runner import Done, Runner
from evalkit.engine.split import overlap, split
from evalkit.engine.tree import in_order
from evalkit.schema import Estimate, Request, Response, Work

Progress = Callable[[int, int], None]  # requests answered, and their tokens

_TELLING = 2000  # tokens that have to be read before their speed says something


class Engine:
    """Scores requests with one model, on this process or on all that were launched."""

    def __init__(self, model: Any, cache: Cache | None = None, tokens: int | None = None) -> None:
        """Take a Hugging Face causal language model in evaluation mode.

        Args:
            cache: where responses are kept, None for nowhere.
            tokens: how many a batch may have; None probes what the device holds.
        """
        self._model, self._cache, self._tokens = model, cache, tokens
        self._group = processes.joined()
        self._runner: Runner | None = None
        self.work = Work()

    @property
    def runner(self) -> Runner:
        """What runs requests in this process; made when it is first needed, for a full cache needs none."""
        if self._runner is None:
            self._runner = Runner(self._model, self._cache, self._tokens)
        return self._runner

    def score(self, requests: Sequence[Request], progress: Progress) -> list[Response]:
        """Score every request, in the order given; `progress` is told of each batch.

        Raises:
            ModelError: memory runs out with the smallest batch.
        """
        times = Counter(requests)
        unique = list(times)
        known = self._cache.get(unique) if self._cache is not None else {}
        missing = [request for request in unique if request not in known]

        def advance(answered: Sequence[Request]) -> None:
            progress(
                sum(times[request] for request in answered),
                sum(times[request] * request.tokens for request in answered),
            )

        def done(pairs: Sequence[tuple[Request, Response]]) -> None:
            known.update(pairs)
            advance([request for request, _ in pairs])

        kept = sum(times[request] for request in known)
        if known:
            advance(list(known))
        took = Work()
        if missing:
            before = missing
            if self._cache is not None:
                before = self._cache.begin(unique, missing, f"{self._group.size if self._group else 1} processes")
            took = self._compute(before, set(missing), done)
            if self._cache is not None:
                self._cache.finish()
        self.work += replace(
            took,
            requests=len(requests),
            kept=kept,
            tokens=sum(request.tokens for request in requests),
            computed=sum(times[request] * request.tokens for request in missing),
        )
        return [known[request] for request in requests]

    def estimate(self, requests: Sequence[Request]) -> Estimate:
        """What scoring the requests would take, without doing it."""
        times = Counter(requests)
        known = self._cache.get(list(times)) if self._cache is not None else {}
        missing = [request for request in times if request not in known]
        work = Work(
            requests=len(requests),
            kept=sum(times[request] for request in known),
            tokens=sum(request.tokens for request in requests),
            computed=sum(times[request] * request.tokens for request in missing),
        )
        sharing = [request for request in missing if self.runner.shares(request)]
        alone = [request for request in missing if not self.runner.shares(request)]
        order = in_order(sharing)
        overlaps = overlap(order)
        predictions = sum(len(request.completion) for request in alone) + sum(
            min(len(sharing[number].completion), len(tokens) - common)
            for (number, tokens), common in zip(order, overlaps, strict=True)
        )
        tokens = self.runner.probed.tokens
        widths = [(len(batch), alone[batch[0]].tokens) for batch in plain.batches(alone, tokens)]
        read = sum(request.tokens for request in missing) - sum(overlaps)
        padding = sum(rows * width for rows, width in widths) - sum(request.tokens for request in alone)
        work = replace(work, read=read, padding=padding, predictions=predictions)
        longest = max((request.tokens for request in missing), default=0)
        seconds = self._units(work) * self._seconds_per_unit(longest) / (self._group.size if self._group else 1)
        weights = sum(weight.nbytes for weight in self._model.parameters())
        probed = self.runner.probed
        needed = weights + min(tokens, read) * (probed.bytes_read + probed.bytes_kept) + longest * probed.bytes_kept
        return Estimate(replace(work, seconds=seconds), needed)

    def _compute(self, requests: Sequence[Request], missing: set[Request], done: Done) -> Work:
        """The missing ones among the requests, here and in the other processes."""
        if self._group is None:
            wanted = {number for number, request in enumerate(requests) if request in missing}
            took = self.runner.run(requests, wanted, done)
        else:
            took = self._compute_together(self._group, requests, missing, done)
        if self._units(took) >= _TELLING and self._cache is not None:
            self._cache.note(self._speed, took.seconds / self._units(took))
        return took

    def _compute_together(
        self, group: processes.Group, requests: Sequence[Request], missing: set[Request], done: Done
    ) -> Work:
        numbers = split(requests, group.size, self.runner.cost)
        parts = [[requests[number] for number in part] for part in numbers]
        for other in group.others:
            wanted = [request in missing for request in parts[other]]
            group.send(other, {"do": "score"}, processes.pack_requests(parts[other], wanted))
        took = self.runner.run(parts[0], {place for place, request in enumerate(parts[0]) if request in missing}, done)
        for other in group.others:
            _, arrays = group.receive(other)
            responses, work = processes.unpack_responses(arrays, parts[other])
            done([(parts[other][place], response) for place, response in responses.items()])
            took += work
        return took

    def _units(self, work: Work) -> float:
        """Work in tokens: what is read, and the predictions at what they cost."""
        return work.read + work.padding + self.runner.cost.prediction * work.predictions

    @property
    def _speed(self) -> str:
        return f"seconds per token on {budget.machine(self._model.device)}"

    def _seconds_per_unit(self, longest: int) -> float:
        """As it was in the last run on this machine, or else as one text shows, which fits the model's window as the
        longest request does.
        """
        known = self._cache.recall(self._speed) if self._cache is not None else None
        if isinstance(known, float):
            return known
        probe = Request((1,) * max(1, min(self.runner.probed.tokens, longest)), (1,))
        seconds = []
        for _ in range(2):  # the first one warms up
            began = time.perf_counter()
            plain.run(self._model, [probe])
            seconds.append(time.perf_counter() - began)
        return min(seconds) / self._units(Work(read=probe.tokens, predictions=1))


def serve(group: processes.Group, engine: Engine) -> None:
    """Compute what the first process sends, until it says that it is over."""
    while True:
        what, arrays = group.receive(0)
        if what["do"] == "stop":
            return
        try:
            requests, wanted = processes.unpack_requests(arrays)
            found: dict[Request, Response] = {}
            work = engine.runner.run(requests, wanted, found.update)
            group.send(0, {}, processes.pack_responses([(number, found[requests[number]]) for number in wanted], work))
        except Exception as error:  # the first process says it, and ends everything
            group.send(0, {"error": str(error)})
