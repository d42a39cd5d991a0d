"use strict";
// The plots of a whole run: error curves, the distribution of errors, speed.
function overviews({ base, chosen, colour, empty, match, number, plots, symbol, text }) {
  const curve = (axis) => (element) => {
    const c = chosen(),
      lines = plots.series.filter((r) => r[3] === axis && match(r, c));
    const points = lines.flatMap(([s, , , , list]) =>
      list.map(([x, median, worst, limit]) => ({
        s,
        x,
        median: number(median),
        worst: number(worst),
        limit: number(limit),
        none: typeof worst === "string",
      })),
    );
    const ok = (v) => v > 0;
    if (!points.some((p) => ok(p.worst))) return empty("No finite error above zero to draw.");
    const bounds = plots.limits
      .filter(
        (r) =>
          r[0] === c.operation && r[1] === c.format && r[2] === axis && (c.subject === "" || r[3].includes(+c.subject)),
      )
      .map((r) =>
        r[4]
          .map(([x, limit]) => ({
            x,
            limit: number(limit),
            own: r[3].length === 1 && lines.length > 1 ? colour(r[3][0]) : "currentColor",
          }))
          .filter((p) => ok(p.limit) && p.x > 0),
      );
    const worst = Math.max(...points.filter((p) => ok(p.worst)).map((p) => p.worst));
    const top = Math.max(worst, Math.min(worst * 1e3, Math.max(worst, ...bounds.flat().map((p) => p.limit))));
    const name = (p) => plots.names[p.s];
    const floor = Math.max(
      1e-3,
      Math.min(
        ...points.map((p) =>
          Math.min(ok(p.worst) ? p.worst : Infinity, lines.length === 1 && ok(p.median) ? p.median : Infinity),
        ),
      ) / 2,
    );
    for (const p of points) p.drawn = Math.max(p.worst, floor);
    const at = points.filter((p) => p.x > 0);
    return Plot.plot(
      base(element, {
        height: 300,
        ariaLabel: `Error in ulp against ${axis}`,
        ariaDescription: "Logarithmic axes; the numbers stand in the table below.",
        x: {
          type: "log",
          label: axis === "classes" ? "classes →" : "largest |logit| →",
          labelOffset: 38,
          tickFormat: "~g",
          ticks: 6,
        },
        y: {
          type: "log",
          label: "↑ error (ulp)",
          grid: true,
          tickFormat: "~g",
          ticks: 6,
          domain: [floor, top * 3],
        },
        marks: [
          ...bounds.map((own) =>
            Plot.line(own, {
              x: "x",
              y: (p) => Math.min(p.limit, top * 3),
              stroke: own[0]?.own ?? "currentColor",
              strokeDasharray: "5 4",
              strokeOpacity: 0.7,
            }),
          ),
          lines.length === 1
            ? Plot.line(
                at.filter((p) => ok(p.median)),
                {
                  x: "x",
                  y: (p) => Math.max(p.median, floor),
                  stroke: colour(lines[0][0]),
                  strokeWidth: 1,
                  strokeOpacity: 0.75,
                },
              )
            : null,
          ...lines.map(([s]) =>
            Plot.line(
              at.filter((p) => p.s === s && ok(p.worst)),
              { x: "x", y: "drawn", stroke: colour(s), strokeWidth: 1.8 },
            ),
          ),
          ...lines.map(([s]) =>
            Plot.dot(
              at.filter((p) => p.s === s && ok(p.worst)),
              { x: "x", y: "drawn", stroke: colour(s), fill: "var(--paper)", symbol: symbol(s), r: 3 },
            ),
          ),
          Plot.text(
            at.filter((p) => p.none),
            { x: "x", y: () => top * 3, text: () => "✗", fill: (p) => colour(p.s), fontSize: 14, dy: 7 },
          ),
          Plot.tip(
            at.filter((p) => ok(p.worst)),
            Plot.pointer({
              x: "x",
              y: "drawn",
              title: (p) =>
                [
                  name(p),
                  `at ${text(p.x)}`,
                  `worst ${text(p.worst)} ulp`,
                  `median ${text(p.median)} ulp`,
                  `limit ${text(p.limit)} ulp`,
                ].join("\n"),
              fill: "var(--paper)",
            }),
          ),
        ],
      }),
    );
  };

  // The upper edge of a bin, 2^e ulp.
  const power = (e) => {
    if (e === "-inf") return "0";
    if (e === "inf") return "∞";
    if (e < 0 && e >= -6) return `1/${2 ** -e}`;
    return e >= 0 && e <= 9 ? String(2 ** e) : `2^${e}`;
  };
  const histogram = (element) => {
    const c = chosen(),
      rows = plots.histograms.filter((r) => match(r, c));
    if (!rows.length) return empty("Nothing to draw.");
    const edges = plots.edges[rows[0][3]],
      same = rows.filter((r) => r[3] === rows[0][3]),
      many = same.length > 1;
    const used = (i) => same.some((r) => r[4][i] > 0);
    let first = 0,
      last = edges.length - 2;
    while (first < last && !used(first)) first += 1;
    while (last > first && !used(last)) last -= 1;
    const bins = Array.from({ length: last - first + 1 }, (_, i) => i + first);
    const every = Math.max(1, Math.ceil((bins.length * 42) / Math.min(620, element.clientWidth || 560)));
    const bars = same.flatMap(([s, , , , counts]) => {
      const all = counts.reduce((a, b) => a + b, 0) || 1;
      return bins.map((i) => ({ s: plots.names[s], i: s, bin: i, share: counts[i] / all }));
    });
    return Plot.plot(
      base(element, {
        height: Math.max(260, 46 * same.length + 80),
        marginRight: many ? 120 : 20,
        ariaLabel: "Distribution of the error in ulp",
        x: {
          type: "band",
          domain: bins,
          padding: 0.08,
          label: "at most so many ulp →",
          labelOffset: 38,
          tickFormat: (i) => ((i - first) % every ? "" : power(edges[i + 1])),
          tickSize: 0,
        },
        y: { label: many ? null : "↑ share", tickFormat: "%", grid: !many, ticks: many ? 0 : 5 },
        fy: {
          label: null,
          axis: many ? "right" : null,
          domain: many ? same.map((r) => plots.names[r[0]]) : undefined,
        },
        marks: [
          Plot.barY(bars, { x: "bin", y: "share", fy: many ? "s" : undefined, fill: (b) => colour(b.i) }),
          Plot.ruleY([0]),
        ],
      }),
    );
  };

  const speed = (element) => {
    const c = chosen(),
      rows = plots.speed.filter((r) => match(r, c) && number(r[3]) > 0 && number(r[4]) > 0);
    if (!rows.length) return empty("Nothing to draw.");
    return Plot.plot(
      base(element, {
        height: 300,
        marginRight: 90,
        ariaLabel: "Largest error against speed",
        x: { type: "log", label: "elements a second →", tickFormat: "~s", ticks: 5 },
        y: { type: "log", label: "↑ largest error (ulp)", grid: true, tickFormat: "~g", ticks: 5 },
        marks: [
          ...rows.map((r) => Plot.dot([r], { x: "3", y: "4", stroke: colour(r[0]), symbol: symbol(r[0]), r: 4 })),
          Plot.text(rows, { x: "3", y: "4", text: (r) => plots.names[r[0]], textAnchor: "start", dx: 8 }),
        ],
      }),
    );
  };

  return { classes: curve("classes"), magnitude: curve("magnitude"), histogram, speed };
}
