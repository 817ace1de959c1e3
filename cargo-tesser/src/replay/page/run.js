// The page of one run: price, orders and fills over time, then the parts of the cost.
"use strict";

/** Restores times from their differences, which compress better. */
function sums(differences) {
  let sum = 0;
  return differences.map((difference) => (sum += difference));
}

/** Rows of a table as objects, by the names of its columns. */
function records({ columns, rows }) {
  return rows.map((row) => Object.fromEntries(columns.map(([name], at) => [name, row[at]])));
}

/** Orders of the symbol as lines from sending to end. */
function ordersOf(data) {
  const rows = records(data.tables.orders);
  return data.orders.map(([at, first, amendments]) => {
    const row = rows[at];
    const [sent, ended] = [row["sent (UTC)"], row["ended (UTC)"] ?? data.end];
    const limit = row["last limit"] === null ? "" : ` at ${row["last limit"]}`;
    return {
      number: row.order,
      kind: { filled: "filled", open: "open" }[row.state] ?? "ended",
      steps: [[sent, first], ...amendments, [ended, (amendments.at(-1) ?? [sent, first])[1]]],
      text: `<b>order ${row.order}</b>: ${row.type} ${row.side} ${row.quantity}${limit}<br>${row.state}, ${row.filled} filled`
        + `<br>${utc(sent)} to ${clock(ended)}`,
    };
  });
}

function fillsOf(data, orders) {
  const own = new Set(orders.map((order) => order.number));
  return records(data.tables.fills).filter((row) => own.has(row.order)).map((row) => ({
    time: row["time (UTC)"], price: Number(row.price), quantity: Number(row.quantity), liquidity: row.liquidity,
    text: `<b>${row.quantity} at ${row.price}</b><br>order ${row.order}, ${row.liquidity}${row.fee === null ? "" : `, fee ${row.fee}`}`
      + `<br>${utc(row["time (UTC)"])}`,
  }));
}

function stepsOf(orders, isShown) {
  const [x, y, text, symbols] = [[], [], [], []];
  for (const order of orders.filter(isShown)) {
    order.steps.forEach(([time, price], at) => {
      x.push(time); y.push(price); text.push(order.text);
      symbols.push(at === 0 ? "triangle-right" : "line-ns-open");
    });
    x.push(null); y.push(null); text.push(""); symbols.push("circle");
  }
  return { x, y, text, symbols };
}

function orderTraces(orders) {
  const kinds = [
    ["filled", "order, filled", "order", "solid"],
    ["ended", "order, ended unfilled", "ended", "dot"],
    ["open", "order, open at the end", "working", "dash"],
  ];
  return kinds.filter(([kind]) => orders.some((order) => order.kind === kind)).map(([kind, name, hue, dash]) => {
    const { x, y, text, symbols } = stepsOf(orders, (order) => order.kind === kind);
    const paint = color(hue);
    return {
      type: "scatter", mode: "lines+markers", name, x, y, text, hoverinfo: "text",
      line: { shape: "hv", width: 2, color: paint, dash }, marker: { symbol: symbols, size: 7, color: paint, line: { width: 1.5, color: paint } },
    };
  });
}

function fillTraces(fills) {
  const kinds = [
    ["maker", "fill, maker", "maker", "circle"],
    ["taker", "fill, taker", "taker", "diamond"],
    ["", "fill", "maker", "square"],
  ];
  const most = Math.max(...fills.map((fill) => fill.quantity));
  const [least, more] = fills.length > 300 ? [isNarrow ? 2 : 4, 5] : [6, 14];
  return kinds.map(([kind, name, hue, symbol]) => {
    const own = fills.filter((fill) => fill.liquidity === kind);
    return own.length && {
      type: "scatter", mode: "markers", name, x: own.map((f) => f.time), y: own.map((f) => f.price), text: own.map((f) => f.text),
      hoverinfo: "text",
      marker: {
        symbol, color: color(hue), opacity: 0.85, size: own.map((f) => least + more * Math.sqrt(f.quantity / most)),
        line: { width: 1, color: color("ground") },
      },
    };
  }).filter(Boolean);
}

/** Horizontal lines over the whole time range, with their values in the legend. */
function levelTraces(data) {
  const looks = { arrival: "dash", vwap: "dot", limit: "longdashdot" };
  return data.levels.map(({ name, label, price, value }) => ({
    type: "scatter", mode: "lines", name: `${label} ${price}`, x: [data.start, data.end], y: [value, value], hoverinfo: "name",
    line: { dash: looks[name], width: 1.5, color: color(name) },
  }));
}

