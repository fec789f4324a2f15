"""evalkit and lm-evaluation-harness on identical requests: processor seconds, memory, tokens, and the scores' distance.

    .venv/bin/python tests/benchmarks/scoring.py                     every case, float32, one thread (about an hour)
    .venv/bin/python tests/benchmarks/scoring.py --cases "COPA 8 shots, fixed" --examples 50

Needs `make peer` and the development data beside the checkout. Each side runs in a process of its own, one after the
other, on the same file of requests; what is timed is everything after the model is loaded, tokenising and (ours)
finding out what the model and the machine can do included. Ours keeps nothing on disk.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
PEER = ROOT / ".peer-env" / "bin" / "python"


@dataclass(frozen=True, slots=True)
class Case:
    """Which requests: a task, its shots and their mode, how many examples, and the ratio that has to be reached."""

    task: str
    shots: int
    mode: str
    examples: int
    bar: float

    @property
    def name(self) -> str:
        """What the table calls it."""
        shots = f"{self.task} {self.shots} shots"
        return shots if self.shots == 0 else f"{shots}, {self.mode}"


CASES = (
    Case("COPA", 0, "random", 50, 1.2),
    Case("BoolQ", 0, "random", 32, 1.2),
    Case("HellaSwag", 0, "random", 50, 1.2),
    Case("COPA", 8, "random", 50, 2.7),
    Case("HellaSwag", 4, "random", 25, 4.0),
    Case("RTE", 8, "random", 50, 1.7),
    Case("BoolQ", 8, "random", 32, 1.7),
    Case("COPA", 8, "fixed", 50, 14.0),
    Case("RTE", 8, "fixed", 50, 12.0),
    Case("COPA", 32, "fixed", 50, 38.0),
    Case("HellaSwag", 4, "fixed", 25, 4.0),
    Case("BoolQ", 4, "fixed", 32, 1.7),
)
HEAD = ("requests", "examples", "peer s", "evalkit s", "ratio", "bar", "peer MB", "evalkit MB", "asked tokens")
HEAD += ("read tokens", "padding", "of peak", "largest difference")


def main() -> None:
    """Run the cases and print the table."""
    options = _options()
    if options.score:
        print(json.dumps(score(options)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        model = options.model or random_gpt2(folder / "model")
        lines = [_line(HEAD), _line(["---"] * len(HEAD))]
        print("\n".join(lines), flush=True)
        for case in CASES:
            if not options.cases or case.name in options.cases:
                lines.append(_line(compare(case, model, folder, options)))
                print(lines[-1], flush=True)
    if options.output:
        options.output.write_text(_described(options) + "\n".join(lines) + "\n")


def compare(case: Case, model: str, folder: Path, options: argparse.Namespace) -> list[str]:
    """One case's line of the table."""
    examples = options.examples or case.examples
    texts = folder / "requests.jsonl"
    texts.write_text("".join(json.dumps(row) + "\n" for row in requests(case, examples, model)))
    ours, our_scores = _run([sys.executable, __file__, "--score"], model, texts, folder / "ours", options)
    command = [str(PEER), str(SHARED / "peer" / "peer_score.py"), "--batch", str(options.batch)]
    theirs, their_scores = _run(command, model, texts, folder / "theirs", options)
    worst = max(abs(one["logprob"] - other["logprob"]) for one, other in zip(our_scores, their_scores, strict=True))
    return [
        case.name,
        str(examples),
        f"{theirs['cpu_s']:.1f}",
        f"{ours['cpu_s']:.2f}",
        f"{theirs['cpu_s'] / ours['cpu_s']:.1f}",
        f"{case.bar:g}",
        f"{theirs['peak_rss_mb']:,}",
        f"{ours['peak_rss_mb']:,}",
        f"{ours['asked']:,}",
        f"{ours['read']:,}",
        f"{ours['padding']:.1%}",
        f"{ours['of_peak']:.0%}",
        f"{worst:.1e}",
    ]


def requests(case: Case, examples: int, model: str) -> Iterator[dict[str, str]]:
    """Contexts and completions, parted where the peer parts them: white space goes to the completion."""
    pairs = hellaswag(case, examples) if case.task == "HellaSwag" else superglue(case, examples, model)
    for context, completion in pairs:
        bare = context.rstrip()
        yield {"context": bare, "completion": context[len(bare) :] + completion}


def superglue(case: Case, examples: int, model: str) -> Iterator[tuple[str, str]]:
    """As evalkit asks them; with as many shots as the model has room for."""
    from evalkit.data.source import Source
    from evalkit.evaluation.ask import Asker
    from evalkit.evaluation.prepare import Options, prepare
    from evalkit.library import Library
    from evalkit.models.causal import CausalModel

    options = Options(shots=(case.shots,), mode=case.mode, limit=examples)
    prepared, _ = prepare(Library.open(), [f"superglue/{case.task.lower()}"], Source.open(SHARED / "data"), options)
    for asked in Asker(prepared[0], CausalModel.load(model, device="cpu", cache=False)).ask(case.shots, seed=0):
        yield from ((text.prefix, text.completion) for text in asked.texts)


