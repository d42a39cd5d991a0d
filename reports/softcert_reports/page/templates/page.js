"use strict";
(() => {
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const root = document.documentElement;
  const data = JSON.parse($("#data").textContent);
  root.classList.add("js");

  // Theme: the system's, until the reader chooses (storage may be refused to a page opened from disk).
  const stored = { get: () => { try { return localStorage.getItem("softcert-theme"); } catch { return null; } },
    set: (value) => { try { localStorage.setItem("softcert-theme", value); } catch { /* the choice lasts as long as the page */ } } };
  const system = matchMedia("(prefers-color-scheme: dark)");
  const toggle = $("#theme");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const label = () => { toggle.textContent = isDark() ? "Light" : "Dark"; toggle.setAttribute("aria-label", `Switch to the ${isDark() ? "light" : "dark"} theme`); };
  if (stored.get()) root.dataset.theme = stored.get();
  toggle.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; stored.set(root.dataset.theme); label(); });
  system.addEventListener("change", label);
  label();

  // A link may lead into something folded.
  const unfold = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let e = target; e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true;
    target.scrollIntoView({ block: target.tagName === "TD" ? "center" : "start", inline: "center", behavior: "instant" });
    if (target.matches(".cells td")) show(target, false);
  };

  for (const button of $$(".copy")) button.addEventListener("click", async () => {
    const code = $("code", button.parentElement);
    try { await navigator.clipboard.writeText(code.textContent); button.textContent = "Copied"; } catch { getSelection().selectAllChildren(code); button.textContent = "Selected"; }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });

  // Matrix: filters, the number shown, arrow keys, details of a cell.
  const filters = $("#filters"), detail = $("#detail");
  const words = { p: "held", f: "violated", b: "not held, above the level asked for", e: "violated, as expected", u: "undecided", v: "vacuous", n: "not run" };
  const text = (value) => (value === null || value === undefined ? "–" : value === "inf" ? "∞" : value === "-inf" ? "−∞" : typeof value === "number" ? (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6) ? value.toExponential(2) : value.toLocaleString("en")) : String(value));
  const cells = $$(".cells tbody td[id]"), order = new Map(cells.map((cell, i) => [cell, i]));
  const known = (cell) => data.cells[order.get(cell)];
  const heads = (cell) => { const table = cell.closest("table"), row = cell.parentElement; return { row, property: $$("thead tr:last-child th", table)[cell.cellIndex] }; };
  const make = (tag, content, parent, attributes = {}) => { const e = document.createElement(tag); if (content !== null) e.textContent = content; for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v); parent.append(e); return e; };

  function show(cell, move = true) {
    const row = known(cell);
    if (!row) return;
    $$(".cells td.on").forEach((e) => e.classList.remove("on"));
    cell.classList.add("on");
    const { row: line, property } = heads(cell), names = $$("th", line);
    detail.replaceChildren();
    make("h3", property.textContent, detail);
    const where = make("p", null, detail, { class: "where" });
    make("bdi", names[0].textContent, where);
    where.append(` · ${cell.closest(".matrix").dataset.operation} · ${names[1].textContent}`);
    const list = make("dl", null, detail);
    const add = (term, value) => { make("dt", term, list); make("bdi", value, make("dd", null, list)); };
    add("outcome", words[cell.className.replace(" on", "")] || "");
    add("checks", text(row[0] || 0));
    if (row[1]) add("violated", text(row[1]));
    if (row[2]) add("undecided", text(row[2]));
    add("largest error ÷ limit", text(row[3]));
    add("largest error", row[4] == null ? "–" : `${text(row[4])} ulp`);
    if (row[5]) add("reason", data.texts[row[5]]);
    if (row[6]) add("worst case", data.texts[row[6]]);
    const links = make("p", null, detail);
    make("a", "Link to this cell", links, { href: `#${cell.id}` });
    const to = $("a", cell);
    if (to) { links.append(" · "); make("a", "Its finding", links, { href: to.getAttribute("href") }); }
    make("button", "Close", detail, { type: "button" }).addEventListener("click", close);
    detail.hidden = false;
    if (move) history.replaceState(null, "", `#${cell.id}`);
  }
  function close() { detail.hidden = true; const cell = $(".cells td.on"); if (cell) { cell.classList.remove("on"); cell.focus(); } }

  // One cell a table takes part in the tab order (arrow keys move on from it), and it must be one that is seen.
  const firstCells = () => { for (const table of $$(".cells")) {
    const now = $("td[tabindex='0']", table), seen = (c) => !c.hidden && !c.parentElement.hidden;
    if (now && seen(now)) continue;
    if (now) now.tabIndex = -1;
    const first = $$("tbody td[id]", table).find(seen);
    if (first) first.tabIndex = 0;
  } };
  firstCells();
  document.addEventListener("click", (event) => { const cell = event.target.closest(".cells tbody td[id]"); if (cell && !event.target.closest("a")) show(cell); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !detail.hidden) return close();
    const cell = event.target.closest && event.target.closest(".cells tbody td[id]");
    if (!cell || event.target.closest("a") && event.key === "Enter") return;
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); return show(cell); }
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step) return;
    event.preventDefault();
    const rows = $$("tbody tr", cell.closest("table")).filter((r) => !r.hidden);
    let r = rows.indexOf(cell.parentElement), c = cell.cellIndex;
    for (;;) {
      r += step[0]; c += step[1];
      const next = rows[r] && rows[r].cells[c];
      if (!next || c < 3) return;
      if (next.id && !next.hidden) { cell.tabIndex = -1; next.tabIndex = 0; next.focus(); return; }
    }
  });

  let number = -1, texts = null;
  const count = (shown, all) => { $("#shown").textContent = shown === all ? `${all.toLocaleString("en")} cells` : `${shown.toLocaleString("en")} of ${all.toLocaleString("en")} cells`; };
  function filter() {
    const f = Object.fromEntries(new FormData(filters));
    const subject = f.subject.trim().toLowerCase(), property = f.property.trim().toLowerCase().replaceAll("_", " ");
    let shown = 0, all = 0;
    for (const block of $$(".matrix")) {
      const table = $("table", block), heads = $$("thead tr:last-child th", table).slice(3);
      const rows = $$("tbody tr", table);
      const open = !f.operation || block.dataset.operation === f.operation;
      const columns = heads.map((h) => !property || h.dataset.property.toLowerCase().replaceAll("_", " ").includes(property));
      let visible = 0;
      for (const row of rows) {
        const mine = [...row.cells].slice(3);
        const right = (cell, i) => columns[i] && cell.id && (!f.outcome || f.outcome.includes(cell.className[0]));
        row.hidden = !open || (subject && !row.dataset.s.includes(subject)) || (f.format && row.dataset.f !== f.format) || ((f.outcome || property) && !mine.some(right));
        all += mine.filter((c) => c.id).length;
        if (!row.hidden) { visible += 1; shown += mine.filter(right).length; }
      }
      const used = heads.map((_, i) => columns[i] && (!f.outcome || rows.some((r) => !r.hidden && f.outcome.includes(r.cells[i + 3].className[0]))));
      heads.forEach((h, i) => { h.hidden = !used[i]; });
      for (const row of rows) [...row.cells].slice(3).forEach((c, i) => { c.hidden = !used[i]; });
      let at = 0;
      for (const group of $$("thead .group", table)) { const size = group.dataset.size ||= group.colSpan; const left = used.slice(at, at += +size).filter(Boolean).length; group.hidden = !left; group.colSpan = left || 1; }
      block.hidden = !visible;
    }
    const one = f.number === "ratio" ? 3 : f.number === "ulp" ? 4 : -1;
    if (one !== number) {
      texts ||= cells.map((cell) => cell.textContent);
      cells.forEach((cell, i) => { (cell.firstElementChild || cell).textContent = one < 0 ? texts[i] : `${texts[i][0]} ${text(data.cells[i][one])}`; });
      number = one;
    }
    count(shown, all);
    firstCells();
  }
  if (filters) {
    filters.addEventListener("input", filter);
    filters.addEventListener("submit", (event) => event.preventDefault());
    filters.addEventListener("reset", () => setTimeout(filter));
    count(cells.length, cells.length);
  }

  // Plots: drawn when they come into view, or all before printing.
  if (data.plots) {
    const plots = data.plots, form = $("#choose");
    const colours = ["#3b6ea5", "#c2622d", "#2f8f6b", "#a3476f", "#8a7a1f", "#6a58b5", "#3f9aa8", "#a8513f", "#5d8a34", "#9a5fae"];
    const symbols = ["circle", "square", "triangle", "diamond", "cross", "star", "wye"];
    const colour = (i) => colours[i % colours.length], symbol = (i) => symbols[i % symbols.length];
    const number = (v) => (typeof v === "number" ? v : NaN);
    const chosen = () => (form ? Object.fromEntries(new FormData(form)) : {});
    const match = (r, c) => r[1] === c.operation && r[2] === c.format && (c.subject === "" || r[0] === +c.subject);
    const base = (element, options) => ({ className: "plot", width: Math.max(280, Math.min(620, element.clientWidth || 560)), marginLeft: 52, marginBottom: 44, style: { fontSize: "12px" }, ...options });
    const empty = (what) => { const p = document.createElement("p"); p.className = "small"; p.textContent = what; return p; };

    const curve = (axis) => (element) => {
      const c = chosen(), lines = plots.series.filter((r) => r[3] === axis && match(r, c));
      const points = lines.flatMap(([s, , , , list]) => list.map(([x, median, worst, limit]) => ({ s, x, median: number(median), worst: number(worst), limit: number(limit), none: typeof worst === "string" })));
      const ok = (v) => v > 0;
      if (!points.some((p) => ok(p.worst))) return empty("No finite error above zero to draw.");
      const bounds = plots.limits.filter((r) => r[0] === c.operation && r[1] === c.format && r[2] === axis && (c.subject === "" || r[3].includes(+c.subject)))
        .map((r) => r[4].map(([x, limit]) => ({ x, limit: number(limit), own: r[3].length === 1 && lines.length > 1 ? colour(r[3][0]) : "currentColor" })).filter((p) => ok(p.limit) && p.x > 0));
      const worst = Math.max(...points.filter((p) => ok(p.worst)).map((p) => p.worst));
      const top = Math.max(worst, Math.min(worst * 1e3, Math.max(worst, ...bounds.flat().map((p) => p.limit))));
      const name = (p) => plots.names[p.s];
      const floor = Math.max(1e-3, Math.min(...points.map((p) => Math.min(ok(p.worst) ? p.worst : Infinity, lines.length === 1 && ok(p.median) ? p.median : Infinity))) / 2);
      for (const p of points) p.drawn = Math.max(p.worst, floor);
      const at = points.filter((p) => p.x > 0);
      return Plot.plot(base(element, {
        height: 300, ariaLabel: `Error in ulp against ${axis}`, ariaDescription: "Logarithmic axes; the numbers stand in the table below.",
        x: { type: "log", label: axis === "classes" ? "classes →" : "largest |logit| →", labelOffset: 38, tickFormat: "~g", ticks: 6 }, y: { type: "log", label: "↑ error (ulp)", grid: true, tickFormat: "~g", ticks: 6, domain: [floor, top * 3] },
        marks: [
          ...bounds.map((own) => Plot.line(own, { x: "x", y: (p) => Math.min(p.limit, top * 3), stroke: own[0]?.own ?? "currentColor", strokeDasharray: "5 4", strokeOpacity: 0.7 })),
          lines.length === 1 ? Plot.line(at.filter((p) => ok(p.median)), { x: "x", y: (p) => Math.max(p.median, floor), stroke: colour(lines[0][0]), strokeWidth: 1, strokeOpacity: 0.75 }) : null,
          ...lines.map(([s]) => Plot.line(at.filter((p) => p.s === s && ok(p.worst)), { x: "x", y: "drawn", stroke: colour(s), strokeWidth: 1.8 })),
          ...lines.map(([s]) => Plot.dot(at.filter((p) => p.s === s && ok(p.worst)), { x: "x", y: "drawn", stroke: colour(s), fill: "var(--paper)", symbol: symbol(s), r: 3 })),
          Plot.text(at.filter((p) => p.none), { x: "x", y: () => top * 3, text: () => "✗", fill: (p) => colour(p.s), fontSize: 14, dy: 7 }),
          Plot.tip(at.filter((p) => ok(p.worst)), Plot.pointer({ x: "x", y: "drawn", title: (p) => `${name(p)}\nat ${text(p.x)}\nworst ${text(p.worst)} ulp\nmedian ${text(p.median)} ulp\nlimit ${text(p.limit)} ulp`, fill: "var(--paper)" })),
        ],
      }));
    };

    const power = (e) => (e === "-inf" ? "0" : e === "inf" ? "∞" : e < 0 && e >= -6 ? `1/${2 ** -e}` : e >= 0 && e <= 9 ? String(2 ** e) : `2^${e}`);
    const histogram = (element) => {
      const c = chosen(), rows = plots.histograms.filter((r) => match(r, c));
      if (!rows.length) return empty("Nothing to draw.");
      const edges = plots.edges[rows[0][3]], same = rows.filter((r) => r[3] === rows[0][3]), many = same.length > 1;
      const used = (i) => same.some((r) => r[4][i] > 0);
      let first = 0, last = edges.length - 2;
      while (first < last && !used(first)) first += 1;
      while (last > first && !used(last)) last -= 1;
      const bins = Array.from({ length: last - first + 1 }, (_, i) => i + first);
      const every = Math.max(1, Math.ceil((bins.length * 42) / Math.min(620, element.clientWidth || 560)));
      const bars = same.flatMap(([s, , , , counts]) => { const all = counts.reduce((a, b) => a + b, 0) || 1; return bins.map((i) => ({ s: plots.names[s], i: s, bin: i, share: counts[i] / all })); });
      return Plot.plot(base(element, {
        height: Math.max(260, 46 * same.length + 80), marginRight: many ? 120 : 20, ariaLabel: "Distribution of the error in ulp",
        x: { type: "band", domain: bins, padding: 0.08, label: "at most so many ulp →", labelOffset: 38, tickFormat: (i) => ((i - first) % every ? "" : power(edges[i + 1])), tickSize: 0 },
        y: { label: many ? null : "↑ share", tickFormat: "%", grid: !many, ticks: many ? 0 : 5 }, fy: { label: null, axis: many ? "right" : null, domain: many ? same.map((r) => plots.names[r[0]]) : undefined },
        marks: [Plot.barY(bars, { x: "bin", y: "share", fy: many ? "s" : undefined, fill: (b) => colour(b.i) }), Plot.ruleY([0])],
      }));
    };

    const speed = (element) => {
      const c = chosen(), rows = plots.speed.filter((r) => match(r, c) && number(r[3]) > 0 && number(r[4]) > 0);
      if (!rows.length) return empty("Nothing to draw.");
      return Plot.plot(base(element, {
        height: 300, marginRight: 90, ariaLabel: "Largest error against speed", x: { type: "log", label: "elements a second →", tickFormat: "~s", ticks: 5 }, y: { type: "log", label: "↑ largest error (ulp)", grid: true, tickFormat: "~g", ticks: 5 },
        marks: [...rows.map((r) => Plot.dot([r], { x: "3", y: "4", stroke: colour(r[0]), symbol: symbol(r[0]), r: 4 })), Plot.text(rows, { x: "3", y: "4", text: (r) => plots.names[r[0]], textAnchor: "start", dx: 8 })],
      }));
    };

    const line = (element) => {
      const p = plots.findings[element.dataset.of].line, low = p.ticks[0][0], high = p.ticks.at(-1)[0], every = Math.ceil(p.ticks.length / 5);
      return Plot.plot(base(element, {
        height: 92, marginLeft: 24, marginRight: 24, marginTop: 14, marginBottom: 6, x: { domain: [low - 0.3, high + 0.3], axis: null }, y: { domain: [0, 1], axis: null }, ariaLabel: "Number line of neighbouring floats", ariaDescription: `The result lies ${text(p.got - p.exact)} gaps from the truth.`,
        marks: [
          p.limit === null ? null : Plot.rect([p], { x1: Math.max(low - 0.3, p.exact - p.limit), x2: Math.min(high + 0.3, p.exact + p.limit), y1: 0.32, y2: 0.68, fill: "var(--good-bg)" }),
          Plot.ruleY([0.5], { stroke: "currentColor", strokeOpacity: 0.6 }), Plot.ruleX(p.ticks, { x: "0", y1: 0.4, y2: 0.6, stroke: "currentColor" }),
          Plot.text(p.ticks.filter((_, i) => i % every === 0), { x: "0", y: 0.22, text: "1", fontSize: 10.5 }),
          Plot.ruleX([p.exact], { y1: 0.3, y2: 0.75, stroke: "var(--good)", strokeWidth: 2 }), Plot.text(["truth"], { x: [p.exact], y: 0.86, fill: "var(--good)", fontWeight: 600 }),
          Plot.dot([p.got], { x: (d) => d, y: 0.5, fill: "var(--bad)", r: 5 }), Plot.text(["got"], { x: [p.got], y: Math.abs(p.got - p.exact) < 0.6 ? 1.02 : 0.86, fill: "var(--bad)", fontWeight: 600 }),
        ],
      }));
    };

    const row = (element) => {
      const f = plots.findings[element.dataset.of], points = f.row.map(([i, got, exact, limit]) => ({ i, got: number(got), exact: number(exact), limit: number(limit) }));
      const values = points.flatMap((p) => [p.got, p.exact]).filter(Number.isFinite), low = Math.min(...values), high = Math.max(...values), spread = high - low || 1;
      const positive = points.every((p) => !(p.exact < 0)) && low >= 0 && high > 0 && Math.min(...values.filter((v) => v > 0)) < high * 1e-3;
      const drawable = (v) => Number.isFinite(v) && (!positive || v > 0);
      const bottom = Math.min(...values.filter((v) => v > 0)) / 3;
      const top = positive ? high * 3 : high + 0.12 * spread;
      return Plot.plot(base(element, {
        height: 220, marginLeft: 60, ariaLabel: "Result and truth along the row", marginTop: 26, x: { labelOffset: 36, label: `class →${f.of > points.length ? ` (${points.length} of ${f.of} drawn)` : ""}`, ticks: Math.min(8, points.length), tickFormat: (d) => (Number.isInteger(d) ? String(d) : ""), inset: 14 },
        y: positive ? { type: "log", grid: true, label: "↑ value", domain: [bottom, top], ticks: 5, tickFormat: ".0e" } : { grid: true, label: "↑ value", domain: [low - 0.05 * spread, top] },
        marks: [
          Plot.dot(points.filter((p) => drawable(p.exact)), { x: "i", y: "exact", stroke: "var(--good)", r: 6, strokeWidth: 1.6 }),
          Plot.dot(points.filter((p) => drawable(p.got)), { x: "i", y: "got", fill: (p) => (Math.abs(p.got - p.exact) > p.limit ? "var(--bad)" : "currentColor"), r: 2.8 }),
          Plot.text(points.filter((p) => !Number.isFinite(p.got)), { x: "i", y: top, text: () => "✗", fill: "var(--bad)", fontSize: 16, dy: 2 }),
          positive ? Plot.text(points.filter((p) => p.got === 0), { x: "i", y: bottom, text: () => "0", fill: (p) => (p.exact > p.limit ? "var(--bad)" : "currentColor"), fontWeight: 600, dy: -4, dx: 12 }) : null,
        ],
      }));
    };

    const draw = { classes: curve("classes"), magnitude: curve("magnitude"), histogram, speed, line, row };
    const paint = (element) => { element.dataset.drawn = "1"; element.replaceChildren(draw[element.dataset.draw](element)); };
    const seen = new IntersectionObserver((entries) => { for (const e of entries) if (e.isIntersecting) { seen.unobserve(e.target); paint(e.target); } }, { rootMargin: "400px" });
    const all = $$(".draw");
    all.forEach((e) => seen.observe(e));
    addEventListener("beforeprint", () => all.forEach((e) => e.dataset.drawn || paint(e)));

    if (form) {
      const option = (select, value, name) => { const o = document.createElement("option"); o.value = value; o.textContent = name; select.append(o); };
      const { operation, format, subject } = form.elements;
      [...new Set(plots.keys.map((k) => k[0]))].forEach((o) => option(operation, o, o));
      option(subject, "", "all"); plots.names.forEach((n, i) => option(subject, i, n));
      const formats = () => { const kept = format.value; format.replaceChildren(); plots.keys.filter((k) => k[0] === operation.value).forEach((k) => option(format, k[1], k[1])); if ([...format.options].some((o) => o.value === kept)) format.value = kept; };
      const glyph = { circle: "○", square: "□", triangle: "△", diamond: "◇", cross: "+", star: "☆", wye: "⅄" };
      const keys = () => { const c = chosen(); $("#keys").replaceChildren(...plots.names.map((n, i) => [n, i]).filter(([, i]) => [...plots.series, ...plots.histograms].some((r) => r[0] === i && match(r, c))).map(([n, i]) => { const li = document.createElement("li"), mark = document.createElement("b"), name = document.createElement("bdi"); mark.textContent = glyph[symbol(i)]; mark.style.color = colour(i); mark.setAttribute("aria-hidden", "true"); name.textContent = n; li.append(mark, name); return li; })); };
      const again = () => { keys(); all.filter((e) => e.dataset.drawn && e.closest("#errors")).forEach(paint); };
      form.addEventListener("input", (event) => { if (event.target === operation) formats(); again(); });
      formats(); keys();
    }
    let width = innerWidth;
    addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; all.filter((e) => e.dataset.drawn).forEach(paint); } });
  }

  addEventListener("hashchange", unfold);
  unfold();
  root.dataset.ready = String(Math.round(performance.now()));
})();
