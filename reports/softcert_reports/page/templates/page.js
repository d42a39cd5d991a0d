"use strict";
(() => {
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const root = document.documentElement;
  const data = JSON.parse($("#data").textContent);
  root.classList.add("js");

  // A number as a reader wants it; the document's own words for numbers that JSON does not have.
  const text = (value) => {
    if (value === null || value === undefined) return "–";
    if (value === "inf") return "∞";
    if (value === "-inf") return "−∞";
    if (typeof value !== "number") return String(value);
    const extreme = value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6);
    return extreme ? value.toExponential(2) : value.toLocaleString("en");
  };

  const make = (tag, content, parent, attributes = {}) => {
    const e = document.createElement(tag);
    if (content !== null) e.textContent = content;
    for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
    parent.append(e);
    return e;
  };

  // Theme: the system's, until the reader chooses (storage may be refused to a page opened from disk).
  const stored = {
    get: () => {
      try {
        return localStorage.getItem("softcert-theme");
      } catch {
        return null;
      }
    },
    set: (value) => {
      try {
        localStorage.setItem("softcert-theme", value);
      } catch {
        /* the choice lasts as long as the page */
      }
    },
  };
  const system = matchMedia("(prefers-color-scheme: dark)");
  const toggle = $("#theme");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const label = () => {
    toggle.textContent = isDark() ? "Light" : "Dark";
    toggle.setAttribute("aria-label", `Switch to the ${isDark() ? "light" : "dark"} theme`);
  };
  if (stored.get()) root.dataset.theme = stored.get();
  toggle.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    stored.set(root.dataset.theme);
    label();
  });
  system.addEventListener("change", label);
  label();

  // A link may lead into something folded.
  const unfold = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let e = target; e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true;
    target.scrollIntoView({
      block: target.tagName === "TD" ? "center" : "start",
      inline: "center",
      behavior: "instant",
    });
    if (target.matches(".cells td")) cellDetails.show(target, false);
  };

  for (const button of $$(".copy"))
    button.addEventListener("click", async () => {
      const code = $("code", button.parentElement);
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code);
        button.textContent = "Selected";
      }
      setTimeout(() => {
        button.textContent = "Copy";
      }, 1500);
    });

  const tools = { $, $$, data, make, text };
  const cellDetails = matrix(tools);
  if (data.plots) drawPlots(tools);
  addEventListener("hashchange", unfold);
  unfold();
  root.dataset.ready = String(Math.round(performance.now()));
})();
