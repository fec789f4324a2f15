"""What the Hugging Face hub reads: huggingface_hub's own classes parse it and give back what was meant."""

from dataclasses import replace

import pytest
import yaml
from huggingface_hub import ModelCard, parse_eval_result_entries

from evalkit.errors import InterchangeError
from evalkit.interchange.finished import Finished, HubData
from evalkit.interchange.hub import eval_results, model_index


def text(content: str | bytes) -> str:
    assert isinstance(content, str)
    return content


def test_eval_results_are_one_file_for_each_task_and_setting(run: Finished) -> None:
    exported = eval_results(run)
    assert len(exported.files) == 6  # three tasks, two numbers of shots
    assert exported.left_out == ["2 numbers (further metrics, parts, averages, data sets that are not on the hub)"]
    written = exported.files[".eval_results/superglue_rte.gpt3.1-shot.seed0.yaml"]
    (entry,) = parse_eval_result_entries(yaml.safe_load(text(written)))
    result = next(one for one in run.results if (one.task, one.shots) == ("superglue/rte", 1))
    assert (entry.dataset_id, entry.task_id) == ("aps/super_glue", "rte")
    assert entry.value == pytest.approx(100 * result.value, abs=1e-4)
    assert entry.date == run.manifest.started
    assert entry.notes is not None
    assert f"n {result.n}; 1 shot; prompt gpt3" in entry.notes
    assert result.signature in entry.notes
    assert entry.dataset_revision is None  # the rows were files: whose revision they are is not known


def test_the_files_together_are_one_list(run: Finished) -> None:
    together = "".join(text(content) for content in eval_results(run).files.values())
    assert len(parse_eval_result_entries(yaml.safe_load(together))) == 6


def test_a_revision_is_told_where_the_rows_came_from_the_hub(run: Finished) -> None:
    data = {"superglue/rte": HubData("aps/super_glue", "rte", "validation", "3de24cf8022e")}
    content = text(next(iter(eval_results(replace(run, data=data)).files.values())))
    assert parse_eval_result_entries(yaml.safe_load(content))[0].dataset_revision == "3de24cf8022e"


def test_a_model_index_is_read_from_a_card(run: Finished) -> None:
    (content,) = model_index(run).files.values()
    card = ModelCard(text(content) + "\n# Demo\n").data
    assert card.model_name == "evalkit-demo"
    rows = {(one.dataset_name, one.metric_name): one for one in card.eval_results or []}
    assert len(rows) == len(run.results)
    for result in run.results:
        shots = "1 shot" if result.shots == 1 else f"{result.shots} shots"
        one = rows[result.task, f"{result.metric} ({shots}, prompt gpt3, seed 0)"]
        assert (one.task_type, one.dataset_type, one.metric_type) == (
            "text-generation",
            "aps/super_glue",
            result.metric,
        )
        assert (one.dataset_config, one.dataset_split) == (result.task.rpartition("/")[2], "validation")
        assert one.metric_value == pytest.approx(100 * result.value, abs=1e-4)
        assert one.metric_args["signature"] == result.signature
        assert one.metric_args["num_few_shot"] == result.shots


@pytest.mark.parametrize("write", [eval_results, model_index])
def test_data_sets_that_are_not_on_the_hub_are_refused(run: Finished, write) -> None:
    with pytest.raises(InterchangeError, match="no result is of a data set on the hub"):
        write(replace(run, data={}))
