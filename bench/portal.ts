// The portal's pages with a company in its store: axe, Lighthouse, and how long the launcher and the admin tables take.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from '@playwright/test';
import { CHROMIUM_ARGS } from '../e2e/chromium-args.ts';
import { freePort } from '../e2e/system/free-port.ts';
import { findProgram } from '../tools/prerequisites.ts';
import { type BenchFoyer, PERSON, startBenchFoyer } from './foyer-side.ts';
import { startOrigin } from './origin.ts';
import { type Company, foundCompany } from './portal-crowd.ts';
import {
  AXE_PAGES,
  axeViolations,
  CATEGORIES,
  type LauncherTime,
  launcherTime,
  lighthouseScores,
  pageTime,
} from './portal-pages.ts';
import { absoluteBar, type BenchResult, type BenchRow, rounded } from './result.ts';
import { median } from './rounds.ts';

const COMPANY: Company = { apps: 2_000, ownApps: 300, people: 10_000, groups: 500, sessions: 3_000, events: 50_000 };
const LAUNCHER_MS = 1_000;
const TABLE_MS = 300;
/** Of a hundred. */
const POINTS_LOST = 5;
const LIGHTHOUSE_PAGES = { 'sign-in': '/sign-in', launcher: '/', catalogue: '/admin/apps' };
const TABLES = {
  apps: '/admin/apps',
  'apps-last-page': '/admin/apps?page=40',
  'apps-search': '/admin/apps?q=app+1999',
  users: '/admin/users',
  'users-search': '/admin/users?q=person-9999',
  groups: '/admin/groups',
  sessions: '/admin/sessions',
  audit: '/admin/audit',
};

export async function benchPortal(quick: boolean): Promise<BenchResult> {
  const origin = await startOrigin();
  const foyer = await startBenchFoyer({ originPort: origin.port, isPinned: false });
  const profile = mkdtempSync(join(tmpdir(), 'foyer-bench-browser-'));
  const port = await freePort();
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findProgram('chromium') ?? undefined,
    args: [...CHROMIUM_ARGS, `--remote-debugging-port=${port}`],
    viewport: { width: 1440, height: 900 },
  });
  try {
    await foundCompany(foyer, COMPANY);
    const strangers = await strangerRows(context, foyer, port, quick ? 1 : 5);
    await signIn(context, foyer);
    const rows = [
      ...(await tableRows(context, foyer, quick ? 3 : 9)),
      ...(await launcherRows(context, foyer, quick ? 3 : 9)),
      ...(await scoreRows(foyer, port, ['launcher', 'catalogue'], quick ? 1 : 5)),
      await axeRow(await context.newPage(), foyer, 'axe-signed-in-pages', AXE_PAGES.signedIn),
    ];
    return { bench: 'portal', rows: [...strangers, ...rows] };
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
    await foyer.stop();
    await origin.stop();
  }
}

/** Before anybody has signed in. */
async function strangerRows(
  context: BrowserContext,
  foyer: BenchFoyer,
  port: number,
  rounds: number,
): Promise<BenchRow[]> {
  const scores = await scoreRows(foyer, port, ['sign-in'], rounds);
  return [await axeRow(await context.newPage(), foyer, 'axe-public-pages', AXE_PAGES.public), ...scores];
}

async function signIn(context: BrowserContext, { portalUrl }: BenchFoyer): Promise<void> {
  const page = await context.newPage();
  await page.goto(portalUrl);
  await page.locator('[name=email]').fill(PERSON.email);
  await page.locator('[name=password]').fill(PERSON.password);
  await page.locator('button[type=submit]').click();
  await page.waitForURL(`${portalUrl}/`);
  await page.close();
}

async function axeRow(page: Page, { portalUrl }: BenchFoyer, id: string, paths: readonly string[]): Promise<BenchRow> {
  const violations = await axeViolations(page, portalUrl, paths);
  await page.close();
  const note = `${paths.length} pages, light and dark${violations.length > 0 ? `: ${violations.join('; ')}` : ''}`;
  return {
    id,
    unit: 'violations',
    foyer: violations.length,
    peers: {},
    bars: [absoluteBar(0, violations.length)],
    note,
  };
}

async function scoreRows(
  { portalUrl }: BenchFoyer,
  port: number,
  names: readonly (keyof typeof LIGHTHOUSE_PAGES)[],
  rounds: number,
): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const name of names) {
    const results: Awaited<ReturnType<typeof lighthouseScores>>[] = [];
    for (let round = 0; round < rounds; round += 1)
      results.push(await lighthouseScores(portalUrl + LIGHTHOUSE_PAGES[name], port));
    const wanting = results[0]?.wanting ?? [];
    for (const category of CATEGORIES) {
      const lost = 100 - median(results.map(({ scores }) => scores[category]));
      rows.push({
        id: `lighthouse-${name}-${category}`,
        unit: 'points lost of 100',
        foyer: lost,
        peers: {},
        bars: [absoluteBar(POINTS_LOST, lost)],
        ...(lost > 0 ? { note: `wanting: ${wanting.join(', ')}` } : {}),
      });
    }
  }
  return rows;
}

async function launcherRows(context: BrowserContext, { portalUrl }: BenchFoyer, rounds: number): Promise<BenchRow[]> {
  const browser = await chromium.launch({ executablePath: findProgram('chromium') ?? undefined, args: CHROMIUM_ARGS });
  try {
    const times: LauncherTime[] = [];
    for (let round = 0; round < rounds; round += 1)
      times.push(await launcherTime(browser, { context, portalUrl }, COMPANY.ownApps));
    const cpu = rounded(median(times.map(({ cpuMs }) => cpuMs)), 0);
    const usable = times.map(({ usableMs }) => usableMs);
    return [
      timeRow('launcher-300-apps-usable', usable, LAUNCHER_MS),
      { id: 'launcher-300-apps-cpu', unit: 'main-thread-ms', foyer: cpu, peers: {}, bars: [] },
    ];
  } finally {
    await browser.close();
  }
}

async function tableRows(context: BrowserContext, { portalUrl }: BenchFoyer, rounds: number): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  const page = await context.newPage();
  for (const [name, path] of Object.entries(TABLES)) {
    // The first visit brings the page's own static files.
    await pageTime(page, portalUrl + path);
    const times = [];
    for (let round = 0; round < rounds; round += 1) times.push(await pageTime(page, portalUrl + path));
    rows.push(
      timeRow(
        `${name}-answer`,
        times.map(({ answerMs }) => answerMs),
        TABLE_MS,
      ),
    );
    rows.push(
      timeRow(
        `${name}-first-paint`,
        times.map(({ paintMs }) => paintMs),
        TABLE_MS,
      ),
    );
  }
  await page.close();
  return rows;
}

/** The median, and how far the rounds were apart: a machine that does other work shows itself there. */
function timeRow(id: string, times: readonly number[], max: number): BenchRow {
  const figure = rounded(median(times), 0);
  const note = `${times.length} rounds, from ${rounded(Math.min(...times), 0)} to ${rounded(Math.max(...times), 0)} ms`;
  return { id, unit: 'ms', foyer: figure, peers: {}, bars: [absoluteBar(max, figure)], note };
}
