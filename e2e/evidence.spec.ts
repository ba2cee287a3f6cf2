// What administrators see of real traffic, what they take along, and what they end: streams, sessions' data, people.
import { readFile } from 'node:fs/promises';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, shownSupportId, test } from './system/journey.ts';
import { watchSocketEnd } from './system/socket-end.ts';
import { htmlPage, startUpstream } from './system/upstream.ts';

/** Counts reach the store every ten seconds, and presence every five. */
const COUNTED_MS = 25_000;

const PAGES = 4;

test('the overview shows the traffic that was there: requests, people, faults of an app', async ({
  newPerson,
  demo,
}) => {
  test.setTimeout(90_000);
  let failures = 0;
  const upstream = await startUpstream('127.0.21.1', (_request, response) => {
    failures += 1;
    response.writeHead(500).end('broken');
  });
  try {
    await demo.addApp({ name: 'Canteen menu', hosts: [demo.host('menu')], access: [demo.member.email] }, upstream);
    const grace = await newPerson(demo.member);
    for (let at = 0; at < PAGES; at += 1) await grace.goto(demo.url('menu'));
    const admin = await newPerson(demo.admin);
    await admin.goto(`${demo.portalUrl}/admin?range=hour`);
    const row = admin.getByRole('row', { name: /Canteen menu/ });
    await expect(async () => {
      await admin.reload();
      const counted = Number(/^Canteen menu\s+\d+\s+(\d+)\s/.exec(await row.innerText())?.[1]);
      // An icon that a page asks for is cut off by the next page, and then it is no answer of the app.
      expect(counted).toBeGreaterThanOrEqual(PAGES);
      expect(counted).toBeLessThanOrEqual(failures);
    }).toPass({ timeout: COUNTED_MS });
    await expect(admin.getByText('Active people').locator('..')).toHaveText(/[1-9]/);

    await test.step('every plot is said in words, and is a table', async () => {
      const traffic = admin.getByRole('figure', { name: 'Requests per second' });
      await expect(traffic.getByRole('listitem').filter({ hasText: /Requests: between .* at last/ })).toHaveCount(1);
      // Nothing ran here an hour ago: that is no gap.
      const latency = admin.getByRole('figure', { name: 'Time until apps answer' });
      await expect(latency.getByText(/^Measured since \d/)).toBeVisible();
      await traffic.getByText('Show as a table').click();
      await expect(traffic.getByRole('row')).toHaveCount(61);
      const { violations } = await new AxeBuilder({ page: admin }).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    });

    await test.step('what was not served is told in the reader’s words', async () => {
      const refusals = admin.getByRole('figure', { name: 'Not served, by reason' });
      await expect(refusals.getByRole('listitem').filter({ hasText: /^not signed in to the app: / })).toHaveCount(1);
    });

    await test.step('the range is an address, and stays within a small phone', async () => {
      await admin.setViewportSize({ width: 360, height: 740 });
      await admin.getByRole('link', { name: '30 days' }).click();
      await expect(admin).toHaveURL(/range=month/);
      expect(await admin.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    });
  } finally {
    await upstream.stop();
  }
});

test('a refusal is found by its support id, filtered for, and taken along', async ({ newPerson, demo }) => {
  const linus = await newPerson(demo.newcomer);
  await linus.goto(demo.url('ops'));
  const supportId = await shownSupportId(linus);

  const auditor = await newPerson(demo.admin);
  await auditor.goto(`${demo.portalUrl}/admin/audit/${supportId}`);
  await expect(auditor.getByRole('row').filter({ hasText: 'Access refused' })).toHaveCount(1);

  await auditor.goto(`${demo.portalUrl}/admin/audit`);
  await auditor.getByText('More filters').click();
  await auditor.getByLabel('Reason').selectOption('not-assigned');
  await auditor.getByLabel('Person').fill(demo.newcomer.email);
  await auditor.getByRole('button', { name: 'Filter' }).click();
  await expect(auditor).toHaveURL(/reason=not-assigned/);
  await expect(auditor.getByRole('link', { name: supportId })).toBeVisible();
  await auditor.getByRole('link', { name: supportId }).click();
  await expect(auditor).toHaveURL(new RegExp(`/admin/audit/${supportId}$`));
  await auditor.goBack();

  for (const [link, ending] of [
    ['Export CSV', 'csv'],
    ['Export JSON lines', 'jsonl'],
  ] as const) {
    const [download] = await Promise.all([
      auditor.waitForEvent('download'),
      auditor.getByRole('link', { name: link }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(new RegExp(`\\.${ending}$`));
    const text = await readFile(await download.path(), 'utf8');
    expect(text).toContain(supportId);
    expect(text).not.toContain('sign-in');
  }
  await auditor.goto(`${demo.portalUrl}/admin/audit?action=audit-exported`);
  await expect(auditor.getByRole('row').filter({ hasText: 'Audit exported' })).toHaveCount(2);
  // Long values break: what stands at the end of a line is never cut off.
  await auditor.goto(`${demo.portalUrl}/admin/audit`);
  const table = auditor.getByRole('table', { name: 'Audit' });
  const excess = await table.evaluate((each) => each.scrollWidth - (each.parentElement?.clientWidth ?? 0));
  expect(excess).toBeLessThanOrEqual(0);
});

test('A7: a WebSocket is seen and ended: it closes within a second, the session goes on', async ({
  newPerson,
  demo,
}) => {
  const upstream = await startUpstream(
    '127.0.21.2',
    (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(htmlPage('Ticker', '')),
    { onSocket: (socket) => socket.send('hello') },
  );
  try {
    await demo.addApp({ name: 'Ticker', hosts: [demo.host('ticker')], access: [demo.newcomer.email] }, upstream);
    const linus = await newPerson(demo.newcomer);
    await linus.goto(demo.url('ticker'));
    const socket = watchSocketEnd(linus, '/');
    await socket.opened;
    const admin = await newPerson(demo.admin);
    await admin.goto(`${demo.portalUrl}/admin/sessions/streams?q=linus`);
    const row = admin.getByRole('row').filter({ hasText: 'Ticker' });
    await expect(async () => {
      await admin.reload();
      await expect(row).toHaveCount(1);
    }).toPass({ timeout: COUNTED_MS });
    await expect(row).toContainText('WebSocket');
    await admin.goto(`${demo.portalUrl}/admin/sessions?q=linus`);
    await expect(admin.getByRole('row').filter({ hasText: 'Ticker' })).toHaveCount(1);

    await admin.getByRole('button', { name: 'End stream' }).click();
    const answered = admin.waitForResponse((response) => response.request().method() === 'POST').then(Date.now);
    await admin.getByRole('alertdialog').getByRole('button', { name: 'End stream' }).click();
    const { at, code, reason } = await socket.closed;
    expect([code, reason]).toEqual([1008, 'ended-by-admin']);
    expect(at - (await answered)).toBeLessThan(1_000);
    await expect(admin.getByRole('row').filter({ hasText: 'Ticker' })).toHaveCount(0);
    await linus.reload();
    await expect(linus.getByRole('heading', { name: 'Ticker' })).toBeVisible();
  } finally {
    await upstream.stop();
  }
});

test('a person is exported, and erased by who types their address', async ({ newPerson, demo }) => {
  const name = 'Mary Leaving';
  const account = { email: 'mary@corp.example', password: 'compiler of compilers' };
  await demo.add({ users: [{ ...account, name, role: 'member' }] });
  const mary = await newPerson(account);
  const admin = await newPerson(demo.admin);
  await admin.goto(`${demo.portalUrl}/admin/users?q=mary`);
  await admin.getByRole('link', { name }).click();
  const [download] = await Promise.all([
    admin.waitForEvent('download'),
    admin.getByRole('link', { name: 'Export as JSON' }).click(),
  ]);
  const person = JSON.parse(await readFile(await download.path(), 'utf8'));
  expect(person.profile.email).toBe(account.email);
  expect(person.sessions).toHaveLength(1);

  await erase(admin, 'somebody@else.example');
  await expect(admin.getByText('This is not the e-mail address of Mary Leaving.')).toBeVisible();
  const { violations } = await new AxeBuilder({ page: admin }).include('[role=alertdialog]').analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await admin.getByRole('button', { name: 'Keep' }).click();
  await erase(admin, account.email);
  await expect(admin).toHaveURL(/\/admin\/users$/);
  await mary.reload();
  await expect(mary.getByRole('heading', { name: 'Sign in to Foyer' })).toBeVisible();
  await admin.goto(`${demo.portalUrl}/admin/audit?userId=${person.profile.id}`);
  await expect(admin.getByRole('row').filter({ hasText: 'Signed in' })).toContainText(/erased-[0-9a-f]{12}/);
  await expect(admin.getByText(account.email)).toHaveCount(0);
});

test('how long things are kept is changed after what goes was seen', async ({ newPerson, demo }) => {
  const admin = await newPerson(demo.admin);
  await admin.goto(`${demo.portalUrl}/admin/audit`);
  await admin.getByRole('link', { name: 'Retention' }).click();
  await admin.getByRole('textbox', { name: 'Audit' }).fill('7');
  await admin.getByRole('button', { name: 'See what goes' }).click();
  await expect(admin.getByText('Keep it for 30 days at least.')).toBeVisible();
  await expect(admin.getByRole('textbox', { name: 'Audit' })).toHaveValue('7');
  await admin.getByRole('textbox', { name: 'Audit' }).fill('365');
  await admin.getByRole('button', { name: 'See what goes' }).click();
  await expect(admin.getByText('0 lines of the audit are deleted')).toBeVisible();
  await admin.getByRole('button', { name: 'Save, and let it go' }).click();
  await expect(admin.getByText('Saved. Live everywhere.')).toBeVisible();
  await admin.reload();
  await expect(admin.getByRole('textbox', { name: 'Audit' })).toHaveValue('365');
});

async function erase(admin: Page, typed: string): Promise<void> {
  await admin.getByRole('button', { name: 'Erase', exact: true }).click();
  await admin.getByLabel(/^To erase, type/).fill(typed);
  await admin.getByRole('button', { name: 'Erase this person' }).click();
}
