"""The site: what it writes and leaves, its data, that every link leads to a report, and that all names are harmless."""

import csv
import html.parser
import json
import os
import re
from urllib.parse import unquote

import pytest

import evalkit
from evalkit.errors import RunError
from evalkit.leaderboard.links import from_below, link
from evalkit.leaderboard.places import Place
from evalkit.leaderboard.site import build
from evalkit.models.fake import FakeModel
from tests.leaderboard.made_up import HOSTILE, make_run, number


@pytest.fixture
def runs(tmp_path):
    folder = tmp_path / "all runs #1"
    make_run(folder / "a1", [number(value=0.8), number("superglue/cb")], model="maker/a", version="v1", day=1)
    make_run(folder / "a2", [number(value=0.6), number("superglue/cb")], model="maker/a", version="v2", day=2)
    make_run(folder / "b", [number(value=0.7)], model="b", day=3)
    make_run(folder / "odd", [number(HOSTILE, value=0.4, prompt=HOSTILE)], model=HOSTILE, version=HOSTILE, day=4)
    make_run(folder / "formula", [number(value=0.4)], model='=HYPERLINK("http://example.org")', day=5)
    return folder


class Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.links = [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.links += [value for name, value in attributes if name == "href"]
        assert not [name for name, _ in attributes if name.startswith("on") or name in ("style", "src")]


def pages(site):
    return [site / "index.html", *sorted((site / "models").iterdir())]


def data_of(site):
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', (site / "index.html").read_text())
    assert found
    return json.loads(found[1])


def test_no_name_gets_out_of_the_page(runs, tmp_path):
    site = build([str(runs)], tmp_path / "site", title=HOSTILE).index.parent
    for path in pages(site):
        reader, text = Reader(), path.read_text(encoding="utf-8")
        reader.feed(text)
        assert "alert(" in text
        assert "img" not in reader.tags
        assert reader.tags.count("script") == (2 if path.name == "index.html" else 0)
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
        assert policy
        assert policy[1].startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in policy[1]
        assert (
            "49" not in re.sub(r"[0-9a-f]{8}|sha256-\S+|\d\d–49|<style>.*?</style>", "", text, flags=re.S)
            or "7 * 7" in text
        )
    assert {cell["name"] for cell in data_of(site)["models"]} >= {HOSTILE, "maker/a"}


def test_every_number_leads_to_the_report_of_its_run(runs, tmp_path):
    site = build([str(runs)], tmp_path / "site").index.parent
    data = data_of(site)
    followed = {(site / unquote(one)).resolve() for one in data["runs"]}
    assert followed == {(runs / name / "report.html").resolve() for name in ("a2", "b", "odd", "formula")}
    assert all((site / model["page"]).is_file() for model in data["models"])
    for path in pages(site):
        reader = Reader()
        reader.feed(path.read_text(encoding="utf-8"))
        targets = {(path.parent / unquote(one.partition("#")[0])).resolve() for one in reader.links}
        assert all(target.is_file() for target in targets)
    reports = {one for one in targets if one.name == "report.html"}
    assert reports


@pytest.mark.parametrize(
    ("path", "has_report", "found"),
    [
        ("runs/a b#1", True, "../runs/a%20b%231/report.html"),
        ("javascript:x", True, "../javascript%3Ax/report.html"),
        ("runs/a", False, "../runs/a/results.json"),
        ("s3://bucket/a b", True, "s3://bucket/a%20b/report.html"),
        ("https://user:secret@example.org/run", True, "https://example.org/run/report.html"),
    ],
)
def test_links(tmp_path, path, has_report, found):
    real = path if "://" in path else str(tmp_path / path)
    told = link(Place(path, real, "key", "stamp", has_report), str(tmp_path / "site"))
    assert told == found
    assert from_below(told) == (found if "://" in path else f"../{found}")


def stamps(site):
    return {path.relative_to(site).as_posix(): path.stat().st_mtime_ns for path in site.rglob("*.*") if path.is_file()}


def test_only_what_has_changed_is_written(runs, tmp_path):
    site = tmp_path / "site"
    first = build([str(runs)], site)
    assert (first.gathered.read, first.written, first.left) == (5, 4, 0)
    before = stamps(site)
    again = build([str(runs)], site)
    assert (again.gathered.read, again.gathered.reused, again.written, again.left) == (0, 5, 0, 4)
    assert stamps(site) == before
    make_run(runs / "b", [number(value=0.75)], model="b", day=6)
    third = build([str(runs)], site)
    assert (third.gathered.read, third.written) == (1, 1)
    changed = {name for name, at in stamps(site).items() if before[name] != at}
    assert {name.rpartition("-")[0] or name for name in changed} == {
        *("index.html", "models/b", ".cache/runs.json"),
        *("data/results.csv", "data/results.json", "data/results.parquet"),
    }
    assert "75.0" in (site / "index.html").read_text()


def test_a_rebuilt_site_is_what_a_new_one_would_be(runs, tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    build([str(runs / "a1"), str(runs / "b")], old)
    build([str(runs)], old)
    build([str(runs)], new)
    files = sorted(path.relative_to(new) for path in new.rglob("*.*") if path.is_file() and ".cache" not in path.parts)
    assert len(files) == 8
    assert all((old / name).read_bytes() == (new / name).read_bytes() for name in files)


def test_a_model_that_is_gone_leaves_the_site_and_nothing_else_does(runs, tmp_path):
    site = tmp_path / "site"
    build([str(runs)], site)
    (site / "CNAME").write_text("example.org")
    (site / "models" / "mine.html").write_text("mine")
    build([str(runs / "b")], site)
    assert {path.name.rpartition("-")[0] or path.name for path in (site / "models").iterdir()} == {"b", "mine.html"}
    assert (site / "CNAME").is_file()


@pytest.mark.parametrize("content", ["{", '{"layout": "0"}', '{"layout": 7, "pages": {"models/../../x": "1"}}'])
def test_a_damaged_memory_is_read_anew(runs, tmp_path, content):
    site = tmp_path / "site"
    build([str(runs)], site)
    (site / ".cache" / "runs.json").write_text(content)
    assert build([str(runs)], site).gathered.read == 5


def test_the_memory_gives_no_path_away(runs, tmp_path):
    build([str(runs)], tmp_path / "site")
    assert str(tmp_path) not in (tmp_path / "site" / ".cache" / "runs.json").read_text()


def test_nothing_of_the_users_is_written_over(runs, tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("my own")
    with pytest.raises(RunError, match="holds something that is no leaderboard"):
        build([str(runs)], tmp_path / "site")
    with pytest.raises(RunError, match="is a file"):
        build([str(runs)], tmp_path / "site" / "index.html")
    assert (tmp_path / "site" / "index.html").read_text() == "my own"


def test_a_site_whose_memory_is_gone_is_still_known(runs, tmp_path):
    site = tmp_path / "site"
    build([str(runs)], site)
    (site / ".cache" / "runs.json").unlink()
    assert build([str(runs)], site).gathered.read == 5


def test_no_run_that_can_be_read_is_an_error(runs, tmp_path):
    (runs / "b" / "results.json").write_text("{")
    with pytest.raises(RunError, match=r"none of these runs can be read:\n  .*b: results.json is damaged"):
        build([str(runs / "b")], tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_the_data_hold_the_same_in_three_forms(runs, tmp_path):
    import pandas

    site = build([str(runs)], tmp_path / "site").index.parent
    frame = pandas.read_parquet(site / "data" / "results.parquet")
    assert len(frame) == 7
    with (site / "data" / "results.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["value"]) for row in rows] == frame["value"].tolist()
    assert next(row["model"] for row in rows if row["model"] != HOSTILE) == '\'=HYPERLINK("http://example.org")'
    plain = json.loads((site / "data" / "results.json").read_text(encoding="utf-8"))
    assert [one["value"] for one in plain["numbers"]] == frame["value"].tolist()
    joined = [plain["runs"][one["run"]] | plain["columns"][one["column"]] for one in plain["numbers"]]
    for name in ("model", "task", "started"):
        assert [one[name] for one in joined] == frame[name].tolist()
    latest = frame[(frame.model == "maker/a") & (frame.task == "superglue/copa")]
    assert latest[["value", "is_latest", "is_regression"]].to_numpy().tolist() == [
        [0.8, False, False],
        [0.6, True, True],
    ]
    assert latest["best_rank"].tolist()[1] == 1.0 + (frame[frame.model == "b"]["low"].item() > latest["high"].iloc[1])
    assert frame["signature"].iloc[-1].endswith("|model:maker/a@v2|dtype:float32|evalkit:0.1.0")


def test_real_runs_stand_on_it(tmp_path):
    for name, options in (("a", {"shots": (0, 2)}), ("b", {"shots": (0,), "limit": 10})):
        evalkit.evaluate(FakeModel(), "superglue/copa", data_dir="samples", output=tmp_path / "runs" / name, **options)
    built = build([str(tmp_path / "runs")], tmp_path / "site")
    assert [column.key.shots for column in built.board.columns] == [0, 0, 2]
    assert sorted("limit:10" in column.differs for column in built.board.columns) == [False, False, True]
    assert os.path.relpath(built.index, tmp_path) == "site/index.html"
