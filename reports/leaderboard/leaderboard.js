"use strict";
// Makes the board's table of the page's data: sorts, filters, hides columns, and shows a page of rows at a time.
// Everything from data goes in as text, never as markup.

const ROWS = 100, COLUMNS = 24;
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const hasRank = data.models.some((model) => model.rank);
const view = { key: hasRank ? "rank" : "name", down: true, page: 0, all: false, hidden: new Set() };

for (const model of data.models) model.cells = new Map(model.cells.map((cell) => [cell[0], read(cell)]));

function read([, value, text, range, n, best, worst, run, fell, low, high]) {
  return { value, text, range, n, best, worst, run, fell, low, high };
}

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// How good a number is: more is better.
function good(column, value) {
  if (column.better === "higher") return value;
  return column.better === "lower" ? -value : -Math.abs(value - column.ideal);
}

function wantedColumns() {
  const task = $("task").value.trim().toLowerCase(), metric = $("metric").value;
  const fits = (column, place) =>
    !view.hidden.has(place) &&
    (!task || `${column.task} ${column.setting}`.toLowerCase().includes(task)) &&
    (!$("suite").value || column.suite === $("suite").value) &&
    (!$("shots").value || String(column.shots) === $("shots").value) &&
    (!metric || (metric === "main" ? column.main : `=${column.metric}` === metric));
  return data.columns.map((column, place) => place).filter((place) => fits(data.columns[place], place));
}

// The models that are looked for and have a number in what is shown, in order. Those without the number come last.
function wantedModels(columns) {
  const name = $("model").value.trim().toLowerCase();
  const sign = view.down ? -1 : 1, column = data.columns[view.key];
  const worth = (model) => {
    if (view.key === "rank") return model.order === null ? null : -model.order;
    return model.cells.has(view.key) ? good(column, model.cells.get(view.key).value) : null;
  };
  const byName = (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.dtype < b.dtype ? -1 : 1);
  const compare = (a, b) => {
    if (view.key === "name") return (view.down ? 1 : -1) * byName(a, b);
    const [left, right] = [worth(a), worth(b)];
    if (left === null || right === null) return (left === null) - (right === null) || byName(a, b);
    return sign * (left - right) || byName(a, b);
  };
  return data.models
    .filter((model) => (!name || model.name.toLowerCase().includes(name)) && columns.some((place) => model.cells.has(place)))
    .sort(compare);
}

function head(key, label, ...more) {
  const isSorted = view.key === key;
  const arrow = isSorted ? [" ", make("span", { class: "arrow", "aria-hidden": "true" }, view.down ? "↓" : "↑")] : [];
  const button = make("button", { type: "button" }, make("span", { class: "label" }, make("bdi", {}, label)), ...arrow, ...more);
  button.addEventListener("click", () => {
    view.down = isSorted ? !view.down : true;
    view.key = key;
    view.page = 0;
    show();
    $("board").querySelector(`[data-key="${key}"] button`).focus();
  });
  // "down" is best first; for the name, from a to z
  const sorted = isSorted ? ((key === "name") === view.down ? "ascending" : "descending") : "none";
  return make("th", { scope: "col", "aria-sort": sorted, "data-key": key }, button);
}

function columnHead(place) {
  const column = data.columns[place];
  const more = [make("span", { class: "soft" }, make("bdi", {}, column.setting)), make("span", { class: "soft" }, make("bdi", {}, column.measure))];
  if (column.better === "lower") more[1].append(", lower is better");
  if (column.ideal !== null) more[1].append(`, best at ${column.ideal}`);
  for (const part of column.differs) more.push(make("code", { class: "differs" }, part));
  return head(place, column.label, ...more);
}

