// The page of a sweep: one figure of all runs against each parameter, and against two at once.
"use strict";

const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

/** The runs that have a value. */
function measured(runs, metric) {
  return runs.filter((run) => run.metrics[metric] !== null);
}

/** Basis points: below 0 is a gain, above it a cost. */
const isSigned = (metric) => metric < 2;

/** Lower is better, except for the filled share and the maker share. */
function scale(metric) {
  const isCost = isSigned(metric);
  const [good, middle, bad] = [color("gain"), color("panel"), color("cost")];
  return isCost ? [[0, good], [0.5, middle], [1, bad]] : [[0, bad], [0.5, middle], [1, good]];
}

function labelOf(data, run) {
  const words = data.dimensions.map(({ name, values }, at) => `${plain(name)} ${plain(values[run.at[at]])}`);
  return words.join("<br>");
}

function heatOf(data, metric) {
  const [first, second] = data.heat;
  const [down, across] = data.heat.map((at) => data.dimensions[at]);
  const [name, unit] = data.metrics[metric];
  const runs = measured(data.runs, metric);
  // Means over different sets of tapes, starts or sides are not comparable.
  const others = [...data.dimensions.keys()].filter((at) => !data.heat.includes(at));
  const markets = (some) => new Set(some.map((run) => others.map((at) => run.at[at]).join())).size;
  const z = down.values.map((_, row) => across.values.map((_, column) => {
    const own = runs.filter((run) => run.at[first] === row && run.at[second] === column);
    return own.length && markets(own) === markets(runs) ? mean(own.map((run) => run.metrics[metric])) : null;
  }));
  const over = others.length ? `, mean over the ${others.map((at) => `${plain(data.dimensions[at].name)}s`).join(" and ")}` : "";
  const cells = down.values.length * across.values.length;
  return {
    traces: [{
      type: "heatmap", x: across.values.map(plain), y: down.values.map(plain), z, colorscale: scale(metric), xgap: 2, ygap: 2,
      // A cost is never shown in the colour of a gain, even if all runs have costs.
      zmid: isSigned(metric) ? 0 : undefined,
      texttemplate: cells <= (isNarrow ? 60 : 200) ? "%{z:.2f}" : undefined,
      colorbar: isNarrow ? undefined : { title: { text: unit }, thickness: 14, outlinewidth: 0 }, showscale: !isNarrow,
      hovertemplate: `${plain(down.name)} %{y}<br>${plain(across.name)} %{x}<br>%{z:.4f} ${unit}<extra></extra>`,
    }],
    layout: layout({
      annotations: [heading(`${name[0].toUpperCase()}${name.slice(1)}, ${unit}${over}`)], margin: { t: 32, r: 12, b: 52, l: 60 }, dragmode: false,
      xaxis: axis({ type: "category", title: { text: plain(across.name) }, fixedrange: true, showgrid: false }),
      yaxis: axis({ type: "category", title: { text: plain(down.name), standoff: 8 }, automargin: true, fixedrange: true, showgrid: false }),
    }),
  };
}

/** Each run is a dot; the line connects the means. */
function panelOf(data, at, metric) {
  const { name, values } = data.dimensions[at];
  const runs = measured(data.runs, metric);
  const isNumeric = values.every((value) => value !== "" && !Number.isNaN(Number(value)));
  // Values that are not numbers are not connected by a line: their means are dashes.
  const place = (value) => (isNumeric ? Number(value) : values.indexOf(value));
  const groups = values.map((value, index) => [value, runs.filter((run) => run.at[at] === index).map((run) => run.metrics[metric])]);
  const means = groups.filter(([, numbers]) => numbers.length);
  const [words, unit] = data.metrics[metric];
  const shorter = (value) => plain(value.length > 18 ? "…" + value.slice(-17) : value);
  const good = (run) => (run.ok ? color("order") : color("bad"));
  return {
    traces: [
      {
        type: "scatter", mode: "markers", x: runs.map((run) => place(values[run.at[at]])), y: runs.map((run) => run.metrics[metric]),
        text: runs.map((run) => labelOf(data, run)), hovertemplate: `%{text}<br>%{y:.4f} ${unit}<extra></extra>`,
        marker: { size: 7, opacity: 0.6, color: runs.map(good), symbol: runs.map((run) => (run.ok ? "circle" : "x")) },
      },
      {
        type: "scatter", mode: isNumeric ? "lines" : "markers", x: means.map(([value]) => place(value)), y: means.map(([, numbers]) => mean(numbers)),
        line: { width: 2, color: color("ink") }, hoverinfo: "skip",
        marker: { symbol: "line-ew-open", size: 34, line: { width: 2, color: color("ink") } },
      },
    ],
    layout: layout({
      annotations: [heading(`${plain(name)}: ${words}, ${unit}`)], showlegend: false, margin: { t: 32, r: 12, b: 36, l: 56 },
      xaxis: axis(isNumeric
        ? (values.length <= 8 ? { tickmode: "array", tickvals: values.map(Number), ticktext: values } : {})
        : { tickmode: "array", tickvals: [...values.keys()], ticktext: values.map(shorter), range: [-0.6, values.length - 0.4] }),
      yaxis: axis({ automargin: true }),
    }),
  };
}

async function drawSweep(data) {
  if (!data.dimensions.length) return;
  const choice = element("select", { id: "which" }, ...data.metrics.map(([name, unit], at) => element("option", { value: at }, `${name}, ${unit}`)));
  byId("metric").append(element("label", { for: "which" }, "Shown:"), choice,
    "A dot is a run, a cross a run with errors; lines and dashes are means.");
  const panels = data.dimensions.map(() => byId("parameters").appendChild(element("div", { class: "chart" })));
  const metric = () => Number(choice.value);
  const draw = async (make) => {
    if (byId("heat")) await make(byId("heat"), () => heatOf(data, metric()));
    for (const [at, panel] of panels.entries()) await make(panel, () => panelOf(data, at, metric()));
  };
  await draw(chart);
  choice.addEventListener("change", () => draw((place, make) => {
    const { traces, layout } = make();
    return Plotly.react(place, traces, layout, CONFIG);
  }));
}
