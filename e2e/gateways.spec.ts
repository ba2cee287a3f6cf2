// A cluster is set up by its form, says how its nodes are, and is drained and taken back in with the consequences said before.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './system/journey.ts';

async function expectNoFault(page: Page): Promise<void> {
  for (const [width, colorScheme] of [
    [1440, 'light'],
    [360, 'dark'],
  ] as const) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect.soft(violations.map(({ id, nodes }) => `${width} ${id}: ${nodes[0]?.html}`)).toEqual([]);
    expect.soft(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  }
  await page.setViewportSize({ width: 1280, height: 720 });
}

test('TG-H1 TG-X1: an administrator sets up a cluster, is told what is wrong beside the field, and drains a node', async ({
  newPerson,
  demo,
}) => {
  test.slow();
  const page = await newPerson(demo.admin);
  await page.goto(`${demo.portalUrl}/admin`);
  await page.getByRole('link', { name: 'Gateways' }).click();
  await expect(page.getByText('There is no cluster')).toBeVisible();
  await page.getByLabel('Name of the cluster').fill('gateways.corp.internal');
  await page.getByLabel('Port to check').fill('');
  await page.getByRole('textbox', { name: 'Nodes' }).fill('1-200');
  await page.getByRole('textbox', { name: /^Load balancers/ }).fill('1, 2');
  await page.getByLabel('First LAN address').fill('192.168.1.100/24');

  await test.step('an address that would leave the subnet is refused beside its field, and nothing typed is lost', async () => {
    await page.getByRole('button', { name: 'Save' }).click();
    const lan = page.getByLabel('First LAN address');
    await expect(lan).toHaveAccessibleDescription(/Node 155 would|Node 156 would/);
    await expect(page.getByRole('textbox', { name: 'Nodes' })).toHaveValue('1-200');
    await expectNoFault(page);
  });
  await test.step('a view of a side without addresses as well', async () => {
    await page.getByRole('textbox', { name: 'Nodes' }).fill('1-3');
    await page.getByRole('button', { name: 'Add a view' }).click();
    await page.getByLabel('Subnets').fill('10.10.10.0/24');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByLabel('First NAT address')).toHaveAccessibleDescription(/A view tells NAT addresses/);
    await page.getByLabel('First NAT address').fill('10.10.10.100/24');
    await page.getByRole('button', { name: 'Save' }).click();
  });
  await test.step('every node is there with its addresses, and that nobody is available is said', async () => {
    await expect(page.getByRole('cell', { name: '192.168.1.102' })).toBeVisible();
    await expect(page.getByText('Never seen')).toHaveCount(3);
    await expect(page.getByText('Nobody is available: SERVFAIL')).toHaveCount(2);
    await page.getByText('From where their NAT addresses are reached').click();
    await expect(page.getByText('server=/gateways.corp.internal/10.10.10.101')).toBeVisible();
    await expectNoFault(page);
  });
  await test.step('draining says what it does before it does', async () => {
    const second = page.getByRole('row', { name: /Node 2/ });
    await second.getByRole('button', { name: 'Drain' }).click();
    const dialog = page.getByRole('alertdialog');
    await expect(dialog).toContainText('Sessions, WebSockets and downloads that are there stay until they end.');
    await expect(dialog).toContainText('As a load balancer it goes on answering DNS.');
    await dialog.getByRole('button', { name: 'Drain' }).click();
    await expect(second.getByText('Drained')).toBeVisible();
    await second.getByRole('button', { name: 'Take back in' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Take back in' }).click();
    await expect(second.getByText('Drained')).toHaveCount(0);
  });
});