const WIDTHS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 144e5, 432e5, 864e5,
];

/** About a hundred volume bars, so that each is wide enough to see. */
function barWidth(data) {
  const least = Math.max((data.end - data.start) / (isNarrow ? 50 : 110), data.volume.width);
  return WIDTHS.find((width) => width >= least) ?? Math.ceil(least / 864e5) * 864e5;
}

function bars(times, volumes, width) {
  const sum = new Map();
  times.forEach((time, at) => {
    const middle = Math.floor(time / width) * width + width / 2;
    sum.set(middle, (sum.get(middle) ?? 0) + volumes[at]);
  });
  return { x: [...sum.keys()], y: [...sum.values()] };
}

function volumeTraces(data, width) {
  const market = bars(sums(data.volume.times), data.volume.quantities, width);
  const own = bars(data.fills.map((fill) => fill.time), data.fills.map((fill) => fill.quantity), width);
  const trace = (name, { x, y }, hue, share) => ({
    type: "bar", name, x, y, width: width * share, yaxis: "y2", marker: { color: color(hue) },
    hovertemplate: `%{y} in ${duration(width)} from %{x}<extra>${name}</extra>`,
  });
  return [trace("market volume", market, "volume", 0.92), ...(own.x.length ? [trace("own fills", own, "maker", 0.46)] : [])];
}

function duration(ms) {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 6e4) return `${ms / 1000} s`;
  return ms < 36e5 ? `${ms / 6e4} min` : `${ms / 36e5} h`;
}

function scheduleTraces(data) {
  let sum = 0;
  const filled = data.fills.map((fill) => (sum += fill.quantity));
  const line = (name, x, y, more) => ({ type: "scatter", mode: "lines", name, x, y, yaxis: "y3", ...more });
  return [
    line("even schedule", [...data.interval, data.end], [0, data.target, data.target], {
      line: { dash: "dash", width: 1.5, color: color("muted") }, hovertemplate: "%{y} by %{x}<extra>even schedule</extra>",
    }),
    line("filled", [data.start, ...data.fills.map((fill) => fill.time), data.end], [0, ...filled, sum], {
      line: { shape: "hv", width: 2.5, color: color("maker") }, fill: "tozeroy", fillcolor: color("maker") + "22",
      hovertemplate: "%{y} by %{x}<extra>filled</extra>",
    }),
  ];
}

const pricesOf = (order) => order.steps.map(([, price]) => price);

/** The price range: prices and fills, or orders if nothing was filled. Other orders and the limit extend it only if they are near. */
function priceRange(data) {
  const must = [...data.price.prices, ...data.fills.map((fill) => fill.price)];
  if (!data.fills.length) must.push(...data.orders.flatMap(pricesOf));
  if (!must.length) return undefined;
  let [low, high] = must.reduce(([low, high], price) => [Math.min(low, price), Math.max(high, price)], [Infinity, -Infinity]);
  const reach = (high - low) * 0.6 || Math.abs(high) * 0.0005 || 1;
  const near = [...data.orders.flatMap(pricesOf), ...data.levels.map((level) => level.value)]
    .filter((price) => price >= low - reach && price <= high + reach);
  for (const price of near) [low, high] = [Math.min(low, price), Math.max(high, price)];
  const edge = (high - low) * 0.06 || reach;
  return [low - edge, high + edge];
}

/** The heading, with the number of orders out of view. */
function priceHeading(data, range) {
  const isOut = (price) => price < range[0] || price > range[1];
  const out = range ? data.orders.filter((order) => pricesOf(order).some(isOut)).length : 0;
  const words = out === 1 ? "1 order is out of view" : `${out} orders are out of view`;
  return "Price (time in UTC)" + (out ? `</b>; ${words}${isNarrow ? "" : ", a double click shows all"}<b>` : "");
}

