// What the report's page uses of Observable Plot; esbuild leaves the rest of Plot and d3 out.
export { barY, dot, line, plot, pointer, rect, ruleX, ruleY, text, tip } from "@observablehq/plot";
