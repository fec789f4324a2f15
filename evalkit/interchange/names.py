"""What evalkit's tasks and metrics are called by lm-evaluation-harness 0.4.13, and what is not the same.

A name in this table says that both ask the same data set. It does not say that both numbers are the same thing:
prompts, choices and shots are each harness's own, which is why an imported number keeps a signature of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

ACCURACIES: Mapping[str, str] = {
    "none": "acc",
    "char": "acc_norm",
    "byte": "acc_bytes",
    "unconditional": "acc_mutual_info",
}
"""How lm_eval names an accuracy, by how choices are ranked. Rules that it does not have are not in it."""

_HUNDREDS = ("bleu", "chrf", "ter", "rouge1", "rouge2", "rougeL", "rougeLsum")  # which lm_eval counts to 100


_COMMON: Mapping[str, str] = {"acc": "accuracy"}


@dataclass(frozen=True, slots=True)
class Peer:
    """A task of lm_eval on the same data set: its name, its metrics that are called otherwise here, and what differs
    beside prompts and shots. `scale` is what the numbers of these metrics are multiplied by to be on our scale.
    """

    name: str
    metrics: Mapping[str, str] = field(default_factory=dict)
    differs: str = ""
    scale: float = 1.0


_TEST = "lm_eval asks the test split"
_GENERATED = {"exact_match": "accuracy"}

TASKS: Mapping[str, Peer] = {
    "superglue/boolq": Peer("boolq"),
    "superglue/cb": Peer("cb", {"f1": "macro_f1"}),
    "superglue/copa": Peer("copa"),
    "superglue/multirc": Peer("multirc", {}, "lm_eval counts answers, each by itself; it has neither F1 nor questions"),
    "superglue/record": Peer("record", {"f1": "entity_f1", "em": "entity_exact_match"}),
    "superglue/rte": Peer("sglue_rte"),
    "superglue/wic": Peer("wic"),
    "superglue/wsc": Peer("wsc", {}, "lm_eval asks yes or no; GPT-3's prompt has the noun phrase written"),
    "glue/mrpc": Peer("mrpc"),
    "glue/sst2": Peer("sst2"),
    "nli/anli_r1": Peer("anli_r1", {}, _TEST),
    "nli/anli_r2": Peer("anli_r2", {}, _TEST),
    "nli/anli_r3": Peer("anli_r3", {}, _TEST),
    "commonsense/arc_challenge": Peer("arc_challenge", {}, _TEST),
    "commonsense/arc_easy": Peer("arc_easy", {}, _TEST),
    "commonsense/commonsense_qa": Peer("commonsense_qa"),
    "commonsense/openbookqa": Peer("openbookqa", {}, _TEST),
    "commonsense/piqa": Peer("piqa"),
    "commonsense/sciq": Peer("sciq", {}, _TEST),
    "commonsense/social_i_qa": Peer("social_iqa"),
    "commonsense/winogrande": Peer("winogrande"),
    "commonsense/wsc273": Peer("wsc273"),
    "completion/hellaswag": Peer("hellaswag", {}, "lm_eval cleans the texts of WikiHow's marks"),
    "completion/lambada_openai": Peer(
        "lambada_openai", {}, "lm_eval asks whether the last word is the likeliest, token by token"
    ),
    "completion/storycloze": Peer("storycloze_2016"),
    "qa/drop": Peer("drop", {"em": "drop_exact_match", "f1": "drop_f1"}),
    "qa/gsm8k": Peer("gsm8k", _GENERATED, "lm_eval has its own patterns for the answer: one filter each"),
    "qa/natural_questions": Peer("nq_open", _GENERATED),
    "qa/triviaqa": Peer("triviaqa", _GENERATED),
    "qa/truthful_qa_mc": Peer("truthfulqa_mc1"),
    "qa/truthful_qa_mc2": Peer("truthfulqa_mc2", {"acc": "mc2"}),
    "qa/web_questions": Peer("webqs", _GENERATED, "lm_eval ranks the answers instead of having one written"),
    "qa/xquad_en": Peer("xquad_en", {"exact_match": "answer_exact_match", "f1": "answer_f1"}),
    "reading/coqa": Peer("coqa", {"em": "coqa_exact_match", "f1": "coqa_f1"}),
    "reading/race_high": Peer("race"),
    "reading/squad_v2": Peer("squadv2", {"exact": "answer_exact_match", "f1": "answer_f1"}, "", 0.01),
    "scramble/cycle_letters_in_word": Peer("cycle_letters", _GENERATED),
    "scramble/mid_word_1_anagrams": Peer("anagrams1", _GENERATED),
    "scramble/mid_word_2_anagrams": Peer("anagrams2", _GENERATED),
    "scramble/random_insertion_in_word": Peer("random_insertion", _GENERATED),
    "scramble/reversed_words": Peer("reversed_words", _GENERATED),
    "mmlu/all": Peer(
        "mmlu", {}, "a group in lm_eval: the scores of 57 subjects, weighted by their sizes, on the test split"
    ),
    "bias/crows_pairs": Peer(
        "crows_pairs_english", {"pct_stereotype": "stereotype_preference", "likelihood_diff": "likelihood_difference"}
    ),
    "lm/wikitext2": Peer("wikitext", {}, "lm_eval reads each article of the test split by itself, in the raw form"),
    **{
        f"arithmetic/arithmetic_{kind}": Peer(
            f"arithmetic_{kind}", {}, "lm_eval asks whether the answer is the likeliest, token by token"
        )
        for kind in ("1dc", "2da", "2dm", "2ds", "3da", "3ds", "4da", "4ds", "5da", "5ds")
    },
    **{
        f"agieval/{exam}": Peer(f"agieval_{exam}")
        for exam in ("aqua_rat", "logiqa_en", "lsat_ar", "lsat_lr", "lsat_rc", "sat_en", "sat_math")
    },
    **{
        f"blimp/{paradigm}": Peer(f"blimp_{paradigm}")
        for paradigm in (
            "anaphor_gender_agreement",
            "determiner_noun_agreement_1",
            "npi_present_1",
            "principle_A_case_1",
            "regular_plural_subject_verb_agreement_1",
            "wh_island",
        )
    },
}

_OURS = {peer.name: task for task, peer in TASKS.items()}
IMPORTED = "lm_eval"  # what imported results have for a prompt, and their signatures begin with
UNKNOWN = f"{IMPORTED}/"


def our_task(name: str) -> str:
    """Our name of an lm_eval task; one that we do not have keeps its own, below `lm_eval/`."""
    return _OURS.get(name, UNKNOWN + name)


def our_metric(task: str, metric: str) -> tuple[str, float]:
    """Our name of a metric of one of lm_eval's tasks (its own where we have none), and what its numbers are multiplied
    by to be on our scale.
    """
    peer = TASKS.get(our_task(task), Peer(task))
    if metric in peer.metrics:
        return peer.metrics[metric], peer.scale
    return _COMMON.get(metric, metric), 0.01 if metric in _HUNDREDS else 1.0


def their_task(task: str) -> str:
    """What lm_eval calls one of our tasks; one that it does not have is written with `_` for what parts our names."""
    return TASKS[task].name if task in TASKS else task.removeprefix(UNKNOWN).replace("/", "_")


def their_metric(task: str, metric: str, normalisation: str) -> tuple[str, float]:
    """What lm_eval calls a metric of one of our tasks, and what its numbers are divided by to be on our scale."""
    peer = TASKS.get(task, Peer(task))
    for theirs, ours in peer.metrics.items():
        if ours == metric:
            return theirs, peer.scale
    if metric == "accuracy" and normalisation:
        return ACCURACIES.get(normalisation, f"acc_{normalisation}"), 1.0
    return metric, 0.01 if metric in _HUNDREDS else 1.0
