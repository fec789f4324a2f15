"""Which numbers of two runs belong together."""

from evalkit.comparison.matching import match
from evalkit.schema import Result


def result(task="t", prompt="p", shots=0, seed=0, metric="accuracy", scorer=""):
    return Result(task, prompt, shots, seed, metric, 0.5, None, None, 9, 9, 0.0, 0, 0, "s", "", scorer)


def test_the_same_setting():
    first = [result(shots=0), result(shots=1), result("u")]
    second = [result("u"), result(shots=1), result(shots=0)]
    pairs, left, right = match(first, second)
    assert pairs == [(one, one) for one in first]
    assert left == right == []


def test_one_thing_may_differ_where_it_is_clear_what_is_meant():
    for other in (result(prompt="q"), result(seed=1), result(shots=4), result(prompt="q", shots=4, seed=2)):
        assert match([result()], [other]) == ([(result(), other)], [], [])


def test_the_nearest_goes_first():
    first = [result(shots=0), result(shots=1)]
    second = [result(shots=0), result(shots=32)]
    assert match(first, second)[0] == [(first[0], second[0]), (first[1], second[1])]


def test_what_is_not_clear_is_left():
    first = [result(prompt="p")]
    second = [result(prompt="q"), result(prompt="r")]
    assert match(first, second) == ([], first, second)


def test_other_tasks_metrics_and_scorers_never_belong_together():
    for other in (result("u"), result(metric="f1"), result(scorer="lexicon")):
        assert match([result()], [other]) == ([], [result()], [other])
