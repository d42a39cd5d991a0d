"use strict";
// Small pictures: the number line around the truth, the row of a result, and the sizes that were run.
function pictures({ base, number, plots, text }) {
  const line = (element) => {
    const p = plots.findings[element.dataset.of].line,
      low = p.ticks[0][0],
      high = p.ticks.at(-1)[0],
      every = Math.ceil(p.ticks.length / 5);
    return Plot.plot(
      base(element, {
        height: 92,
        marginLeft: 24,
        marginRight: 24,
        marginTop: 14,
        marginBottom: 6,
        x: { domain: [low - 0.3, high + 0.3], axis: null },
        y: { domain: [0, 1], axis: null },
        ariaLabel: "Number line of neighbouring floats",
        ariaDescription: `The result lies ${text(p.got - p.exact)} gaps from the truth.`,
        marks: [
          p.limit === null
            ? null
            : Plot.rect([p], {
                x1: Math.max(low - 0.3, p.exact - p.limit),
                x2: Math.min(high + 0.3, p.exact + p.limit),
                y1: 0.32,
                y2: 0.68,
                fill: "var(--good-bg)",
              }),
          Plot.ruleY([0.5], { stroke: "currentColor", strokeOpacity: 0.6 }),
          Plot.ruleX(p.ticks, { x: "0", y1: 0.4, y2: 0.6, stroke: "currentColor" }),
          Plot.text(
            p.ticks.filter((_, i) => i % every === 0),
            { x: "0", y: 0.22, text: "1", fontSize: 10.5 },
          ),
          Plot.ruleX([p.exact], { y1: 0.3, y2: 0.75, stroke: "var(--good)", strokeWidth: 2 }),
          Plot.text(["truth"], { x: [p.exact], y: 0.86, fill: "var(--good)", fontWeight: 600 }),
          Plot.dot([p.got], { x: (d) => d, y: 0.5, fill: "var(--bad)", r: 5 }),
          Plot.text(["got"], {
            x: [p.got],
            y: Math.abs(p.got - p.exact) < 0.6 ? 1.02 : 0.86,
            fill: "var(--bad)",
            fontWeight: 600,
          }),
        ],
      }),
    );
  };

  const row = (element) => {
    const f = plots.findings[element.dataset.of],
      points = f.row.map(([i, got, exact, limit]) => ({
        i,
        got: number(got),
        exact: number(exact),
        limit: number(limit),
      }));
    const values = points.flatMap((p) => [p.got, p.exact]).filter(Number.isFinite),
      low = Math.min(...values),
      high = Math.max(...values),
      spread = high - low || 1;
    const positive =
      points.every((p) => !(p.exact < 0)) &&
      low >= 0 &&
      high > 0 &&
      Math.min(...values.filter((v) => v > 0)) < high * 1e-3;
    const drawable = (v) => Number.isFinite(v) && (!positive || v > 0);
    const bottom = Math.min(...values.filter((v) => v > 0)) / 3;
    const top = positive ? high * 3 : high + 0.12 * spread;
    return Plot.plot(
      base(element, {
        height: 220,
        marginLeft: 60,
        ariaLabel: "Result and truth along the row",
        marginTop: 26,
        x: {
          labelOffset: 36,
          label: `class →${f.of > points.length ? ` (${points.length} of ${f.of} drawn)` : ""}`,
          ticks: Math.min(8, points.length),
          tickFormat: (d) => (Number.isInteger(d) ? String(d) : ""),
          inset: 14,
        },
        y: positive
          ? {
              type: "log",
              grid: true,
              label: "↑ value",
              domain: [bottom, top],
              ticks: 5,
              tickFormat: ".0e",
            }
          : { grid: true, label: "↑ value", domain: [low - 0.05 * spread, top] },
        marks: [
          Plot.dot(
            points.filter((p) => drawable(p.exact)),
            { x: "i", y: "exact", stroke: "var(--good)", r: 6, strokeWidth: 1.6 },
          ),
          Plot.dot(
            points.filter((p) => drawable(p.got)),
            {
              x: "i",
              y: "got",
              fill: (p) => (Math.abs(p.got - p.exact) > p.limit ? "var(--bad)" : "currentColor"),
              r: 2.8,
            },
          ),
          Plot.text(
            points.filter((p) => !Number.isFinite(p.got)),
            { x: "i", y: top, text: () => "✗", fill: "var(--bad)", fontSize: 16, dy: 2 },
          ),
          positive
            ? Plot.text(
                points.filter((p) => p.got === 0),
                {
                  x: "i",
                  y: bottom,
                  text: () => "0",
                  fill: (p) => (p.exact > p.limit ? "var(--bad)" : "currentColor"),
                  fontWeight: 600,
                  dy: -4,
                  dx: 12,
                },
              )
            : null,
        ],
      }),
    );
  };

  // Sizes that were run: each corner stands for all sizes below it, so the hull is the union of its rectangles.
  const hull = (element) => {
    const corners = plots.hulls[element.dataset.of].map(([rows, classes]) => ({ rows, classes }));
    const most = (key) => Math.max(10, ...corners.map((c) => c[key]));
    return Plot.plot(
      base(element, {
        width: Math.max(200, Math.min(300, element.clientWidth || 280)),
        height: 170,
        marginLeft: 56,
        ariaLabel: "Sizes that were run",
        ariaDescription: corners.map((c) => `${text(c.rows)} rows of ${text(c.classes)} classes`).join(", "),
        x: { type: "log", domain: [0.6, most("classes") * 1.6], label: "classes →", ticks: 4, tickFormat: "~s" },
        y: { type: "log", domain: [0.6, most("rows") * 1.6], label: "↑ rows", ticks: 4, tickFormat: "~s" },
        marks: [
          Plot.rect(corners, { x1: 0.6, x2: "classes", y1: 0.6, y2: "rows", fill: "var(--h2)" }),
          Plot.dot(corners, { x: "classes", y: "rows", fill: "var(--accent)", r: 2.6 }),
        ],
      }),
    );
  };

  return { hull, line, row };
}
