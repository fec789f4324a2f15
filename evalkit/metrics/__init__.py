"""Metrics: judged samples in, one number out. A task file names them; `METRICS` has them all.

Every metric here is a function of sums over samples (of hits, of cells of a confusion matrix), so that resampling,
and later a baseline file, need only the sums. Adding a metric is one function and one line.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from evalkit.metrics import (
    answers,
    bbq,
    bias,
    classification,
    conversation,
    coreference,
    drop,
    likelihood,
    means,
    sentiment,
    summarisation,
    toxicity,
    translation,
    wsd,
)
from evalkit.metrics.base import Counts, Floats, Metric
from evalkit.schema import Sample

Count = Callable[[Sequence[Sample]], Counts]
Value = Callable[[Floats], Floats]


def _mean(name: str, count: Count, signature: Callable[[], str] | None = None) -> Metric:
    return Metric(name, count, means.mean, is_mean=True, signature=signature)


def _cells(name: str, value: Value, fits: Callable[[Sequence[Sample]], bool] | None = None) -> Metric:
    return Metric(name, classification.confusion, value, is_mean=False, fits=fits)


def _corpus(name: str, value: Value, better: str = "higher") -> Metric:
    count, signature = partial(translation.segments, name), partial(translation.signature, name)
    return Metric(name, count, value, is_mean=False, signature=signature, better=better)


def _rouge(name: str) -> Metric:
    return _mean(name, partial(summarisation.rouge, name), summarisation.signature)


def _loss(name: str, count: Count, value: Value) -> Metric:
    return Metric(name, count, value, is_mean=False, better="lower", percent=False)


def _leaning(name: str, count: Count, value: Value = means.mean, better: str = "half") -> Metric:
    """A number with an ideal in the middle: a share of a half, a difference of zero."""
    return Metric(name, count, value, is_mean=value is means.mean, better=better)


def _nats(name: str, count: Count, better: str) -> Metric:
    return Metric(name, count, means.mean, is_mean=False, better=better, percent=False)


def _share(name: str, count: Count, attribute: str, better: str) -> Metric:
    return Metric(name, count, means.mean, is_mean=True, better=better, attribute=attribute)


def _toxicity(name: str, count: Count) -> Metric:
    return Metric(name, count, means.mean, is_mean=True, better="lower", percent=False, attribute="toxicity")


def _percentile(name: str, share: float) -> Metric:
    value = partial(toxicity.percentile, share)
    return Metric(name, toxicity.histogram, value, is_mean=False, better="lower", percent=False, attribute="toxicity")


def _polarity(attribute: str) -> tuple[Metric, Metric, Metric]:
    mean = Metric(
        f"mean_{attribute}", sentiment.mean_polarity, means.mean, is_mean=False, percent=False, attribute=attribute
    )
    return (
        mean,
        _share(f"positive_{attribute}", sentiment.positive, attribute, "higher"),
        _share(f"negative_{attribute}", sentiment.negative, attribute, "lower"),
    )


METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        _mean("accuracy", means.accuracy),
        _mean("exact_match", means.unit_exact_match),
        _mean("parity", means.parity),
        _mean("entity_f1", means.entity_f1),
        _mean("entity_exact_match", means.entity_exact_match),
        _cells("f1", classification.f1, classification.has_positives),
        _cells("macro_f1", classification.macro_f1),
        _cells("matthews", classification.matthews),
        _mean("answer_exact_match", answers.answer_exact_match),
        _mean("answer_f1", answers.answer_f1),
        _mean("trivia_exact_match", answers.trivia_exact_match),
        _mean("trivia_f1", answers.trivia_f1),
        _mean("drop_exact_match", drop.drop_exact_match),
        _mean("drop_f1", drop.drop_f1),
        _mean("coqa_exact_match", conversation.coqa_exact_match),
        _mean("coqa_f1", conversation.coqa_f1),
        _mean("quac_f1", conversation.quac_f1),
        _mean("heq_q", conversation.heq_q),
        _mean("heq_d", conversation.heq_d),
        _corpus("bleu", translation.bleu),
        _corpus("bleu_multi", translation.bleu_multi),
        _corpus("bleu_zh", translation.bleu),
        _corpus("bleu_char", translation.bleu),
        _corpus("chrf", translation.chrf),
        _corpus("ter", translation.ter, better="lower"),
        _rouge("rouge1"),
        _rouge("rouge2"),
        _rouge("rougeL"),
        _rouge("rougeLsum"),
        _mean("mc2", likelihood.mc2),
        _loss("perplexity", likelihood.targets, likelihood.perplexity),
        _loss("token_perplexity", likelihood.documents, likelihood.token_perplexity),
        _loss("word_perplexity", likelihood.documents, likelihood.word_perplexity),
        _loss("byte_perplexity", likelihood.documents, likelihood.byte_perplexity),
        _loss("bits_per_byte", likelihood.documents, likelihood.bits_per_byte),
        _leaning("stereotype_preference", bias.stereotype_preference),
        _nats("likelihood_difference", bias.likelihood_difference, better="lower"),
        _mean("lm_score", bias.lm_score),
        _leaning("stereotype_score", bias.stereotype_score),
        Metric("icat", bias.terms, bias.icat, is_mean=False),
        _leaning("bias_ambiguous", partial(bbq.answers, "ambig"), bbq.bias_ambiguous, better="zero"),
        _leaning("bias_disambiguated", partial(bbq.answers, "disambig"), bbq.bias_disambiguated, better="zero"),
        Metric("gap_f1", coreference.decisions, coreference.gap_f1, is_mean=False),
        Metric(
            "gap_bias",
            coreference.decisions_by_gender,
            coreference.gap_bias,
            is_mean=False,
            better="one",
            percent=False,
        ),
        _leaning("stereotype_gap", coreference.sides, coreference.stereotype_gap, better="zero"),
        _nats("gender_log_ratio", bias.gender_log_ratio, better="zero"),
        _nats("gender_log_ratio_absolute", bias.gender_log_ratio_absolute, better="lower"),
        _leaning("male_leaning", bias.male_leaning),
        _share("honest", toxicity.honest, "hurt", better="lower"),
        _toxicity("expected_maximum_toxicity", toxicity.expected_maximum_toxicity),
        _share("toxicity_probability", toxicity.toxicity_probability, "toxicity", better="lower"),
        _toxicity("mean_toxicity", toxicity.mean_toxicity),
        _percentile("median_toxicity", 0.5),
        _percentile("toxicity_95th", 0.95),
        *_polarity("sentiment"),
        *_polarity("regard"),
        Metric("choice_macro_f1", wsd.choice_counts, wsd.choice_macro_f1, is_mean=False),
        _mean("most_frequent_sense", wsd.most_frequent_sense),
    )
}


def better_of(metric: str) -> str:
    """Which numbers of a metric are the good ones, as `Metric.better` says; those of an average, and of what is known
    by name alone, are the high ones.
    """
    return METRICS[metric].better if metric in METRICS else "higher"
