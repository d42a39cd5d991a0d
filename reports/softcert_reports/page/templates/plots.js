"use strict";
// The plots: what they share, the form that chooses, and when they are drawn: in view, or all before printing.
function drawPlots({ $, $$, data, text }) {
  const plots = data.plots,
    form = $("#choose");
  const colours = [
    "#3b6ea5",
    "#c2622d",
    "#2f8f6b",
    "#a3476f",
    "#8a7a1f",
    "#6a58b5",
    "#3f9aa8",
    "#a8513f",
    "#5d8a34",
    "#9a5fae",
  ];
  const symbols = ["circle", "square", "triangle", "diamond", "cross", "star", "wye"];
  const colour = (i) => colours[i % colours.length],
    symbol = (i) => symbols[i % symbols.length];
  const number = (v) => (typeof v === "number" ? v : NaN);
  const chosen = () => (form ? Object.fromEntries(new FormData(form)) : {});
  const match = (r, c) => r[1] === c.operation && r[2] === c.format && (c.subject === "" || r[0] === +c.subject);
  const base = (element, options) => ({
    className: "plot",
    width: Math.max(280, Math.min(620, element.clientWidth || 560)),
    marginLeft: 52,
    marginBottom: 44,
    style: { fontSize: "12px" },
    ...options,
  });
  const empty = (what) => {
    const p = document.createElement("p");
    p.className = "small";
    p.textContent = what;
    return p;
  };

  const kit = { base, chosen, colour, empty, match, number, plots, symbol, text };
  const draw = { ...overviews(kit), ...pictures(kit) };
  const paint = (element) => {
    element.dataset.drawn = "1";
    element.replaceChildren(draw[element.dataset.draw](element));
  };
  const seen = new IntersectionObserver(
    (entries) => {
      for (const e of entries)
        if (e.isIntersecting) {
          seen.unobserve(e.target);
          paint(e.target);
        }
    },
    { rootMargin: "400px" },
  );
  const all = $$(".draw");
  all.forEach((e) => seen.observe(e));
  addEventListener("beforeprint", () => all.forEach((e) => e.dataset.drawn || paint(e)));

  if (form) {
    const option = (select, value, name) => {
      const o = document.createElement("option");
      o.value = value;
      o.textContent = name;
      select.append(o);
    };
    const { operation, format, subject } = form.elements;
    [...new Set(plots.keys.map((k) => k[0]))].forEach((o) => option(operation, o, o));
    option(subject, "", "all");
    plots.names.forEach((n, i) => option(subject, i, n));
    const formats = () => {
      const kept = format.value;
      format.replaceChildren();
      plots.keys.filter((k) => k[0] === operation.value).forEach((k) => option(format, k[1], k[1]));
      if ([...format.options].some((o) => o.value === kept)) format.value = kept;
    };
    const glyph = {
      circle: "○",
      square: "□",
      triangle: "△",
      diamond: "◇",
      cross: "+",
      star: "☆",
      wye: "⅄",
    };
    const keys = () => {
      const c = chosen();
      $("#keys").replaceChildren(
        ...plots.names
          .map((n, i) => [n, i])
          .filter(([, i]) => [...plots.series, ...plots.histograms].some((r) => r[0] === i && match(r, c)))
          .map(([n, i]) => {
            const li = document.createElement("li"),
              mark = document.createElement("b"),
              name = document.createElement("bdi");
            mark.textContent = glyph[symbol(i)];
            mark.style.color = colour(i);
            mark.setAttribute("aria-hidden", "true");
            name.textContent = n;
            li.append(mark, name);
            return li;
          }),
      );
    };
    const again = () => {
      keys();
      all.filter((e) => e.dataset.drawn && e.closest("#errors")).forEach(paint);
    };
    form.addEventListener("input", (event) => {
      if (event.target === operation) formats();
      again();
    });
    formats();
    keys();
  }
  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth !== width) {
      width = innerWidth;
      all.filter((e) => e.dataset.drawn).forEach(paint);
    }
  });
}
