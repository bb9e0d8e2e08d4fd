// Opens each page in headless Chromium as people do (wide, narrow, enlarged, opened up) and prints as JSON what axe-core
// finds against WCAG 2.2 AA, what runs off a narrow screen, and what the page asked the network for.
//
//   node axe.mjs NODE_MODULES CHROMIUM PAGE…
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const [modules, executablePath, ...pages] = process.argv.slice(2);
const require = createRequire(pathToFileURL(join(modules, "x.js")));
const { chromium } = require("playwright-core");
const axe = readFileSync(join(modules, "axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const seen = { violations: [], overflows: [], requests: [], messages: [], unreachable: [] };
for (const page of pages) {
  // Without scripts of its own a page must still do all it does; axe is put in from outside.
  const context = await browser.newContext({ bypassCSP: true });
  const tab = await context.newPage();
  tab.on("request", (request) => request.url().startsWith("file:") || seen.requests.push(request.url()));
  tab.on("console", (message) => seen.messages.push(message.text()));
  await tab.goto(pathToFileURL(page).href);
  // 320 pixels are also what 1280 pixels are at 400 per cent.
  for (const width of [1280, 320]) {
    await tab.setViewportSize({ width, height: 800 });
    for (const isOpen of [false, true]) {
      await tab.evaluate((isOpen) => document.querySelectorAll("details").forEach((one) => (one.open = isOpen)), isOpen);
      await tab.evaluate(axe);
      const found = await tab.evaluate((values) => axe.run(document, { runOnly: { type: "tag", values } }), TAGS);
      for (const violation of found.violations) {
        const where = violation.nodes.slice(0, 3).map((node) => `${node.target}: ${node.failureSummary}`);
        seen.violations.push({ page, width, isOpen, id: violation.id, where });
      }
      const over = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (over > 0) seen.overflows.push({ page, width, isOpen, over });
    }
  }
  // By keyboard: every figure can be reached and opened.
  const unreachable = await tab.evaluate(() => {
    const all = [...document.querySelectorAll("summary, a[href]")];
    return all.filter((one) => one.tabIndex < 0).map((one) => one.textContent);
  });
  seen.unreachable.push(...unreachable);
  await context.close();
}
await browser.close();
console.log(JSON.stringify(seen));
