// Keeps a page up to date: what /events tells is collected, and shown once a frame. Nothing that is told
// becomes HTML: texts are texts, whoever has written them.
"use strict";

const SILENCE_MS = 25_000; // the server tells something every 10 s
const RETRY_MS = 2_000;
const KEPT_S = 7_200;
const CHART_MS = 1_000; // between two drawings of a chart, whose points are a second apart
const colours = ["--stored", "--reserved", "--third", "--fourth", "--text"];

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// A time on an axis, as fine as its span asks for, in the zone of all other times.
function times(first, last) {
  const days = (last - first) / 86_400;
  const shown = days > 100 ? { month: "short" } : days > 2 ? { day: "numeric", month: "numeric" } : { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { ...shown, timeZone: document.body.dataset.zone });
  return (seconds) => format.format(new Date(seconds * 1_000));
}

function charted(element, names, data, unit, live) {
  const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line") }, ticks: { stroke: colour("--line") } };
  const language = document.documentElement.lang;
  const numbers = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 3 });
  const small = document.body.classList.contains("wall") ? innerHeight / 50 : 12;
  const font = `${Math.max(12, small)}px system-ui, sans-serif`;
  const chart = new uPlot(
    {
      width: element.clientWidth,
      height: Math.max(200, element.clientWidth / 5),
      legend: { show: false },
      cursor: { show: false },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), document.body.dataset.zone),
      scales: { x: { range: (_, low, high) => (live ? [high - KEPT_S, high] : [low, high]) }, y: { range: (_, low, high) => [Math.min(0, low ?? 0), high ? high * 1.05 : 1] } },
      axes: [{ ...axis, font, size: small * 4, values: (chart, ticks) => ticks.map(times(chart.scales.x.min, chart.scales.x.max)) }, { ...axis, font, size: small * 6, values: (_, ticks) => ticks.map((each) => numbers.format(each)) }],
      series: [
        {},
        ...names.map((label, index) => ({
          label: `${label} ${unit}`,
          stroke: colour(colours[index % colours.length]),
          width: 2,
          dash: index % 2 ? [6, 4] : [],
          points: { show: data[0] && data[0].length < 50 },
        })),
      ],
    },
    data,
    element,
  );
  new ResizeObserver(() => {
    const width = element.clientWidth;
    if (width && width !== chart.width) chart.setSize({ width, height: Math.max(200, width / 5) });
  }).observe(element);
  return chart;
}

class Page {
  constructor() {
    this.values = this.found("[data-value]", (each) => each.dataset.value);
    this.tables = this.found("[data-rows]", (each) => each.dataset.rows);
    this.known = new Map();
    this.charts = new Map();
    this.points = new Map(); // that are not drawn yet
    this.clear();
    this.frame = 0;
    this.status = document.getElementById("status");
    this.asOf = document.getElementById("as_of");
  }

  found(selector, key) {
    return new Map([...document.querySelectorAll(selector)].map((each) => [key(each), each]));
  }

  clear() {
    this.pending = { values: new Map(), bars: new Map(), rows: new Map() };
  }

  // Add what was told to what is still to be shown; the latest of each counts.
  take(told) {
    if (told.shape !== undefined && told.shape !== document.body.dataset.shape) {
      location.reload();
      return;
    }
    const { pending } = this;
    for (const name of ["status", "as_of"]) if (told[name] !== undefined) pending[name] = told[name];
    for (const [key, value] of Object.entries(told.values ?? {})) pending.values.set(key, value);
    for (const [key, value] of Object.entries(told.bars ?? {})) pending.bars.set(key, value);
    for (const [key, change] of Object.entries(told.rows ?? {})) {
      if (!this.tables.has(key)) continue;
      const rows = told.full ? new Map() : pending.rows.get(key)?.rows ?? new Map();
      for (const row of change.gone ?? []) rows.set(row, null);
      for (const [row, cells] of Object.entries(change.set)) rows.set(row, cells);
      const replace = told.full || pending.rows.get(key)?.replace;
      pending.rows.set(key, { rows, kinds: change.kinds, replace });
    }
    for (const [key, points] of Object.entries(told.points ?? {})) {
      const known = told.full ? [] : this.points.get(key) ?? [];
      known.push(points);
      this.points.set(key, known);
    }
    if (told.full) for (const chart of this.charts.values()) chart.setData([[], [], []]);
    if (this.points.size) this.drawing ??= setTimeout(() => this.draw(), this.charts.size ? CHART_MS : 0);
    this.frame ||= requestAnimationFrame(() => this.show());
  }

