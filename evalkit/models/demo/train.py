"""Trains the demo model from scratch: a tokenizer and a small Llama on the demo corpus, written to a folder.

    python -m evalkit.models.demo.train --output DIR [--seed 0] [--steps N] [--threads 2]

The same arguments on the same machine give the same weights. Loss and timings go to standard output.
"""

import argparse
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from torch.nn import functional
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from evalkit.models.demo import corpus, pieces
from evalkit.models.demo.initial import shape_attention
from evalkit.models.demo.packing import Windows, pack
from evalkit.models.demo.pieces import LABEL, Pieces

END: Final = "<|endoftext|>"
CONTEXT: Final = 1024
THETA: Final = 100_000.0
VALIDATION_START: Final = 10_000_000  # documents from here on are never trained on


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of the training: windows of one width, with documents of up to `most` exercises on up to `size` facts."""

    width: int
    batch: int
    most: int
    size: int
    share: float
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a training depends on."""

    seed: int = 0
    steps: int = 2300
    vocabulary: int = 3072
    hidden: int = 128
    inner: int = 320
    layers: int = 5
    heads: int = 4
    matrix_rate: float = 0.008
    rate: float = 0.003
    tokenizer_documents: int = 20_000
    validation_windows: int = 48
    phases: tuple[Phase, ...] = (
        Phase(64, 48, 1, 1, 0.13, ("echo", "echo", "member")),
        Phase(128, 24, 1, 2, 0.42),
        Phase(256, 12, 2, 4, 0.3),
        Phase(CONTEXT, 4, 8, 5, 0.15),
    )


def train_tokenizer(documents: Iterable[Pieces], vocabulary: int) -> Tokenizer:
    """A byte-level BPE tokenizer in the manner of GPT-2, which adds no special tokens by itself."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[END],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator((pieces.text(document) for document in documents), trainer)
    return tokenizer


def build_model(plan: Plan, end: int, size: int) -> LlamaForCausalLM:
    """A Llama before its training; input and output embeddings are one matrix."""
    torch.manual_seed(plan.seed)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=size,
            hidden_size=plan.hidden,
            intermediate_size=plan.inner,
            num_hidden_layers=plan.layers,
            num_attention_heads=plan.heads,
            num_key_value_heads=plan.heads,
            max_position_embeddings=CONTEXT,
            tie_word_embeddings=True,
            bos_token_id=end,
            eos_token_id=end,
            initializer_range=0.04,
            rope_parameters={"rope_type": "default", "rope_theta": THETA},
        )
    )
    shape_attention(model)
    return model


def losses_of(model: LlamaForCausalLM, windows: Windows) -> tuple[torch.Tensor, torch.Tensor]:
    """The negative log-likelihood of the windows in nats: the weighted mean of all tokens, the mean of the labels.

    Matrix products are in bfloat16. Where the windows hold no label, the second number is not a number.
    """
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(input_ids=windows.ids[:, :-1]).logits
    each = functional.cross_entropy(logits.flatten(0, 1).float(), windows.ids[:, 1:].flatten(), reduction="none")
    weights = windows.weights[:, 1:].flatten()
    return (each * weights).sum() / weights.sum(), each.detach()[weights == LABEL].mean()


def optimizers(model: LlamaForCausalLM, plan: Plan) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the layers (Jordan et al. 2024), AdamW for the embeddings and the norms."""
    inner = [p for name, p in model.named_parameters() if p.ndim == 2 and "embed" not in name]
    outer = [p for name, p in model.named_parameters() if p.ndim != 2 or "embed" in name]
    return [
        torch.optim.Muon(inner, lr=plan.matrix_rate, momentum=0.95, weight_decay=0.01),
        torch.optim.AdamW(outer, lr=plan.rate, betas=(0.9, 0.98), weight_decay=0.0),
    ]


