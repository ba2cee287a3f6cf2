// Somebody who may not: a page that says so, and a support id that leads an administrator to what happened.
import type { Page } from '@playwright/test';
import { type Demo, expect, shownSupportId, test } from './system/journey.ts';
import { htmlPage, startUpstream } from './system/upstream.ts';

async function expectInAudit(admin: Page, demo: Demo, supportId: string, reason: string): Promise<void> {
  await admin.goto(`${demo.portalUrl}/admin/audit`);
  await admin.getByLabel('Support id').fill(supportId);
  await admin.getByRole('button', { name: 'Filter' }).click();
  const row = admin.getByRole('row').filter({ hasText: 'Access refused' });
  await expect(row).toHaveCount(1);
  await expect(row).toContainText(demo.newcomer.email);
  await expect(row).toContainText(reason);
}

test('an app that is not assigned: the refusal names no app, and is found in log and audit', async ({
  newPerson,
  demo,
}) => {
  const page = await newPerson(demo.newcomer);
  await page.goto(demo.url('mirror', '/secret'));
  await expect(page.getByRole('heading', { name: 'You cannot open this app' })).toBeVisible();
  await expect(page.getByText(demo.newcomer.email)).toBeVisible();
  expect(await page.content()).not.toContain('Mirror');
  const supportId = await shownSupportId(page);
  expect(demo.foyer.accessLines().filter((line) => line.access === supportId)).toHaveLength(1);
  await expectInAudit(await newPerson(demo.admin), demo, supportId, 'the app is not assigned');
});

test('A7: access that is taken away ends at the next request, with 403, and is found in log and audit', async ({
  newPerson,
  demo,
}) => {
  const upstream = await startUpstream('127.0.20.3', (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(htmlPage('Payroll', '<p>Numbers.</p>'));
  });
  try {
    const app = { name: 'Payroll', hosts: [demo.host('payroll')] };
    await demo.addApp({ ...app, access: [demo.newcomer.email] }, upstream);
    const page = await newPerson(demo.newcomer);
    await page.goto(demo.url('payroll'));
    await expect(page.getByText('Numbers.')).toBeVisible();
    await demo.addApp({ ...app, access: [] }, upstream);
    await expect.poll(async () => (await page.reload())?.status()).toBe(403);
    await expect(page.getByRole('heading', { name: 'This app is not assigned to you' })).toBeVisible();
    expect(await page.content(), 'a refusal names neither the app nor its upstream').not.toMatch(/127\.0\.20|Numbers/);
    const supportId = await shownSupportId(page);
    const [line] = demo.foyer.accessLines().filter(({ access }) => access === supportId);
    expect(line).toMatchObject({ status: 403, reason: 'not-assigned', path: '/' });
    await expectInAudit(await newPerson(demo.admin), demo, supportId, 'the app is not assigned');
  } finally {
    await upstream.stop();
  }
});

test('SOL-4: a name that is no app gets 404, with no list and no default app', async ({ page, demo }) => {
  const response = await page.goto(demo.url('nothing-here'));
  expect(response?.status()).toBe(404);
  await expect(page.getByRole('heading', { name: 'There is no app at this address' })).toBeVisible();
  expect(await page.content()).not.toMatch(/Wiki|Ops board|Mirror/);
});
