// An admin who has never seen Foyer publishes an app from the wizard alone, with the keyboard, and somebody opens it.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './system/journey.ts';
import { htmlPage, startUpstream } from './system/upstream.ts';

async function expectNoFault(page: Page, step: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect.soft(violations.map(({ id, nodes }) => `${step} ${id}: ${nodes[0]?.html}`)).toEqual([]);
}

/** Moves on by the keyboard: Enter in a field sends its step. */
async function typeInto(page: Page, label: string, text: string): Promise<void> {
  const field = page.getByLabel(label, { exact: true });
  await field.focus();
  await page.keyboard.press('Control+A');
  await page.keyboard.type(text);
}

test('from a name to an app that people open, with the keyboard alone', async ({ newPerson, demo }) => {
  test.slow();
  // It answers to its internal name alone, and leads there.
  const upstream = await startUpstream('127.0.20.11', (request, response) => {
    if (!request.headers.host?.startsWith('127.0.20.11')) return response.writeHead(400).end('Bad host');
    if (request.url === '/') return response.writeHead(302, { location: `http://${request.headers.host}/home` }).end();
    return response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(htmlPage('Canteen', `<p>Menu for ${request.headers.host}</p>`));
  });
  try {
    await demo.add({
      sites: [{ name: 'Ground floor', endpoints: [{ address: upstream.address, port: upstream.port }] }],
    });
    const page = await newPerson(demo.admin);
    await page.goto(`${demo.portalUrl}/admin/apps`);
    await page.getByRole('link', { name: 'Add app' }).press('Enter');
    const heading = (name: string) => page.getByRole('heading', { level: 2, name });

    await test.step('a mistake is said beside its field, and the focus is there', async () => {
      await expect(heading('What is it called?')).toBeVisible();
      await typeInto(page, 'Public name', 'https://canteen');
      await page.keyboard.press('Enter');
      await expect(page.getByLabel('Name', { exact: true })).toBeFocused();
      await expect(page.getByLabel('Public name')).toHaveAccessibleDescription(/no host name/);
      await typeInto(page, 'Public name', demo.host('wiki'));
      await typeInto(page, 'Name', 'Canteen 2');
      await page.keyboard.press('Enter');
      await expect(page.getByLabel('Public name')).toHaveAccessibleDescription(/Another app has this name/);
      await expect(page.getByLabel('Public name')).toBeFocused();
      await expectNoFault(page, 'name');
    });

    await test.step('a name of this machine needs no record', async () => {
      await typeInto(page, 'Public name', demo.host('canteen2'));
      await expect(page.getByText('no DNS record is needed')).toBeVisible();
      await expect(page.getByText(`${demo.host('canteen2')} leads here.`)).toBeVisible();
      await page.keyboard.press('Enter');
      await expect(heading('Where is it inside?')).toBeFocused();
    });

    await test.step('the upstream is looked at: a closed port is said, the right one is understood', async () => {
      await page.getByLabel('Site', { exact: true }).selectOption('Ground floor');
      await typeInto(page, 'Internal name or address', upstream.address);
      await typeInto(page, 'Port', '9');
      await page.keyboard.press('Enter');
      await expect(page.getByLabel('Internal name or address')).toHaveAccessibleDescription(/means the gateway itself/);
      // In a tab of its own, so that what was typed here stays.
      const toSite = page.getByRole('link', { name: /Change the addresses of Ground floor/ });
      await expect(toSite).toHaveAttribute('href', /\/admin\/sites\/[0-9a-f-]{36}$/);
      await expect(toSite).toHaveAttribute('target', '_blank');
      await typeInto(page, 'Internal name or address', '127.0.20.12');
      await typeInto(page, 'Internal name or address', upstream.address);
      await typeInto(page, 'Port', String(upstream.port));
      await page.keyboard.press('Enter');
      await expect(page.getByText(`${upstream.address} port ${upstream.port} takes the connection.`)).toBeVisible();
      await expect(page.getByText(/Bad|refuses the first page|answers with/).first()).toBeVisible();
      await expectNoFault(page, 'upstream');
    });

    await test.step('going back and a reload lose nothing', async () => {
      await page.reload();
      await expect(page.getByLabel('Internal name or address')).toHaveValue(upstream.address);
      await expect(page.getByText(/takes the connection/)).toBeVisible();
      await page.getByRole('button', { name: 'Back' }).press('Enter');
      await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Canteen 2');
      await page.getByLabel('Name', { exact: true }).press('Enter');
      await expect(heading('Where is it inside?')).toBeFocused();
      await page.getByLabel('Port', { exact: true }).press('Enter');
    });

    await test.step('what is proposed has reasons, and is switched off one by one', async () => {
      await expect(heading('How it is best passed on')).toBeFocused();
      const cookies = page.getByLabel(/Cookies for the internal name/);
      await cookies.focus();
      await page.keyboard.press('Space');
      await expect(cookies).not.toBeChecked();
      await expect(cookies).toHaveAccessibleDescription(/throws cookies/);
      await expectNoFault(page, 'settings');
      await cookies.press('Enter');
    });

    await test.step('who may open it', async () => {
      await expect(heading('Who may open it?')).toBeFocused();
      await page.getByLabel('Groups and people').focus();
      await page.keyboard.type('linus');
      await page.getByLabel(/Linus Member/).focus();
      await page.keyboard.press('Space');
      await expect(page.getByRole('list', { name: 'Chosen' })).toContainText('Linus Member');
      const me = page.getByRole('checkbox', { name: 'Me (Ada Admin)' });
      await me.press('Space');
      await expect(page.getByRole('list', { name: 'Chosen' })).toContainText('Ada Admin');
      await me.press('Space');
      await expect(page.getByRole('list', { name: 'Chosen' })).not.toContainText('Ada Admin');
      await expectNoFault(page, 'people');
      await page.getByRole('button', { name: 'Continue' }).press('Enter');
    });

    await test.step('published, it is there for the one person', async () => {
      await expect(heading('Ready to publish')).toBeFocused();
      await expect(page.getByText(`http://${upstream.address}:${upstream.port}`)).toBeVisible();
      await expectNoFault(page, 'summary');
      await page.getByRole('button', { name: 'Publish' }).press('Enter');
      await expect(heading('Canteen 2 is published')).toBeFocused();
      // Who publishes an app for others is not led into a refusal.
      await expect(page.getByText('You may not open it yourself: only Linus Member may.')).toBeVisible();
      await expect(page.getByRole('link', { name: 'Choose who may open it' })).toHaveAttribute('href', /#who$/);
      await expect(page.getByRole('link', { name: 'Open it', exact: true })).toHaveCount(0);
      await expectNoFault(page, 'done');
      const linus = await newPerson(demo.newcomer);
      await expect(linus.getByRole('link', { name: /Canteen 2/ })).toBeVisible();
      await page.getByRole('link', { name: 'All settings', exact: true }).click();
      await expect(page.getByRole('heading', { level: 1, name: 'Canteen 2' })).toBeVisible();
      await page.goto(`${demo.portalUrl}/admin/apps/publish`);
      await expect(page.getByLabel('Name', { exact: true })).toHaveValue('');
    });
    await demo.add({ goneApps: ['Canteen 2'] });
  } finally {
    await upstream.stop();
  }
});

test('a template brings its port, its settings and what to do in the app', async ({ newPerson, demo }) => {
  const page = await newPerson(demo.admin);
  await page.goto(`${demo.portalUrl}/admin/apps/publish`);
  await page.getByText('Grafana', { exact: true }).click();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Grafana');
  await page.getByLabel('Public name').fill(demo.host('grafana'));
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByLabel('Port', { exact: true })).toHaveValue('3000');
  await page.getByLabel('Site', { exact: true }).selectOption('Sample network');
  await page.getByLabel('Internal name or address').fill('none.corp.internal');
  await page.getByRole('button', { name: 'Look at it' }).click();
  await expect(page.getByText('Private DNS does not know none.corp.internal.')).toBeVisible();
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByLabel('A health check at /api/health')).toBeChecked();
  await expect(page.getByText(/Set root_url to/)).toContainText(`https://${demo.host('grafana')}/`);
});
