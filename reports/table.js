"use strict";
// Tables with `data-sheet` are sorted, filtered, and copied as they are shown: a head's `data-name` is its name in a
// copy, a cell's `data-v` its value, bounded by `data-low` and `data-high`.

const asTex = (text) => text.replace(/[\\~^#$%&_{}]/g, (letter) => `{\\char${letter.charCodeAt()}}`)
  .replaceAll("–", "--").replaceAll("−", "$-$");
const asMarkdown = (text) => text.replace(/[\\`*_{}[\]<>|@#]/g, "\\$&");
const asCsv = (text) => { // an apostrophe before what a spreadsheet would take for a formula; a number is a number
  const safe = /^[=+\-@\t\r]/.test(text) && isNaN(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};
const COPIES = {
  csv: (rows) => rows.map((row) => row.map(asCsv).join(",")),
  markdown: (rows) => {
    const [head, ...lines] = rows.map((row) => `| ${row.map(asMarkdown).join(" | ")} |`);
    return [head, `|${" --- |".repeat(rows[0].length)}`, ...lines];
  },
  latex: (rows) => {
    const [head, ...lines] = rows.map((row) => `${row.map(asTex).join(" & ")} \\\\`);
    return [`\\begin{tabular}{${"l".repeat(rows[0].length)}}`, "\\toprule", head, "\\midrule", ...lines,
      "\\bottomrule", "\\end{tabular}"];
  },
};

function said(cell) {
  const value = cell.querySelector(".value"), range = cell.querySelector(".range")?.textContent;
  const text = (value || cell).textContent.replace(/\s+/g, " ").trim();
  return value && range ? `${text} [${range}]` : text;
}

// What is shown, as rows of texts; in CSV bounds have columns of their own
function content(table, form) {
  const rows = [...table.tBodies[0].rows].filter((row) => !row.hidden).map((row) => [...row.cells]);
  const texts = [...table.tHead.rows[0].cells].map(({ dataset: { name } }, place) => {
    const cells = rows.map((row) => row[place]), isCsv = form === "csv";
    const column = [name, ...cells.map((cell) => (isCsv && cell.dataset.v) || said(cell))];
    const isBounded = isCsv && cells.some((cell) => cell.dataset.low);
    const bounds = ["low", "high"].map((end) => [`${name} ${end}`, ...cells.map((cell) => cell.dataset[end] ?? "")]);
    return isBounded ? [column, ...bounds] : [column];
  }).flat();
  return texts[0].map((_, row) => texts.map((column) => column[row]));
}

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    button.dataset.done = "";
  } catch { // where a page may not write to the clipboard, the text is there to be taken
    const area = button.closest(".copied").querySelector("textarea");
    area.hidden = false;
    area.value = text;
    area.select();
  }
}

function sort(body, place, head) {
  const worth = (row) => row.cells[place].dataset.v ?? said(row.cells[place]);
  const rows = [...body.rows], isNumeric = rows.every((row) => !isNaN(worth(row)));
  // nothing comes last
  const before = head.ariaSort, isUp = before ? before === "descending" : !isNumeric, { compare } = new Intl.Collator("en");
  body.append(...rows.sort((one, other) => {
    const left = worth(one), right = worth(other);
    if (left === "" || right === "") return (left === "") - (right === "");
    return (isUp ? 1 : -1) * (isNumeric ? left - right : compare(left, right));
  }));
  for (const other of head.parentElement.cells) other.ariaSort = null;
  head.ariaSort = isUp ? "ascending" : "descending";
}

for (const table of document.querySelectorAll("table[data-sheet]")) {
  const tools = document.getElementById(table.dataset.sheet), [body] = table.tBodies, rows = [...body.rows];
  tools.hidden = false;
  [...table.tHead.rows[0].cells].forEach((head, place) => {
    const button = document.createElement("button");
    button.append(...head.childNodes);
    button.onclick = () => sort(body, place, head);
    head.append(button);
  });
  tools.querySelector("input").oninput = ({ target }) => {
    const words = target.value.toLowerCase().split(/\s+/);
    for (const row of rows) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
    const shown = rows.filter((row) => !row.hidden).length;
    tools.querySelector("output").textContent = shown < rows.length ? `${shown} of ${rows.length} lines` : "";
  };
  for (const button of tools.querySelectorAll("[data-form]")) {
    const { form } = button.dataset;
    button.onclick = () => copy(COPIES[form](content(table, form)).join("\n"), button);
  }
}
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.onclick = () => copy(document.getElementById(button.dataset.copy).textContent, button);
}
