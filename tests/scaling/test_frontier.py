"""The compute-optimal frontier and the papers' constants: against search, and against what the papers say of them."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from evalkit import published
from evalkit.scaling.frontier import exponents, optimum
from evalkit.scaling.law import law_of, log_loss
from evalkit.scaling.papers import papers, theta_of_paper
from evalkit.scaling.points import COMPUTE, PARAMETERS, SIZES, TOKENS

LAW = law_of("chinchilla", PARAMETERS)
PAPERS = {paper.label: theta_of_paper(LAW, paper) for paper in papers(LAW)}
GOPHER = 5.76e23  # FLOP
UNITS = {"M": 1e6, "B": 1e9, "T": 1e12}


@pytest.mark.parametrize("theta", PAPERS.values(), ids=list(PAPERS))
def test_no_other_split_is_better(theta) -> None:
    def loss(log_n: float) -> float:
        return float(log_loss(LAW, theta, np.array([[log_n, np.log(GOPHER / 6) - log_n]]))[0])

    n, d, best = (float(part[0]) for part in optimum(theta, np.array([GOPHER])))
    found = minimize_scalar(loss, bounds=(15, 35), method="bounded", options={"xatol": 1e-10})
    assert n == pytest.approx(found.x, abs=1e-4)
    assert best == pytest.approx(found.fun, rel=1e-12)
    assert n + d == pytest.approx(np.log(GOPHER / 6))


@pytest.mark.parametrize(("label", "ratio"), [("Hoffmann", 92.6), ("Hoffmann, exact", 58.9), ("Besiroglu", 18.4)])
def test_tokens_per_parameter_at_gophers_budget(label, ratio) -> None:
    """As the table of constants gives them."""
    n, d, _ = optimum(PAPERS[label], np.array([GOPHER]))
    assert np.exp(d - n)[0] == pytest.approx(ratio, abs=0.05)


def test_the_exponents_are_those_that_the_papers_print() -> None:
    a, b, _ = (float(part) for part in exponents(PAPERS["Hoffmann, exact"]))
    assert (round(a, 2), round(b, 2)) == (0.46, 0.54)  # table 2
    assert float(exponents(PAPERS["Besiroglu"])[0]) == pytest.approx(0.512, abs=1e-3)


def test_hoffmanns_table_a3_follows_from_the_unrounded_constants() -> None:
    """Approach 3: the tokens of optimal models, within a tenth over five decades of operations."""
    rows = published.rows("chinchilla_scaling")
    own = [row for row in rows if (row["table"], row["approach"]) == ("Table A3", "3")]
    assert len(own) == 9
    for row in own:
        size, tokens = (float(row[key][:-1]) * UNITS[row[key][-1]] for key in ("params", "tokens"))
        n, d, _ = optimum(PAPERS["Hoffmann, exact"], np.array([6 * size * tokens]))
        assert np.exp(n)[0] == pytest.approx(size, rel=0.1), row["params"]
        assert np.exp(d)[0] == pytest.approx(tokens, rel=0.1), row["params"]


def test_kaplans_laws_give_what_they_were_fitted_to() -> None:
    """8.8e13 parameters, 5.4e13 tokens, 3.1e8 PF-days: the sizes at which the loss would be 1."""
    for size, labels in ((PARAMETERS, ["Kaplan"]), (TOKENS, ["Kaplan"])):
        (paper,) = papers(law_of("power", size))
        assert [paper.label] == labels
    assert papers(law_of("power", PARAMETERS))[0].constants == {"alpha": 0.076, "Nc": 8.8e13}
    assert papers(law_of("power", TOKENS))[0].constants == {"alpha": 0.095, "Dc": 5.4e13}
    best, fixed, gpt3 = papers(law_of("power", COMPUTE))
    assert best.constants == {"alpha": 0.05, "Cc": pytest.approx(3.1e8 * 8.64e19)}
    assert fixed.constants["alpha"] == 0.057
    (loss,) = np.exp(log_loss(law_of("power", COMPUTE), theta_of_paper(law_of("power", COMPUTE), gpt3),
                              np.log([[3640 * 8.64e19]])))  # fmt: skip
    assert loss == pytest.approx(2.57 * 3640**-0.048)  # GPT-3 175B's 3,640 PF-days


@pytest.mark.parametrize("size", SIZES)
def test_laws_of_one_size_are_ends_of_the_parametric_one(size) -> None:
    law = law_of("irreducible", size)
    paper = papers(law)[-1]
    theta = theta_of_paper(law, paper)
    if size == COMPUTE:
        expected = optimum(PAPERS["Besiroglu"], np.array([GOPHER]))[2]
    else:
        place = [1e10, 1e40] if size == PARAMETERS else [1e40, 1e10]
        expected = log_loss(LAW, PAPERS["Besiroglu"], np.log([place]))
    at = GOPHER if size == COMPUTE else 1e10
    assert log_loss(law, theta, np.log([[at]])) == pytest.approx(expected, rel=1e-9)
