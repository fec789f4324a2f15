"use strict";
// Tables with `data-sheet`: sorted by a head that is pressed, filtered by what is typed, copied as they are shown.
// A cell's `data-v` is its value, `data-low` and `data-high` bound it; a head's `data-name` is its name in a copy.

const SPECIAL = { "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}" };
const asTex = (text) =>
  text.replace(/[\\~^]/g, (letter) => SPECIAL[letter]).replace(/[#$%&_]/g, "\\$&").replace(/(\d)–/g, "$1--").replace(/−/g, "$-$");
const asMarkdown = (text) => text.replace(/[\\`*_{}[\]<>|@#]/g, "\\$&");
// A text that a spreadsheet would take for a formula has an apostrophe before it; a number is a number.
const asCsv = (text) => {
  const safe = /^[=+\-@\t\r]/.test(text) && isNaN(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};
const COPIES = {
  csv: (rows) => rows.map((row) => row.map(asCsv).join(",")).join("\n"),
  markdown: ([head, ...rows]) =>
    [head, head.map(() => "---"), ...rows].map((row, place) =>
      `| ${row.map((text) => (place === 1 ? text : asMarkdown(text))).join(" | ")} |`).join("\n"),
  latex: ([head, ...rows]) => {
    const line = (row) => `${row.map(asTex).join(" & ")} \\\\`;
    return [`\\begin{tabular}{${"l".repeat(head.length)}}`, "\\toprule", line(head), "\\midrule", ...rows.map(line),
      "\\bottomrule", "\\end{tabular}"].join("\n");
  },
};

const said = (cell) => {
  const shown = cell.querySelector(".value"), range = cell.querySelector(".range");
  const text = (shown || cell).textContent.replace(/\s+/g, " ").trim();
  return shown && range && range.textContent ? `${text} [${range.textContent}]` : text;
};

// What is shown, as rows of texts: for CSV the numbers with their bounds in columns of their own.
function content(table, form) {
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...table.tBodies[0].rows].filter((row) => !row.hidden);
  const bounded = heads.map((_, place) => form === "csv" && rows.some((row) => "low" in row.cells[place].dataset));
  const names = heads.flatMap(({ dataset }, place) =>
    bounded[place] ? [dataset.name, `${dataset.name} low`, `${dataset.name} high`] : [dataset.name]);
  const told = rows.map((row) => [...row.cells].flatMap((cell, place) => {
    const { v, low = "", high = "" } = cell.dataset;
    const text = form === "csv" && v !== undefined ? v : said(cell);
    return bounded[place] ? [text, low, high] : [text];
  }));
  return [names, ...told];
}

async function copy(text, button, tools) {
  try {
    await navigator.clipboard.writeText(text);
    button.dataset.done = "copied";
    setTimeout(() => delete button.dataset.done, 1500);
  } catch { // where a page may not write to the clipboard, the text is there to be taken
    let area = tools.querySelector("textarea");
    if (!area) tools.append((area = document.createElement("textarea")));
    area.readOnly = true;
    area.setAttribute("aria-label", "Text to copy");
    area.value = text;
    area.select();
  }
}

function sort(table, place, head) {
  const worth = (row) => row.cells[place].dataset.v ?? said(row.cells[place]);
  const rows = [...table.tBodies[0].rows];
  const numeric = rows.every((row) => worth(row) === "" || !isNaN(worth(row)));
  // numbers begin with the highest, names with a
  const before = head.getAttribute("aria-sort"), up = before ? before === "descending" : !numeric;
  const order = new Intl.Collator("en", { numeric: true });
  const compare = (one, other) => {
    const [left, right] = [worth(one), worth(other)];
    if (left === "" || right === "") return (left === "") - (right === ""); // nothing comes last, whatever the way
    return (up ? 1 : -1) * (numeric ? left - right : order.compare(left, right));
  };
  table.tBodies[0].append(...rows.sort(compare));
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", up ? "ascending" : "descending");
}

for (const table of document.querySelectorAll("table[data-sheet]")) {
  const tools = document.getElementById(table.dataset.sheet), rows = [...table.tBodies[0].rows];
  const count = tools.querySelector("output");
  tools.hidden = false;
  [...table.tHead.rows[0].cells].forEach((head, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => sort(table, place, head));
  });
  tools.querySelector("input").addEventListener("input", ({ target }) => {
    const words = target.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
    const shown = rows.filter((row) => !row.hidden).length;
    count.textContent = shown < rows.length ? `${shown} of ${rows.length} lines` : "";
  });
  for (const button of tools.querySelectorAll("button[data-form]")) {
    button.addEventListener("click", () => copy(COPIES[button.dataset.form](content(table, button.dataset.form)), button, tools));
  }
}

const theme = document.getElementById("theme"), root = document.documentElement;
if (theme) {
  const isDark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const tell = () => (theme.textContent = isDark() ? "Light" : "Dark");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    tell();
  });
  tell();
}
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () =>
    copy(document.getElementById(button.dataset.copy).textContent, button, button.parentElement));
}
