/** The HTML of a review in a browser: that all of it is there, for everybody, everywhere. */

import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { reviewHtml } from "./report/review-html.ts";
import { spokenFindings } from "./report/review-words.ts";
import { Browser, type BrowserPage } from "./testing/browser.ts";
import { oracle, testWithOracle } from "./testing/oracles.ts";
import { sampleSecret } from "./testing/review-pieces.ts";
import { emptySample, lintSample, quietSample, reviewSample } from "./testing/review-sample.ts";

let folder = "";
/** Undefined where there is none to start. */
let browser: Browser | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "pgmate-review-"));
  const samples = {
    plan: reviewSample(), lint: lintSample(), quiet: quietSample(), empty: emptySample("lint"),
  };
  for (const [name, document] of Object.entries(samples)) {
    writeFileSync(join(folder, `${name}.html`), reviewHtml(document));
  }
  const program = oracle("chromium");
  if (program !== undefined) browser = await Browser.start(program);
}, 120_000);

afterAll(async () => {
  await browser?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function addressOf(name: string): string {
  return pathToFileURL(join(folder, `${name}.html`)).href;
}

/** A test in a page of its own. */
function browserTest(title: string, run: (page: BrowserPage) => Promise<void>): void {
  testWithOracle("chromium", title, () => browser?.withPage(run), 180_000);
}

async function inScheme(page: BrowserPage, value: "light" | "dark"): Promise<void> {
  const features = [{ name: "prefers-color-scheme", value }];
  await page.send("Emulation.setEmulatedMedia", { features });
}

async function inWidth(page: BrowserPage, width: number): Promise<void> {
  const size = { width, height: 800, deviceScaleFactor: 1, mobile: width < 500 };
  await page.send("Emulation.setDeviceMetricsOverride", size);
}

async function press(page: BrowserPage, key: "Tab" | "Enter"): Promise<void> {
  const codes = { Tab: 9, Enter: 13 } as const;
  const text = key === "Enter" ? { text: "\r" } : {};
  const base = { key, code: key, windowsVirtualKeyCode: codes[key], ...text };
  await page.send("Input.dispatchKeyEvent", { type: "keyDown", ...base });
  await page.send("Input.dispatchKeyEvent", { type: "keyUp", ...base });
}

describe("what is there", () => {
  browserTest("the verdict, each file, each finding, and nothing that was not asked for", async (
    page,
  ) => {
    await page.open(addressOf("plan"));
    expect(await page.evaluate("document.title")).toBe(
      "Error: pgmate plan for app@db.example.com:5432/shop",
    );
    expect(await page.evaluate("document.querySelector('h1').innerText.replace(/\\s+/g, ' ')"))
      .toBe("Error : not to be run as it is: 1 finding is an error; also breaking");
    await page.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)");
    const text = String(await page.evaluate("document.body.innerText"));
    const { review } = reviewSample();
    for (const { file } of review.files) expect(text).toContain(file.name);
    for (const { rule } of spokenFindings(lintSample())) expect(text).toContain(rule);
    expect(text).toContain("relation \"app.legacy_orders\" does not exist");
    expect(text).not.toContain(sampleSecret);
    expect(await page.evaluate("document.scripts.length")).toBe(0);
  });

  browserTest("it asks for nothing but itself, and the console is quiet", async (page) => {
    for (const name of ["plan", "lint", "quiet", "empty"]) await page.open(addressOf(name));
    const requests = page.events("Network.requestWillBeSent").map(({ params }) =>
      (params["request"] as { readonly url: string }).url,
    );
    expect(requests).toEqual(["plan", "lint", "quiet", "empty"].map(addressOf));
    expect(page.events("Log.entryAdded")).toEqual([]);
    expect(page.events("Runtime.consoleAPICalled")).toEqual([]);
    expect(page.events("Runtime.exceptionThrown")).toEqual([]);
  });

  browserTest("a script that got in would not run", async (page) => {
    const path = join(folder, "attacked.html");
    const attack = "<script>document.title = 'run'</script><p onclick='x'><img src=x onerror=a>";
    writeFileSync(path, reviewHtml(quietSample()).replace("</main>", `${attack}</main>`));
    await page.open(pathToFileURL(path).href);
    expect(await page.evaluate("document.title")).not.toBe("run");
    const failures = page.events("Network.loadingFailed").map(({ params }) => params);
    expect(failures).toMatchObject([{ type: "Image", blockedReason: "csp" }]);
  });
});

describe("for everybody", () => {
  const axe = readFileSync(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8");

  /** The page's own policy would refuse a script; it must not be asked. */
  async function violations(page: BrowserPage, name: string): Promise<unknown> {
    await page.send("Page.setBypassCSP", { enabled: true });
    await page.open(addressOf(name));
    await page.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)");
    await page.evaluate(axe);
    return page.evaluate(`axe.run(document, { resultTypes: ["violations", "incomplete"] })
      .then(({ violations, incomplete }) => [...violations, ...incomplete]
        .map(({ id, nodes }) => id + ": " + nodes.slice(0, 3).map(({ html }) => html).join(" ")))`);
  }

  for (const scheme of ["light", "dark"] as const) {
    for (const width of [1100, 320]) {
      browserTest(`axe finds nothing, ${scheme}, ${width} pixels wide`, async (page) => {
        await inScheme(page, scheme);
        await inWidth(page, width);
        expect(await violations(page, "plan")).toEqual([]);
      });
    }
  }

  browserTest("axe finds nothing in what is short", async (page) => {
    for (const name of ["lint", "quiet", "empty"]) expect(await violations(page, name)).toEqual([]);
  });

  browserTest("the two schemes differ, and each is what it is called", async (page) => {
    const light = "getComputedStyle(document.body).backgroundColor";
    await inScheme(page, "light");
    await page.open(addressOf("plan"));
    expect(await page.evaluate(light)).toBe("rgb(247, 247, 245)");
    await inScheme(page, "dark");
    expect(await page.evaluate(light)).toBe("rgb(18, 20, 23)");
  });

  browserTest("the first Tab leads to a link that skips to the review", async (page) => {
    await page.open(addressOf("plan"));
    await press(page, "Tab");
    const focused = "document.activeElement.textContent";
    expect(await page.evaluate(focused)).toBe("Skip to the review");
    const top = "document.activeElement.getBoundingClientRect().top";
    expect(Number(await page.evaluate(top))).toBeGreaterThanOrEqual(0);
    await press(page, "Enter");
    expect(await page.evaluate("location.hash")).toBe("#review");
    await press(page, "Tab");
    expect(await page.evaluate(focused)).toBe("20260301090000_orders_note.sql");
  });

  browserTest("every listing and every fold can be reached by Tab, and shows it", async (page) => {
    await page.open(addressOf("plan"));
    const wanted = Number(await page.evaluate(
      "document.querySelectorAll('a, summary, .listing').length - " +
        "document.querySelectorAll('details:not([open]) .listing').length",
    ));
    const seen = new Set<unknown>();
    for (let times = 0; times < wanted; times += 1) {
      await press(page, "Tab");
      seen.add(await page.evaluate("[...document.querySelectorAll('*')]" +
        ".indexOf(document.activeElement)"));
      expect(await page.evaluate(
        "getComputedStyle(document.activeElement).outlineStyle",
      )).not.toBe("none");
    }
    expect(seen.size).toBe(wanted);
  });
});

describe("everywhere", () => {
  for (const width of [320, 360, 768, 1100]) {
    browserTest(`nothing stands out of a page ${width} pixels wide`, async (page) => {
      await inWidth(page, width);
      for (const name of ["plan", "lint", "quiet", "empty"]) {
        await page.open(addressOf(name));
        await page.evaluate(
          "document.querySelectorAll('details').forEach((one) => one.open = true)",
        );
        expect(Number(await page.evaluate("document.documentElement.scrollWidth")))
          .toBeLessThanOrEqual(width);
        const wide = await page.evaluate(`[...document.querySelectorAll("body *")]
          .filter((one) => !one.closest(".listing pre, .sr"))
          .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
          .map((one) => one.outerHTML.slice(0, 100))`);
        expect(wide).toEqual([]);
      }
    });
  }

  browserTest("on paper what is folded is there, and nothing is dark", async (page) => {
    await inScheme(page, "dark");
    const features = [{ name: "prefers-color-scheme", value: "dark" }];
    await page.send("Emulation.setEmulatedMedia", { media: "print", features });
    await page.open(addressOf("plan"));
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor"))
      .toBe("rgb(255, 255, 255)");
    const heights = await page.evaluate(`[...document.querySelectorAll("details > :not(summary)")]
      .map((one) => one.checkVisibility({ contentVisibilityAuto: true }) &&
        one.getBoundingClientRect().height > 10)`);
    expect(heights).toEqual([true, true, true]);
    const pdf = await page.send("Page.printToPDF", { printBackground: true });
    expect(Buffer.from(String(pdf["data"]), "base64").subarray(0, 5).toString()).toBe("%PDF-");
  });
});