function courseOf(data) {
  const width = barWidth(data);
  const range = priceRange(data);
  const price = {
    type: "scatter", mode: "lines", name: "price", x: sums(data.price.times), y: data.price.prices,
    line: { shape: "hv", width: 1.2, color: color("price") }, hovertemplate: "%{y} at %{x|%H:%M:%S.%L}<extra>price</extra>",
  };
  const edge = Math.max((data.end - data.start) * 0.01, 1);
  const traces = [price, ...levelTraces(data), ...orderTraces(data.orders), ...fillTraces(data.fills), ...volumeTraces(data, width), ...scheduleTraces(data)];
  const tops = [1, 0.4, 0.2];
  return {
    traces,
    layout: layout({
      barmode: "overlay", showlegend: true, uirevision: "kept",
      legend: { orientation: "h", x: 0, y: isNarrow ? -0.1 : -0.075, yanchor: "top", font: { size: isNarrow ? 10.5 : 12 } },
      annotations: [heading(priceHeading(data, range), tops[0]), heading(`Volume in ${duration(width)}`, tops[1]), heading("Filled against an even schedule", tops[2])],
      xaxis: axis({
        type: "date", range: [data.start - edge, data.end + edge], anchor: "y3", nticks: isNarrow ? 4 : 9, showspikes: true, spikemode: "across",
        spikethickness: 1, spikedash: "dot", spikecolor: color("muted"),
      }),
      yaxis: axis({ domain: [0.46, 1], range }),
      yaxis2: axis({ domain: [0.26, 0.4], rangemode: "tozero", nticks: 4 }),
      yaxis3: axis({ domain: [0, 0.2], range: [0, 1.08 * Math.max(data.target, ...scheduleTraces(data)[1].y)], nticks: 5 }),
    }),
  };
}

/** Adds room for the labels at the ends of bars. */
function withRoom(values) {
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const room = (high - low) * 0.18 || 1;
  return [low < 0 ? low - room : low, high + room];
}

function partsOf(data) {
  const values = data.parts.map((part) => part.value);
  const ends = sums(values.slice(0, -1));
  // The library puts the label of a falling bar below it, where it would cover the axis label of a thin bar.
  const above = ({ name, bps }, at) => {
    const [from, to] = at < ends.length ? [ends[at - 1] ?? 0, ends[at]] : [0, ends.at(-1)];
    return { x: name, y: Math.max(from, to), text: bps, yanchor: "bottom", showarrow: false };
  };
  const hue = (name) => ({ marker: { color: color(name) } });
  return {
    traces: [{
      type: "waterfall", x: data.parts.map((part) => part.name), y: values, customdata: data.parts.map((part) => part.bps),
      measure: data.parts.map((_, at) => (at + 1 < data.parts.length ? "relative" : "total")), cliponaxis: false,
      increasing: hue("cost"), decreasing: hue("gain"), totals: hue("order"), connector: { line: { width: 1, color: color("muted") } },
      hovertemplate: "%{x}: %{customdata} bps<extra></extra>",
    }],
    layout: layout({
      annotations: [heading("Where the shortfall comes from, bps"), ...data.parts.map(above)], showlegend: false, dragmode: false, margin: { t: 40, r: 12, b: 36, l: 52 },
      xaxis: axis({ fixedrange: true }), yaxis: axis({ fixedrange: true, automargin: true, range: withRoom(ends) }),
    }),
  };
}

function markoutsOf(data) {
  return {
    traces: [{
      type: "bar", x: data.markouts.map((m) => `${m.seconds} s${m.bps === null ? "<br>no later price" : ""}`), y: data.markouts.map((m) => m.value), width: 0.5, textposition: "outside",
      text: data.markouts.map((m) => m.bps ?? ""), cliponaxis: false,
      customdata: data.markouts.map((m) => m.fills), hovertemplate: "%{text} bps after %{x}, %{customdata} fills<extra></extra>",
      marker: { color: data.markouts.map((m) => color(m.value > 0 ? "cost" : "gain")) },
    }],
    layout: layout({
      annotations: [heading("Markouts: fills against the price later, bps")], showlegend: false, dragmode: false,
      margin: { t: 40, r: 12, b: 44, l: 52 }, xaxis: axis({ type: "category", fixedrange: true }),
      yaxis: axis({
        fixedrange: true, automargin: true, zeroline: true, zerolinecolor: color("muted"), range: withRoom(data.markouts.map((m) => m.value ?? 0)),
      }),
    }),
  };
}

async function drawRun(packed) {
  const orders = ordersOf(packed);
  const data = { ...packed, orders, fills: fillsOf(packed, orders) };
  await chart(byId("course"), () => courseOf(data));
  if (byId("parts")) await chart(byId("parts"), () => partsOf(data));
  if (byId("markouts")) await chart(byId("markouts"), () => markoutsOf(data));
  keepZoom(byId("course"));
}

/** Restores the time range that was shown before the page reloaded. */
function keepZoom(place) {
  const key = "zoom:" + location.pathname;
  try {
    const kept = JSON.parse(sessionStorage.getItem(key));
    if (byId("watch") && kept) Plotly.relayout(place, { "xaxis.range": kept });
    place.on("plotly_relayout", () => {
      const { range, autorange } = place.layout.xaxis;
      if (autorange) sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, JSON.stringify(range));
    });
  } catch { /* A browser may keep nothing for a page from a disk. */ }
}
