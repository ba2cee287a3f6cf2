// What is measured of the portal's pages in a browser: faults that axe finds, Lighthouse's scores, and the time until a page can be used.
import AxeBuilder from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from '@playwright/test';
import lighthouse, { desktopConfig } from 'lighthouse';
import { PUBLIC_PAGES, SIGNED_IN_PAGES } from '../e2e/pages/all-pages.ts';

/** Where a browser is signed in, and what opens one that is not. */
export type Signed = { context: BrowserContext; portalUrl: string };

export async function axeViolations(page: Page, portalUrl: string, paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const path of paths) {
      await page.goto(portalUrl + path);
      const { violations } = await new AxeBuilder({ page }).analyze();
      found.push(...violations.map(({ id }) => `${path} ${id} (${colorScheme})`));
    }
  }
  return found;
}

export const AXE_PAGES = { public: PUBLIC_PAGES, signedIn: SIGNED_IN_PAGES };

export const CATEGORIES = ['performance', 'accessibility', 'best-practices'] as const;
export type Scores = Record<(typeof CATEGORIES)[number], number>;

/** Scores of 0–100 as Lighthouse gives them to a desktop, and what it found wanting. The browser keeps its cookies and its session. */
export async function lighthouseScores(url: string, port: number): Promise<{ scores: Scores; wanting: string[] }> {
  const flags = { port, disableStorageReset: true, onlyCategories: [...CATEGORIES], logLevel: 'error' as const };
  const result = await lighthouse(url, flags, desktopConfig);
  if (!result) throw new Error(`Lighthouse says nothing about ${url}.`);
  const { categories, audits, runtimeError } = result.lhr;
  if (runtimeError) throw new Error(`Lighthouse cannot read ${url}: ${runtimeError.message}`);
  const scores = Object.fromEntries(
    CATEGORIES.map((name) => [name, Math.round((categories[name]?.score ?? 0) * 100)]),
  ) as Scores;
  const wanting = Object.values(audits).filter(
    ({ score, scoreDisplayMode }) => score !== null && score < 0.9 && scoreDisplayMode !== 'informative',
  );
  return { scores, wanting: wanting.map(({ id }) => id) };
}

export type LauncherTime = { usableMs: number; cpuMs: number };

/**
 * From the navigation until the search has its script and every tile was painted, with nothing cached; and the CPU time of the
 * page's main thread, which other work on the machine does not lengthen.
 */
export async function launcherTime(browser: Browser, signed: Signed, tiles: number): Promise<LauncherTime> {
  const context = await browser.newContext({ storageState: await signed.context.storageState() });
  try {
    const page = await context.newPage();
    await page.addInitScript((wanted) => {
      function look() {
        const links = document.querySelectorAll('main [data-app-id]').length;
        const listens = document.querySelector('main input[type=search][aria-keyshortcuts]');
        if (links < wanted || !listens) return void requestAnimationFrame(look);
        // The frame after the next begins when this state has been painted.
        requestAnimationFrame(() =>
          requestAnimationFrame(() => Object.assign(window, { usableAt: performance.now() })),
        );
      }
      requestAnimationFrame(look);
    }, tiles);
    const session = await context.newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    await page.goto(signed.portalUrl);
    const usable = await page.waitForFunction(() => (window as { usableAt?: number }).usableAt);
    const { metrics } = await session.send('Performance.getMetrics');
    const taskSeconds = metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
    return { usableMs: (await usable.jsonValue()) ?? Number.NaN, cpuMs: taskSeconds * 1_000 };
  } finally {
    await context.close();
  }
}

export type PageTime = { answerMs: number; paintMs: number };

/** The server's whole answer, and the first paint after the navigation began. The browser has the static files already. */
export async function pageTime(page: Page, url: string): Promise<PageTime> {
  await page.goto(url);
  return page.evaluate(async () => {
    const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    const paint = await new Promise<number>((resolve) => {
      new PerformanceObserver((list) => {
        const first = list.getEntries().find(({ name }) => name === 'first-contentful-paint');
        if (first) resolve(first.startTime);
      }).observe({ type: 'paint', buffered: true });
    });
    return { answerMs: (navigation?.responseEnd ?? 0) - (navigation?.requestStart ?? 0), paintMs: paint };
  });
}
