"use strict";
// The sample browser: finds, lists and shows what evalkit/report/samples.py writes.
if (document.getElementById("sample-browser")) {
const ROWS = 100, LONG = 20000; // rows of the list at once; characters of a text at first
const $ = (name) => document.getElementById(`sample-${name}`);
const beside = $("browser").dataset.beside, blocks = {}, waiting = {}, rows = [], bared = new Set();
let index, shown = [], first = 0, current, search = 0, timer;

function make(tag, attributes, ...children) {
  const space = /svg|rect/.test(tag) ? "2000/svg" : "1999/xhtml";
  const element = document.createElementNS(`http://www.w3.org/${space}`, tag);
  for (const name in attributes) element.setAttribute(name, attributes[name]);
  element.append(...children);
  return element;
}
const span = (name, ...children) => make("span", { class: name }, ...children);
const bdi = (...children) => make("bdi", {}, ...children);
const count = (number) => number.toLocaleString("en");
const tell = (text) => ($("status").textContent = text);

// Blocks: in the page, or in scripts beside it
window.evalkitSamples = (name, text) => waiting[name](text);
const packed = (name) => !beside ? document.getElementById(`samples-${name}`).textContent : new Promise((done, fail) => {
  waiting[name] = done;
  const script = make("script", { src: `${beside}${name}.js` });
  script.onerror = () => fail(Error(`${beside}${name}.js is not beside this page`));
  document.head.append(script);
});
async function unpacked(name) {
  const bytes = Uint8Array.from(atob(await packed(name)), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}
const block = (name) => (blocks[name] ??= unpacked(name));

const wanted = () => $("search").value.trim().toLowerCase();
function filter() {
  const words = wanted(), form = new FormData($("filters")), part = form.get("part");
  const flags = form.getAll("flags").reduce((all, bit) => all | bit, 0);
  for (const setting of index.sections.flatMap((section) => section.settings)) {
    setting.fits = Object.entries(setting.keys).every(([key, value]) => [value, "", null].includes(form.get(key)));
  }
  shown = rows.filter((row) => row.setting.fits && (row.flags & flags) === flags && (!part || row.parts.includes(part)) &&
    (!words || row.found === words || row.words.includes(words)));
  tell(`${count(shown.length)} of ${count(rows.length)} samples`);
  turn(shown.indexOf(current));
}
async function readTexts() {
  const own = ++search, words = wanted(), escaped = JSON.stringify(words).slice(1, -1);
  const has = (it) => JSON.stringify(index.texts.map((name) => it[name])).toLowerCase().includes(escaped);
  const all = index.sections.flatMap((section) => section.starts.map((start, at) => [section, start, at]));
  for (const [done, [section, start, at]] of words ? all.entries() : []) {
    $("progress").textContent = `${done} of ${all.length} parts of the texts searched`;
    const piece = await block(`${section.name}-${at}`);
    if (own !== search) return;
    piece.forEach(({ same, each }, place) => {
      const isSame = has(same);
      for (const key in each) if (isSame || has(each[key])) section.settings[key].rows[start + place].found = words;
    });
    if (done % 16 === 9) filter();
  }
  $("progress").textContent = "";
  filter();
}

const badges = ({ flags }) => index.flags.filter((_, bit) => flags & (1 << bit)).flatMap((name) =>
  [span(`badge ${name}`, name), " "]);
const isHidden = ({ section }) => section.offensive && !bared.has(section);
function turn(at) {
  first = Math.max(0, at - (at % ROWS));
  const items = shown.slice(first, first + ROWS).map((row, here) => {
    const input = make("input", { type: "radio", name: "sample", id: `sample-${here}` });
    input.checked = row === current;
    input.onchange = () => choose(row);
    return make("li", {}, make("label", {}, input, ...badges(row), make("bdi", { class: "mono" }, row.id), " ",
      bdi(isHidden(row) ? "(hidden)" : row.title), " ", span("soft", bdi(row.setting.place))));
  });
  $("list").replaceChildren(...items);
  $("list").scrollTop = $(at - first)?.parentElement.offsetTop ?? 0;
  $("where").textContent = items.length ? `${count(first + 1)} to ${count(first + items.length)}` : "none";
  $("back").disabled = !first;
  $("on").disabled = first + ROWS >= shown.length;
}
function move(by) {
  const at = Math.max(0, Math.min(shown.length - 1, shown.indexOf(current) + by));
  if (at < first || at >= first + ROWS) turn(at);
  $(at - first)?.focus();
  $(at - first)?.click();
}

const link = ({ setting, id }) => `#sample?${new URLSearchParams({ ...setting.keys, id })}`;
function choose(row) {
  current = row;
  history.replaceState(null, "", link(row));
  tell(`sample ${count(shown.indexOf(row) + 1)} of ${count(shown.length)}`);
  show(row);
}
async function show(row) {
  const { section, setting, example } = row;
  const at = section.starts.findLastIndex((start) => start <= example);
  const { same, each } = (await block(`${section.name}-${at}`))[example - section.starts[at]];
  const it = { ...same, ...each[row.at] };
  const shots = it.shots.length && (await block(`${section.name}-shots`));
  if (row !== current) return;
  const others = section.settings.map((other) => other.rows[example]).filter(Boolean);
  const parts = {
    title: [bdi(row.id), " ", ...badges(row)],
    told: [bdi(setting.place), `: ${section.description}`],
    others: others.map((other) => make("a", { href: link(other), "aria-current": other === row },
      bdi(other.setting.label), " ", ...badges(other))),
    facts: [...it.target.map((text) => ["target", text]), ...it.facts].flatMap(([name, text]) =>
      [make("dt", {}, name), make("dd", { dir: "auto" }, ...said(text))]),
    choices: choices(it),
    written: it.written.flatMap((text, at) => [make("pre", { dir: "auto" }, ...said(text.slice(0, it.marks[at][0])),
      make("mark", {}, text.slice(...it.marks[at])), ...said(text.slice(it.marks[at][1]))), make("p", {}, it.ends[at])]),
    prompt: [span("instruction", it.instruction), ...it.shots.map((shot, at) => make("span",
      { class: `shot shot-${"ab"[at % 2]}`, "data-number": at + 1, title: shots[shot][0] }, ...said(shots[shot][1]))),
      ...(it.contexts.length > 1 ? ["…"] : said(it.contexts[0])), boundary()],
  };
  for (const name in parts) $(name).replaceChildren(...parts[name]);
  $("texts").hidden = isHidden(row);
  $("bare").hidden = !isHidden(row);
  $("asked").hidden = index.redacted[setting.run];
  $("prompt").scrollTop = $("prompt").scrollHeight;
}
function said(text) {
  if (text.length <= LONG) return [text];
  const beginning = span("", text.slice(0, LONG), "…");
  const more = make("button", { type: "button" }, `show all of ${count(text.length)} characters`);
  more.onclick = () => (more.remove(), (beginning.textContent = text));
  return [beginning, more];
}
const boundary = () => make("span", { class: "boundary", role: "img", "aria-label": "the completion begins here" }, "┃");
function choices(it) {
  const under = Object.entries(it.lengths).map(([name, by]) => [name, it.logprobs.map((value, at) => value / by[at])]);
  under.push(...Object.entries(it.more));
  const heads = under.map(([name]) => make("th", {}, name, span("soft", name === it.ranks ? "ranks" : "")));
  const lines = it.completions.map((text, at) => make("tr", { class: at === it.chosen ? "chosen" : "" },
    make("th", { scope: "row" }, make("bdi", {}, ...(it.contexts.length > 1 ? [it.contexts[at], boundary()] : []), ...said(text)),
      span("soft", it.told[at])),
    ...under.map(([, values]) => make("td", {}, values[at].toFixed(3), bar(values, values[at])))));
  return lines[0] ? [make("tr", {}, make("th", {}, "completion"), ...heads), ...lines] : [];
}
function bar(values, value) { // from 0
  const low = Math.min(0, ...values), box = `${low} 0 ${Math.max(0, ...values) - low || 1} 1`;
  const rect = make("rect", { x: Math.min(0, value), width: Math.abs(value), height: 1 });
  return make("svg", { viewBox: box, preserveAspectRatio: "none", "aria-hidden": true }, rect);
}

function open() {
  if (!location.hash.startsWith("#sample?")) return false;
  const names = [...new URLSearchParams(location.hash.slice(8))];
  const row = rows.find(({ setting, id }) => names.every(([name, value]) => ({ ...setting.keys, id })[name] === value));
  if (row) {
    if (!shown.includes(row)) $("filters").reset(), filter();
    choose(row), turn(shown.indexOf(row));
  }
  if (!row) tell("This page does not carry that sample");
  $(row ? "shown" : "status").scrollIntoView();
  return row;
}
const keys = { j: () => move(1), k: () => move(-1), "/": () => $("search").focus(), "?": () => ($("help").open ^= 1) };
document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (target === $("search") && key === "Escape") target.blur();
  if (target.name === "sample" && key === "Enter") $("shown").focus();
  const isMeant = $("letters").checked && !event.ctrlKey && !event.altKey && !event.metaKey;
  if (!keys[key] || !isMeant || /text|search|select/.test(target.type)) return;
  event.preventDefault();
  keys[key]();
});
$("filters").oninput = ({ target }) => {
  filter();
  clearTimeout(timer);
  if (target === $("search")) timer = setTimeout(readTexts, 200);
};
$("filters").onsubmit = (event) => event.preventDefault();
$("back").onclick = () => turn(first - ROWS);
$("on").onclick = () => turn(first + ROWS);
$("uncover").onclick = () => (bared.add(current.section), turn(first), show(current), $("shown").focus());
window.onhashchange = open;
window.onunhandledrejection = (event) => tell(event.reason.message);
block("index").then((read) => {
  index = read;
  for (const section of index.sections) section.settings.forEach((setting, at) => {
    setting.rows = [];
    setting.flags.forEach((flags, place) => {
      const example = setting.examples?.[place] ?? place, parts = section.parts[example];
      const id = section.ids[example], title = section.titles[example], words = `${id}\n${title}`.toLowerCase();
      rows.push((setting.rows[example] = { section, setting, at, example, flags, parts, id, title, words }));
    });
  });
  current = rows[0];
  filter();
  $("filters").hidden = $("browser").hidden = false;
  if (!open()) show(current);
});
}