  show() {
    this.frame = 0;
    const { pending } = this;
    this.clear();
    if (pending.status) this.tell(...pending.status);
    if (pending.as_of !== undefined) this.asOf.textContent = pending.as_of;
    for (const [key, value] of pending.values) {
      const element = this.values.get(key);
      if (element) element.firstChild.textContent = value;
    }
    for (const [key, [available, reserved]] of pending.bars) {
      const [first, second] = document.querySelectorAll(`[data-bar="${CSS.escape(key)}"]`);
      if (!second) continue;
      first.setAttribute("width", available);
      second.setAttribute("x", available);
      second.setAttribute("width", reserved);
    }
    for (const [key, change] of pending.rows) this.showRows(this.tables.get(key), change);
  }

  draw() {
    this.drawing = undefined;
    for (const [key, parts] of this.points) this.showPoints(key, parts);
    this.points.clear();
  }

  // A table's rows by their keys, looked up once.
  rowsOf(table) {
    if (!this.known.has(table)) {
      this.known.set(table, new Map([...table.tBodies[0].rows].map((each) => [each.dataset.row, each])));
    }
    return this.known.get(table);
  }

  tell(kind, text) {
    if (this.status.className !== kind) this.status.className = kind;
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  showRows(table, { rows, kinds, replace }) {
    const body = table.tBodies[0];
    const known = this.rowsOf(table);
    if (replace) for (const [key, each] of known) if (!rows.has(key)) { each.remove(); known.delete(key); }
    for (const [key, cells] of [...rows].sort(([one], [other]) => (one < other ? -1 : 1))) {
      let row = known.get(key);
      if (cells === null) {
        row?.remove();
        known.delete(key);
        continue;
      }
      if (!row) {
        row = document.createElement("tr");
        row.dataset.row = key;
        const next = [...body.rows].find((each) => each.dataset.row > key);
        body.insertBefore(row, next ?? null);
        known.set(key, row);
      }
      cells.forEach((text, index) => {
        let cell = row.cells[index];
        if (!cell) {
          cell = row.insertCell();
          cell.append(document.createElement("bdi"));
        }
        if (cell.className !== kinds[index]) cell.className = kinds[index];
        if (cell.firstChild.textContent !== text) cell.firstChild.textContent = text;
      });
    }
    [...table.tHead.rows[0].cells].forEach((head, index) => {
      if (head.classList.contains("n") !== (kinds[index] === "n")) head.classList.toggle("n");
    });
    if (!body.rows.length) body.replaceChildren(); // not even a space: its style tells that there is nothing
  }

  showPoints(key, parts) {
    const element = document.querySelector(`[data-points="${CSS.escape(key)}"]`);
    if (!element) return;
    let chart = this.charts.get(key);
    if (!chart) {
      chart = charted(element, JSON.parse(element.dataset.names), [[], [], []], element.dataset.unit, true);
      this.charts.set(key, chart);
    }
    const data = chart.data.map((each) => [...each]);
    for (const points of parts) {
      const since = points[0][0];
      while (data[0].length && data[0][data[0].length - 1] >= since) data.forEach((each) => each.pop());
      points.forEach((each, index) => { for (const point of each) data[index].push(point); });
    }
    const oldest = data[0][data[0].length - 1] - KEPT_S;
    const gone = data[0].findIndex((each) => each >= oldest);
    chart.setData(gone > 0 ? data.map((each) => each.slice(gone)) : data);
  }
}

// A stream that says nothing is as lost as one that breaks off: each is opened again, and tells all anew.
function listen(page) {
  let source;
  let silence;
  const lost = () => {
    source.close();
    clearTimeout(silence);
    page.tell("lost", document.body.dataset.lost);
    setTimeout(open, RETRY_MS);
  };
  const wait = () => {
    clearTimeout(silence);
    silence = setTimeout(lost, SILENCE_MS);
  };
  function open() {
    source = new EventSource(document.body.dataset.events);
    source.onmessage = (message) => {
      wait();
      page.take(JSON.parse(message.data));
    };
    source.onerror = lost;
    wait();
  }
  open();
}

for (const element of document.querySelectorAll("[data-series]")) {
  charted(element, JSON.parse(element.dataset.names), JSON.parse(element.dataset.series), "", false);
}
for (const body of document.querySelectorAll("tbody")) if (!body.rows.length) body.replaceChildren();
if (document.body.dataset.events) listen(new Page());
