// Shared by both pages: unpacking, colours, times, tables, and reloading when there is a newer run.
"use strict";

const byId = (id) => document.getElementById(id);
const isNarrow = matchMedia("(max-width: 600px)").matches;

/** Decodes base 85 (five digits for four bytes), after the number of bytes. */
function bytesOf(text) {
  const [length, digits] = text.split(" ");
  const view = new DataView(new ArrayBuffer((digits.length / 5) * 4));
  const digit = (at) => (digits[at] === "~" ? 60 : digits.charCodeAt(at)) - 35;
  for (let at = 0; at < digits.length; at += 5) {
    let number = 0;
    for (let place = 0; place < 5; place += 1) number = number * 85 + digit(at + place);
    view.setUint32((at / 5) * 4, number);
  }
  return new Uint8Array(view.buffer, 0, Number(length));
}

async function unpacked(id) {
  const stream = new Blob([bytesOf(byId(id).textContent)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
}

/** UTC with milliseconds. Times of a script can be out of range. */
function utc(ms) {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? ms + " ms" : date.toISOString().replace("T", " ").replace("Z", "");
}

function clock(ms) {
  return utc(ms).split(" ").pop();
}

/** Escapes labels, since the library interprets some tags. */
function plain(text) {
  return String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Text is left-aligned, numbers are right-aligned; long text wraps. */
const CLASSES = { text: { class: "text" }, long: { class: "text long" } };

/** A table that can be sorted and filtered. `columns` are `[name, kind]`; a cell of the kind `link` is a file name. */
class Table {
  static STEP = 200;

  constructor(place, { columns, rows, sorted }) {
    Object.assign(this, { columns, rows, by: sorted ?? null, isDown: false, words: [], most: Table.STEP });
    this.texts = rows.map((row) => row.map((cell, at) => this.shown(cell, at)));
    this.search = this.texts.map((texts) => texts.join(" ").toLowerCase());
    this.count = element("span", { role: "status" });
    const filter = element("input", { type: "search", placeholder: "Filter rows", "aria-label": "Filter rows" });
    filter.addEventListener("input", () => {
      this.words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      this.draw();
    });
    this.heads = columns.map(([name, kind], at) => {
      const button = element("button", { type: "button" }, name);
      button.addEventListener("click", () => this.sortBy(at));
      return element("th", { scope: "col", ...CLASSES[kind] }, button);
    });
    this.body = element("tbody");
    this.more = element("button", { type: "button", class: "more-rows" });
    this.more.addEventListener("click", () => { this.most += 5 * Table.STEP; this.draw(); });
    const table = element("table", {}, element("thead", {}, element("tr", {}, ...this.heads)), this.body);
    place.append(element("div", { class: "tools" }, filter, this.count), element("div", { class: "scroll" }, table), this.more);
    this.draw();
  }

  shown(cell, at) {
    if (cell === null || cell === undefined) return "";
    return this.columns[at][1] === "time" ? utc(cell) : String(cell);
  }

  sortBy(at) {
    this.isDown = this.by === at && !this.isDown;
    this.by = at;
    this.draw();
  }

  /** Empty cells come last in both directions. */
  compare(one, other) {
    const [a, b] = [this.rows[one][this.by], this.rows[other][this.by]];
    const isEmpty = (cell) => cell === null || cell === undefined || cell === "";
    if (isEmpty(a) || isEmpty(b)) return isEmpty(a) - isEmpty(b);
    const difference = Number(a) - Number(b);
    const order = Number.isNaN(difference) ? String(a).localeCompare(String(b), "en", { numeric: true }) : difference;
    return this.isDown ? -order : order;
  }

  draw() {
    let found = [...this.rows.keys()].filter((row) => this.words.every((word) => this.search[row].includes(word)));
    if (this.by !== null) found = found.sort((one, other) => this.compare(one, other) || one - other);
    this.heads.forEach((head, at) => {
      head.removeAttribute("aria-sort");
      if (at === this.by) head.setAttribute("aria-sort", this.isDown ? "descending" : "ascending");
    });
    const shown = found.slice(0, this.most);
    this.body.replaceChildren(...shown.map((row) => element("tr", {}, ...this.cells(row))));
    const all = this.rows.length;
    this.count.textContent = found.length === all ? `${all} ${all === 1 ? "row" : "rows"}` : `${found.length} of ${all} rows`;
    this.more.hidden = shown.length === found.length;
    this.more.textContent = `Show more: ${found.length - shown.length} are left`;
  }

  cells(row) {
    return this.texts[row].map((text, at) => {
      const kind = this.columns[at][1];
      if (kind === "link" && text) return element("td", {}, element("a", { href: text }, "open"));
      return element("td", CLASSES[kind], text);
    });
  }
}

const CONFIG = { responsive: true, displaylogo: false, displayModeBar: isNarrow ? false : undefined };

/** The layout that all charts share. */
function layout(more) {
  const font = { family: "system-ui, 'Segoe UI', 'Liberation Sans', sans-serif", size: isNarrow ? 11 : 12, color: color("ink") };
  return {
    font, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", hovermode: "closest",
    // On touch screens, dragging scrolls the page.
    dragmode: isNarrow ? false : "zoom",
    margin: { t: 28, r: 12, b: 36, l: isNarrow ? 58 : 72 },
    hoverlabel: { align: "left", bgcolor: color("panel"), bordercolor: color("edge"), font: { ...font, color: color("ink") } },
    ...more,
  };
}

function axis(more) {
  return {
    gridcolor: color("edge"), linecolor: color("edge"), zerolinecolor: color("edge"), tickcolor: color("edge"),
    exponentformat: "none", ...more,
  };
}

/** A heading of a chart, at the top left of its part of the figure. */
function heading(text, y = 1) {
  return {
    text: `<b>${text}</b>`, xref: "paper", yref: "paper", x: 0, y, xanchor: "left", yanchor: "bottom", showarrow: false, yshift: 3,
    font: { size: isNarrow ? 11 : 13, color: color("ink") },
  };
}

/** Draws a chart, and redraws it when the system's colour scheme changes. `make` returns traces and a layout. */
async function chart(place, make) {
  const draw = () => {
    const { traces, layout } = make();
    return Plotly.react(place, traces, layout, CONFIG);
  };
  await draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}

/** Polls a script beside the page for a newer run. A page from disk can load scripts, but cannot fetch other files. */
function watch(bar) {
  const { file, run } = bar.dataset;
  window.tesserWatch = (now) => {
    if (String(now.run) !== run) location.reload();
    bar.textContent = now.note;
    bar.classList.toggle("bad", now.failed);
  };
  const ask = () => {
    const script = element("script", { src: `${file}?${Date.now()}` });
    const done = () => { script.remove(); setTimeout(ask, 500); };
    script.addEventListener("load", done);
    script.addEventListener("error", () => {
      bar.textContent = "cargo tesser watch is not running: this page is its last run";
      done();
    });
    document.head.append(script);
  };
  ask();
}

async function start() {
  if (byId("watch")) watch(byId("watch"));
  const data = JSON.parse(await unpacked("data"));
  const tables = [...document.querySelectorAll("[data-table]")];
  for (const place of tables) new Table(place, data.tables[place.dataset.table]);
  const library = document.createElement("script");
  library.textContent = await unpacked("library");
  document.head.append(library);
  await (data.kind === "sweep" ? drawSweep(data) : drawRun(data));
  document.body.dataset.drawn = data.kind;
}

start().catch((error) => {
  const place = byId("failed");
  place.hidden = false;
  place.textContent = `The charts and tables cannot be shown: ${error}. They need Chrome 80, Firefox 113 or Safari 16.4, or later.`;
  document.body.dataset.drawn = "failed";
});