def rate_at(step: int, steps: int) -> float:
    """The share of the full learning rate: a short rise, a plateau, and a straight fall over the last half."""
    rise = max(1, steps // 50)
    return min((step + 1) / rise, 1.0, (steps - step) / (steps * 0.5))


def fit(model: LlamaForCausalLM, tokenizer: Tokenizer, plan: Plan, end: int) -> int:
    """Train the model in place through the phases; returns the number of training tokens."""
    steppers = optimizers(model, plan)
    full = [stepper.param_groups[0]["lr"] for stepper in steppers]
    started, done, tokens = time.monotonic(), 0, 0
    labels: list[float] = []
    for phase in plan.phases:
        steps = round(plan.steps * phase.share)
        stream = corpus.documents(plan.seed, phase.most, phase.size, kinds=phase.kinds)
        for index in range(steps):
            windows = pack(tokenizer, stream, end, phase.width + 1, phase.batch)
            for stepper, rate in zip(steppers, full, strict=True):
                stepper.param_groups[0]["lr"] = rate * rate_at(done, plan.steps)
            loss, label = losses_of(model, windows)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            for stepper in steppers:
                stepper.step()
                stepper.zero_grad()
            labels.append(label.item())
            done, tokens = done + 1, tokens + phase.width * phase.batch
            if done % 50 == 0 or index == steps - 1:
                speed = tokens / (time.monotonic() - started)
                mean = sum(labels[-50:]) / len(labels[-50:])
                print(f"step {done} loss {loss.item():.3f} labels {mean:.3f} {speed:,.0f} tokens/s", flush=True)
    return tokens


def validate(model: LlamaForCausalLM, tokenizer: Tokenizer, plan: Plan, end: int) -> float:
    """The mean loss on documents that the training does not see, in nats per token, unweighted."""
    stream = corpus.documents(plan.seed, start=VALIDATION_START)
    losses = []
    with torch.no_grad():
        for _ in range(plan.validation_windows // 8):
            windows = pack(tokenizer, stream, end, 385, 8)
            losses.append(losses_of(model, Windows(windows.ids, torch.ones_like(windows.weights)))[0].item())
    return sum(losses) / len(losses)


def save(model: LlamaForCausalLM, tokenizer: Tokenizer, folder: Path) -> None:
    """Write weights, configuration and tokenizer to the folder. The saved tokenizer opens every text as the training
    opened every document.
    """
    model.save_pretrained(folder)
    opening = tokenizer.token_to_id(END)
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{END} $A", special_tokens=[(END, opening)])
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=END,
        eos_token=END,
        add_bos_token=True,
        model_max_length=CONTEXT,
        clean_up_tokenization_spaces=False,
    ).save_pretrained(folder)


def run(plan: Plan, folder: Path) -> float:
    """Train tokenizer and model by the plan, write them to the folder, and return the validation loss."""
    started = time.monotonic()
    documents = corpus.sample(plan.seed, plan.tokenizer_documents)
    tokenizer = train_tokenizer(documents, plan.vocabulary)
    end = tokenizer.encode(END).ids[0]
    model = build_model(plan, end, tokenizer.get_vocab_size())
    print(f"tokenizer: {tokenizer.get_vocab_size()} tokens, {time.monotonic() - started:.0f} s")
    print(f"model: {sum(p.numel() for p in model.parameters()):,} parameters", flush=True)
    model.train()
    trained = fit(model, tokenizer, plan, end)
    model.eval()
    loss = validate(model, tokenizer, plan, end)
    save(model, tokenizer, folder)
    print(f"{trained:,} training tokens; validation loss {loss:.4f} nats per token; {time.monotonic() - started:.0f} s")
    return loss


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Train the demo model from scratch.")
    parser.add_argument("--output", type=Path, required=True, help="folder to write to")
    parser.add_argument("--seed", type=int, default=Plan().seed)
    parser.add_argument("--steps", type=int, default=Plan().steps)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    run(Plan(seed=arguments.seed, steps=arguments.steps), arguments.output)


if __name__ == "__main__":
    main()
