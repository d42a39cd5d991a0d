"use strict";
// The matrix: filters, the number shown, arrow keys, details of a cell.
function matrix({ $, $$, data, make, text }) {
  const filters = $("#filters"),
    detail = $("#detail");
  const words = {
    p: "held",
    f: "violated",
    b: "not held, above the level asked for",
    e: "violated, as expected",
    u: "undecided",
    v: "vacuous",
    n: "not run",
  };
  const cells = $$(".cells tbody td[id]"),
    order = new Map(cells.map((cell, i) => [cell, i]));
  const known = (cell) => data.cells[order.get(cell)];
  const heads = (cell) => {
    const table = cell.closest("table"),
      row = cell.parentElement;
    return { row, property: $$("thead tr:last-child th", table)[cell.cellIndex] };
  };
  function show(cell, move = true) {
    const row = known(cell);
    if (!row) return;
    $$(".cells td.on").forEach((e) => e.classList.remove("on"));
    cell.classList.add("on");
    const { row: line, property } = heads(cell),
      names = $$("th", line);
    detail.replaceChildren();
    make("h3", property.textContent, detail);
    const where = make("p", null, detail, { class: "where" });
    make("bdi", names[0].textContent, where);
    where.append(` · ${cell.closest(".matrix").dataset.operation} · ${names[1].textContent}`);
    const list = make("dl", null, detail);
    const add = (term, value) => {
      make("dt", term, list);
      make("bdi", value, make("dd", null, list));
    };
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
    if (to) {
      links.append(" · ");
      make("a", "Its finding", links, { href: to.getAttribute("href") });
    }
    make("button", "Close", detail, { type: "button" }).addEventListener("click", close);
    detail.hidden = false;
    if (move) history.replaceState(null, "", `#${cell.id}`);
  }
  function close() {
    detail.hidden = true;
    const cell = $(".cells td.on");
    if (cell) {
      cell.classList.remove("on");
      cell.focus();
    }
  }

  // One cell a table takes part in the tab order (arrow keys move on from it), and it must be one that is seen.
  const firstCells = () => {
    for (const table of $$(".cells")) {
      const now = $("td[tabindex='0']", table),
        seen = (c) => !c.hidden && !c.parentElement.hidden;
      if (now && seen(now)) continue;
      if (now) now.tabIndex = -1;
      const first = $$("tbody td[id]", table).find(seen);
      if (first) first.tabIndex = 0;
    }
  };
  firstCells();
  document.addEventListener("click", (event) => {
    const cell = event.target.closest(".cells tbody td[id]");
    if (cell && !event.target.closest("a")) show(cell);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !detail.hidden) return close();
    const cell = event.target.closest && event.target.closest(".cells tbody td[id]");
    if (!cell || (event.target.closest("a") && event.key === "Enter")) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return show(cell);
    }
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step) return;
    event.preventDefault();
    const rows = $$("tbody tr", cell.closest("table")).filter((r) => !r.hidden);
    let r = rows.indexOf(cell.parentElement),
      c = cell.cellIndex;
    for (;;) {
      r += step[0];
      c += step[1];
      const next = rows[r] && rows[r].cells[c];
      if (!next || c < 3) return;
      if (next.id && !next.hidden) {
        cell.tabIndex = -1;
        next.tabIndex = 0;
        next.focus();
        return;
      }
    }
  });

  let number = -1,
    texts = null;
  const count = (shown, all) => {
    $("#shown").textContent =
      shown === all
        ? `${all.toLocaleString("en")} cells`
        : `${shown.toLocaleString("en")} of ${all.toLocaleString("en")} cells`;
  };
  function filter() {
    const f = Object.fromEntries(new FormData(filters));
    const subject = f.subject.trim().toLowerCase(),
      property = f.property.trim().toLowerCase().replaceAll("_", " ");
    let shown = 0,
      all = 0;
    for (const block of $$(".matrix")) {
      const table = $("table", block),
        heads = $$("thead tr:last-child th", table).slice(3);
      const rows = $$("tbody tr", table);
      const open = !f.operation || block.dataset.operation === f.operation;
      const columns = heads.map(
        (h) => !property || h.dataset.property.toLowerCase().replaceAll("_", " ").includes(property),
      );
      let visible = 0;
      for (const row of rows) {
        const mine = [...row.cells].slice(3);
        const right = (cell, i) => columns[i] && cell.id && (!f.outcome || f.outcome.includes(cell.className[0]));
        row.hidden =
          !open ||
          (subject && !row.dataset.s.includes(subject)) ||
          (f.format && row.dataset.f !== f.format) ||
          ((f.outcome || property) && !mine.some(right));
        all += mine.filter((c) => c.id).length;
        if (!row.hidden) {
          visible += 1;
          shown += mine.filter(right).length;
        }
      }
      const used = heads.map(
        (_, i) =>
          columns[i] && (!f.outcome || rows.some((r) => !r.hidden && f.outcome.includes(r.cells[i + 3].className[0]))),
      );
      heads.forEach((h, i) => {
        h.hidden = !used[i];
      });
      for (const row of rows)
        [...row.cells].slice(3).forEach((c, i) => {
          c.hidden = !used[i];
        });
      let at = 0;
      for (const group of $$("thead .group", table)) {
        const size = (group.dataset.size ||= group.colSpan);
        const left = used.slice(at, (at += +size)).filter(Boolean).length;
        group.hidden = !left;
        group.colSpan = left || 1;
      }
      block.hidden = !visible;
    }
    const one = f.number === "ratio" ? 3 : f.number === "ulp" ? 4 : -1;
    if (one !== number) {
      texts ||= cells.map((cell) => cell.textContent);
      cells.forEach((cell, i) => {
        (cell.firstElementChild || cell).textContent =
          one < 0 ? texts[i] : `${texts[i][0]} ${text(data.cells[i][one])}`;
      });
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

  return { show };
}