def hellaswag(case: Case, examples: int) -> Iterator[tuple[str, str]]:
    """A context and its four endings, which share no token with each other."""
    lines = (SHARED / "data" / "completion" / "hellaswag" / "validation.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    asked, pool = rows[:examples], rows[examples:]
    drawn = random.Random(0)
    fixed = drawn.sample(pool, case.shots)
    for row in asked:
        shots = fixed if case.mode == "fixed" else drawn.sample(pool, case.shots)
        shown = "".join(f"{_situation(shot)} {shot['endings'][int(shot['label'])]}\n\n" for shot in shots)
        yield from ((shown + _situation(row), f" {ending}") for ending in row["endings"])


def score(options: argparse.Namespace) -> dict[str, Any]:
    """Our side, in a process of its own."""
    import torch

    from evalkit.models.causal import CausalModel

    torch.set_num_threads(options.threads)
    rows = [json.loads(line) for line in Path(options.requests).read_text().splitlines()]
    model: Any = CausalModel.load(options.model, device=options.device, dtype=options.dtype, cache=False)
    peak = _matmul_peak(model.engine)
    wall, cpu = time.perf_counter(), time.process_time()
    asked = model.encode([(row["context"], row["completion"]) for row in rows])
    runner = model.engine.runner
    found_out = time.process_time()
    responses = model.score(asked, lambda *_: None)
    done = time.process_time()
    wall = time.perf_counter() - wall
    peak = max(peak, _matmul_peak(model.engine))
    written = [{"logprob": one.logprob, "greedy": one.greedy} for one in responses]
    Path(options.scores).write_text("".join(json.dumps(row) + "\n" for row in written))
    work = model.work
    return {
        "wall_s": wall,
        "cpu_s": done - cpu,
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "asked": work.tokens,
        "read": work.read,
        "padding": work.padding / (work.read + work.padding),
        "of_peak": _operations(model.engine, work) / (done - found_out) / peak,
        "way": runner.capability.way,
    }


def random_gpt2(folder: Path) -> str:
    """GPT-2 small's shape with random weights, as the peer's environment makes it."""
    command = [str(PEER), str(SHARED / "peer" / "random_gpt2.py"), "--output", str(folder)]
    tokenizer = str(SHARED / "models" / "gpt2-tokenizer")
    subprocess.run([*command, "--tokenizer", tokenizer], check=True, capture_output=True)
    return str(folder)


def _run(
    command: Sequence[str], model: str, texts: Path, scores: Path, options: argparse.Namespace
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    ours = "--score" in command
    given = ["--model", model, "--requests", str(texts), "--scores" if ours else "--output", str(scores)]
    given += ["--threads", str(options.threads), "--dtype", options.dtype, "--device", options.device]
    environment = {**os.environ, "OMP_NUM_THREADS": str(options.threads), "TOKENIZERS_PARALLELISM": "false"}
    done = subprocess.run([*command, *given], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{command[0]} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1]), [json.loads(line) for line in scores.read_text().splitlines()]


def _matmul_peak(engine: Any) -> float:
    """The most operations per second that a multiplication of the model's own size and dtype reaches here."""
    import torch

    model = engine._model
    tokens = 512 if model.device.type == "cpu" else 8192
    width = model.config.hidden_size
    best = 0.0
    for outward in (width, 4 * width):
        one = torch.randn(tokens, width, dtype=model.dtype, device=model.device)
        other = torch.randn(width, outward, dtype=model.dtype, device=model.device)
        for _ in range(20):
            began = time.perf_counter()
            (one @ other).sum().item()
            best = max(best, 2 * tokens * width * outward / (time.perf_counter() - began))
    return best


def _operations(engine: Any, work: Any) -> float:
    """What the tokens read need of multiplications: the weights of the body once each, those of the head per target."""
    model = engine._model
    head = model.get_output_embeddings().weight.numel()
    embedded = {
        id(weight) for module in model.modules() if isinstance(module, _embedding()) for weight in module.parameters()
    }
    body = sum(weight.numel() for weight in model.parameters() if id(weight) not in embedded)
    return 2.0 * body * work.read + 2.0 * head * work.predictions


def _embedding() -> type:
    import torch

    return torch.nn.Embedding


def _situation(row: dict[str, Any]) -> str:
    return f"{row['activity_label']}: {row['ctx']}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _described(options: argparse.Namespace) -> str:
    import torch

    from evalkit.runs.manifest import machine

    return (
        f"evalkit beside lm-evaluation-harness 0.4.13 on identical requests; {options.model or 'GPT-2 small, random'}, "
        f"{options.dtype}, {options.device}, {options.threads} thread(s), peer's batch size {options.batch}, "
        f"torch {torch.__version__}, {machine()['processor']}. Processor seconds after the model is loaded; `of peak`: "
        "the share of the machine's own matrix-multiply speed that the tokens read achieve; differences in nats.\n\n"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", action="append", choices=[case.name for case in CASES])
    parser.add_argument("--examples", type=int, help="instead of each case's own")
    parser.add_argument("--model", help="instead of a random one of GPT-2 small's shape")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", default="8", help="the peer's batch size")
    parser.add_argument("--output", type=Path, help="also write the table there, as Markdown")
    for name in ("--requests", "--scores"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    parser.add_argument("--score", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
