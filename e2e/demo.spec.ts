// The demo as a new user meets it: a browser that refuses cookies is told so, --https works, a second start is quick.
import { readdirSync, readFileSync } from 'node:fs';
import { test as base, expect } from '@playwright/test';
import { runCommand, startChild } from './system/child.ts';
import { startDemo } from './system/foyer.ts';
import { openApp, signIn, test } from './system/journey.ts';

const SECOND_START_MS = 5000;

test('a browser that refuses the sign-in cookies reaches a page that says so and offers --https', async ({
  page,
  demo,
}) => {
  // Safari drops Secure cookies on plain http, even on localhost; this browser is made to do the same.
  await page.addInitScript(() => {
    Object.defineProperty(Document.prototype, 'cookie', { get: () => '', set: () => {} });
  });
  await page.goto(demo.url('wiki', '/pages/welcome'));
  await expect(page).toHaveURL(/\/sign-in\/cookies/);
  await expect(page.getByText('npm run demo -- --https')).toBeVisible();
});

base('the demo with --https: sign in, open an app, and its assertion is valid', async ({ browser }) => {
  base.setTimeout(90_000);
  const foyer = await startDemo(['--https']);
  // The demo's own authority is trusted by nobody yet, as on a new user's machine who goes on all the same.
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  try {
    expect(foyer.portalUrl).toMatch(/^https:/);
    const page = await context.newPage();
    await page.goto(foyer.portalUrl);
    await signIn(page, { email: 'grace@corp.example', password: 'grace-demo-1' });
    const app = await openApp(page, /Mirror/);
    await expect(app.getByText('The assertion is valid.')).toBeVisible();
    await app.goto(app.url().replace('mirror', 'ops'));
    await expect(app.getByText('Connected.')).toBeVisible();
  } finally {
    await context.close();
    await foyer.stop();
  }
});

base('README: `npm run demo` is ready, a second start is quick, a taken port is one sentence', async () => {
  base.setTimeout(90_000);
  const firstAt = Date.now();
  const foyer = await startDemo();
  const firstMs = Date.now() - firstAt;
  const { port } = new URL(foyer.portalUrl);
  const taken = startChild(['npm', 'run', '--silent', 'demo', '--', '--port', port]);
  expect((await taken.exited).code).toBe(1);
  expect(taken.lines().join('\n')).toMatch(new RegExp(`^Port ${port} is taken by another program: .*--port \\d+$`));
  await foyer.child.stop('SIGINT');

  const startedAt = Date.now();
  const command = ['npm', 'run', '--silent', 'demo', '--', '--port', port, '--data-dir', foyer.dataDir];
  const again = startChild(command, { asTerminal: true });
  await again.line(/^Foyer is ready: /);
  // On a machine that does other work it is no slower than the first one.
  expect(Date.now() - startedAt).toBeLessThan(Math.max(SECOND_START_MS, firstMs));
  await again.stop('SIGINT');
  await foyer.stop();
  expect(processesOfGroup(again.pid), 'Ctrl-C has ended every process').toEqual([]);
});

base('README: the commands of a real set-up answer', async () => {
  expect(await runCommand(['node', 'bin/foyer.js', '--help'])).toMatch(/start[\s\S]*demo[\s\S]*doctor[\s\S]*admin/);
  const start = startChild(['npm', 'start', '--silent'], { env: { FOYER_PORTAL_URL: undefined } });
  expect((await start.exited).code).toBe(1);
  expect(start.lines().join('\n')).toMatch(/FOYER_PORTAL_URL is missing: set it to/);
});

/** Commands of the processes that are still in a terminal's process group; zombies are no longer running. */
function processesOfGroup(group: number): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const [, command = '', state = '', pgrp = ''] = /^\d+ \((.*)\) (\w) \d+ (\d+)/.exec(readStat(pid)) ?? [];
      return Number(pgrp) === group && state !== 'Z' ? [command] : [];
    });
}

/** Empty for a process that has ended since the folder was listed. */
function readStat(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return '';
  }
}