function bar(cell) {
  const draw = (tag, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const element = draw("svg", { class: "interval", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" });
  element.append(
    draw("rect", { class: "ground", width: 100, height: 10 }),
    draw("rect", { class: "span", x: cell.low, width: cell.high - cell.low, height: 10 }),
    draw("path", { class: "here", d: `M${Math.min(100, Math.max(0, 100 * cell.value))} 0v10` }));
  return element;
}

function score(model, place) {
  const cell = model.cells.get(place), column = data.columns[place];
  if (!cell) return make("td", { class: "score nothing" }, make("span", { "aria-label": "no number" }, "·"));
  const ranks = cell.best === cell.worst ? `${cell.best}` : `${cell.best}–${cell.worst}`;
  const isBest = cell.best === 1 && column.models > 1;
  const told = `n = ${cell.n.toLocaleString("en")}; rank ${ranks} of ${column.models}`;
  const line = make("span", { class: "line" },
    make("a", { href: data.runs[cell.run] }, cell.text), make("span", { class: "range" }, cell.range));
  if (cell.fell) {
    const said = make("span", { class: "unseen" }, " regression");
    line.append(make("a", { href: `${model.page}#regressions`, class: "fell", title: "wholly below the run before" }, "▼", said));
  }
  line.append(make("span", { class: "rank" }, make("span", { class: "unseen" }, "rank "), `#${ranks}`));
  const element = make("td", { class: isBest ? "score is-best" : "score", title: told }, line);
  if (cell.low !== undefined) element.append(bar(cell));
  return element;
}

function row(model, columns) {
  const facts = [model.dtype, model.size, model.version, model.day].filter(Boolean).join(" · ");
  const name = make("th", { scope: "row" }, make("a", { href: model.page }, make("bdi", {}, model.name)), make("span", { class: "soft" }, facts));
  const rank = hasRank ? [make("td", { class: "mean" }, model.rank || "·")] : [];
  return make("tr", {}, name, ...rank, ...columns.map((place) => score(model, place)));
}

function show() {
  const fitting = wantedColumns();
  const columns = view.all ? fitting : fitting.slice(0, COLUMNS);
  const models = wantedModels(columns);
  const last = Math.max(0, Math.ceil(models.length / ROWS) - 1);
  view.page = Math.min(view.page, last);
  const first = view.page * ROWS, rows = models.slice(first, first + ROWS);
  const rank = hasRank ? [head("rank", "mean rank", make("span", { class: "soft" }, `of ${data.shared} column${data.shared === 1 ? "" : "s"}`))] : [];
  const heads = make("tr", {}, head("name", "model"), ...rank, ...columns.map(columnHead));
  $("board").replaceChildren(make("thead", {}, heads), make("tbody", {}, ...rows.map((model) => row(model, columns))));
  const more = columns.length < fitting.length ? `; ${fitting.length - columns.length} more are behind “Columns” or a filter` : "";
  $("status").textContent = `${models.length.toLocaleString("en")} of ${data.models.length.toLocaleString("en")} models, ` +
    `${columns.length} of ${data.columns.length} columns${more}`;
  $("pages").hidden = last === 0;
  $("where").textContent = `${first + 1} to ${first + rows.length}`;
  $("previous").disabled = view.page === 0;
  $("next").disabled = view.page === last;
}

function listColumns() {
  data.columns.forEach((column, place) => {
    const box = make("input", { type: "checkbox" });
    box.checked = true;
    box.addEventListener("change", () => {
      box.checked ? view.hidden.delete(place) : view.hidden.add(place);
      show();
    });
    const text = make("span", {}, make("bdi", {}, column.task), " ", make("span", { class: "soft" }, `${column.setting}, ${column.measure}`));
    $("column-list").append(make("li", {}, make("label", {}, box, text, make("code", {}, column.signature))));
  });
}

function setAll(shown) {
  view.hidden = new Set(shown ? [] : data.columns.keys());
  view.all = shown;
  for (const box of $("column-list").querySelectorAll("input")) box.checked = shown;
  show();
}

function turn(by) {
  view.page += by;
  show();
  $("board").parentElement.scrollTop = 0;
}

$("show-all").addEventListener("click", () => setAll(true));
$("hide-all").addEventListener("click", () => setAll(false));
$("previous").addEventListener("click", () => turn(-1));
$("next").addEventListener("click", () => turn(1));
$("filters").addEventListener("input", () => {
  view.page = 0;
  show();
});
$("filters").addEventListener("submit", (event) => event.preventDefault());
$("columns").addEventListener("toggle", () => $("column-list").childElementCount || listColumns());
$("filters").hidden = $("columns").hidden = false;
show();
