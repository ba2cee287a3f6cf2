// The path view in a browser: each of three failures stands at its step with the sentence that mends it, and a person sees nothing of what is private.
import { createServer } from 'node:http';
import AxeBuilder from '@axe-core/playwright';
import { type Browser, test as base, expect, type Page } from '@playwright/test';
import { type Bind, startBind, zoneText } from '#server/dns/bind.testing.ts';
import { addToCatalogue, type CatalogueApp } from './system/catalogue.ts';
import { type Foyer, startFoyer } from './system/foyer.ts';
import { freePort } from './system/free-port.ts';
import { signIn } from './system/journey.ts';
import { htmlPage, startUpstream, type Upstream } from './system/upstream.ts';

const PASSWORD = 'four plain words here';
const ADMIN = { email: 'ada@corp.example', password: PASSWORD };
const MEMBER = { email: 'grace@corp.example', password: PASSWORD };
const STRANGER = { email: 'linus@corp.example', password: PASSWORD };

/** Everything that only admins may see, each a text of its own. */
const SECRETS = ['secret-shelf', '127.0.77.31', 'Cellar', 'vault.internal'];

type House = { foyer: Foyer; ids: Record<string, string>; upstream: Upstream; privateDns: Bind };

const test = base.extend<object, { house: House }>({
  house: [
    async ({ browserName: _ }, use) => {
      const started = new AsyncDisposableStack();
      const house = await startHouse(started);
      await use(house);
      await started.disposeAsync();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
});

async function startHouse(started: AsyncDisposableStack): Promise<House> {
  const records =
    'gw A 127.0.0.1\ngood CNAME gw\nclosed CNAME gw\ndead CNAME gw\nwrong CNAME old-gw\nold-gw A 203.0.113.99';
  const publicDns = await startBind({ zones: { 'corp.example': zoneText('corp.example', records) } });
  started.defer(() => publicDns.stop());
  const privateDns = await startBind({
    zones: { 'vault.internal': zoneText('vault.internal', 'secret-shelf A 127.0.77.31') },
  });
  started.defer(() => privateDns.stop());
  const upstream = await startUpstream('127.0.77.31', (_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end(htmlPage('Shelf', '')),
  );
  started.defer(() => upstream.stop());
  const foyer = await startFoyer(`http://portal.localhost:${await freePort()}`, {
    FOYER_GATEWAY_NAME: 'gw.corp.example',
    FOYER_PUBLIC_DNS: `127.0.0.1:${publicDns.port}`,
    FOYER_INSIDE_DNS: `127.0.0.1:${publicDns.port}`,
    FOYER_METRICS_LISTEN: 'off',
    FOYER_GATEWAYS: '1',
  });
  started.defer(async () => void (await foyer.stop()));
  const closed = await freePort();
  const place = { scheme: 'http', host: 'secret-shelf.vault.internal', port: upstream.port };
  const app = (name: string, parts: Partial<CatalogueApp> = {}): CatalogueApp => ({
    name: `${name} app`,
    hosts: [`${name}.corp.example`],
    site: 'Cellar',
    upstream: place,
    access: [MEMBER.email, ADMIN.email],
    ...parts,
  });
  const endpoints = [upstream.port, closed].map((port) => ({ address: '127.0.77.31', port }));
  const silent = { address: '127.0.0.1', port: await freePort() };
  const { ids } = await addToCatalogue(foyer, {
    users: [
      { ...ADMIN, name: 'Ada Admin', role: 'admin' },
      { ...MEMBER, name: 'Grace Member' },
      { ...STRANGER, name: 'Linus Member' },
    ],
    sites: [
      { name: 'Cellar', dnsServers: [{ address: '127.0.0.1', port: privateDns.port }], endpoints },
      { name: 'Attic', dnsServers: [silent], endpoints },
    ],
    apps: [
      app('good'),
      app('kept', { hosts: ['kept.localhost'] }),
      app('wrong'),
      app('closed', { upstream: { ...place, port: closed } }),
      app('dead', { site: 'Attic' }),
    ],
  });
  return { foyer, ids, upstream, privateDns };
}

async function enter(browser: Browser, house: House, account: typeof ADMIN): Promise<Page> {
  const page = await (await browser.newContext({ locale: 'en' })).newPage();
  await page.goto(house.foyer.portalUrl);
  await signIn(page, account);
  await page.waitForURL((url) => url.pathname === '/');
  return page;
}

async function openPath(page: Page, house: House, name: string): Promise<void> {
  await page.goto(`${house.foyer.portalUrl}/admin/apps/${house.ids[`${name} app`]}/path`);
  await expect(page.getByRole('status').filter({ hasText: 'Looked at in' })).toBeVisible();
}

const step = (page: Page, name: string) => page.locator(`[data-step="${name}"]`);

test('each failure stands at its own step, with the sentence that mends it', async ({ browser, house }) => {
  test.slow();
  const admin = await enter(browser, house, ADMIN);
  const red = async () =>
    admin
      .locator('[data-step][data-state="bad"]')
      .evaluateAll((all) => all.map((each) => each.getAttribute('data-step')));

  await test.step('a good way is green, with the whole chain of names', async () => {
    await openPath(admin, house, 'good');
    expect(await red()).toEqual([]);
    await expect(admin.getByText('Everything on the way works.')).toBeVisible();
    await expect(step(admin, 'private-dns')).toContainText('secret-shelf.vault.internal is at 127.0.77.31');
    await step(admin, 'public-dns').getByText('Details').click();
    await expect(step(admin, 'public-dns')).toContainText('CNAME gw.corp.example');
    await expect(step(admin, 'public-dns')).toContainText('A 127.0.0.1');
  });

  await test.step('a wrong CNAME, with the record to create', async () => {
    await openPath(admin, house, 'wrong');
    expect(await red()).toEqual(['public-dns']);
    await expect(step(admin, 'public-dns')).toContainText(
      'wrong.corp.example leads to 203.0.113.99, not to the gateway.',
    );
    await expect(step(admin, 'public-dns').getByText('wrong.corp.example. CNAME gw.corp.example.')).toBeVisible();
    await expect(step(admin, 'public-dns').getByRole('button', { name: 'Copy the record' })).toBeVisible();
    await expect(step(admin, 'answer')).toContainText('The app answers: 200.');
  });

  await test.step('a dead private DNS server, with the way to its site', async () => {
    await openPath(admin, house, 'dead');
    expect(await red()).toEqual(['private-dns']);
    await expect(step(admin, 'private-dns')).toContainText('No private DNS server of Attic answers');
    await expect(step(admin, 'connect')).toContainText('An earlier step ends the way.');
    await step(admin, 'private-dns').getByRole('link', { name: 'Open the site' }).click();
    await expect(admin.getByRole('heading', { level: 1, name: 'Attic' })).toBeVisible();
  });

  await test.step('a closed port', async () => {
    await openPath(admin, house, 'closed');
    expect(await red()).toEqual(['connect']);
    await expect(step(admin, 'connect')).toContainText('refuses the connection');
    await expect(step(admin, 'connect')).toContainText('Start the app, or correct the port in its settings.');
  });

  await test.step('mended while the page is open, it is green when looked at again', async () => {
    const port = Number((await step(admin, 'connect').textContent())?.match(/127\.0\.77\.31:(\d+)/)?.[1]);
    const late = createServer((_request, response) => response.end('here now'));
    await new Promise<void>((resolve) => void late.listen(port, '127.0.77.31', resolve));
    await admin.getByRole('button', { name: 'Look again' }).click();
    await expect(admin.getByText('Everything on the way works.')).toBeVisible();
    late.close();
    late.closeAllConnections();
  });
});

test('policy is asked for another person', async ({ browser, house }) => {
  const admin = await enter(browser, house, ADMIN);
  await openPath(admin, house, 'good');
  await expect(step(admin, 'policy')).toContainText('Ada Admin may open it');
  await admin.getByLabel('For person').fill(STRANGER.email);
  await expect(step(admin, 'policy')).toContainText('Linus Member may not open it');
  await expect(admin.getByText('The way stops at: Policy.')).toBeVisible();
  await admin.getByLabel('For person').fill('');
  await expect(step(admin, 'policy')).toContainText('Ada Admin may open it');
});

test('invariant 6, M1, M8: a person sees the way and no byte of what is private; who may not open an app learns nothing of it', async ({
  browser,
  house,
}) => {
  test.slow();
  const grace = await enter(browser, house, MEMBER);
  const seen: Promise<{ text: string; isLook: boolean }>[] = [];
  grace.on('response', (response) => {
    const isLook = response.url().endsWith('/look');
    if (response.url().includes('/_next/static/')) return;
    seen.push(
      response.text().then(
        (text) => ({ text, isLook }),
        () => ({ text: '', isLook }),
      ),
    );
  });
  for (const [name, says] of [
    ['good', 'The app in the private network is reached.'],
    ['closed', 'The app in the private network is not reached.'],
    ['dead', 'The app in the private network is not reached.'],
  ] as const) {
    await grace.goto(`${house.foyer.portalUrl}/path/${house.ids[`${name} app`]}`);
    await expect(step(grace, 'private')).toContainText(says);
    await expect(grace.getByRole('status').filter({ hasText: 'Looked at in' })).toBeVisible();
    await expect(step(grace, 'private-dns')).toHaveCount(0);
  }
  const all = await Promise.all(seen);
  const leaked = (texts: typeof all, words: readonly string[]) =>
    words.filter((word) => texts.some(({ text }) => text.includes(word)));
  const looks = all.filter(({ isLook }) => isLook);
  expect(leaked(looks, ['not-reached'])).toEqual(['not-reached']);
  const ports = [house.upstream.port, house.privateDns.port].map(String);
  expect(leaked(all, [...SECRETS, 'Attic', ...ports])).toEqual([]);
  expect(leaked(looks, ['refused', 'silent', 'connect', 'dns-', 'timeout', 'earlier'])).toEqual([]);

  await test.step('by its name too', async () => {
    await grace.goto(`${house.foyer.portalUrl}/path/good.corp.example`);
    await expect(grace.getByRole('heading', { level: 1, name: 'The way to good app' })).toBeVisible();
  });

  await test.step('the page of an app that one may not open is that of an unknown one', async () => {
    const linus = await enter(browser, house, STRANGER);
    const texts: string[] = [];
    for (const key of [
      house.ids['good app'] ?? '',
      'good.corp.example',
      'nothing',
      '0199aaaa-0000-7000-8000-000000000000',
    ]) {
      const answer = await linus.goto(`${house.foyer.portalUrl}/path/${key}`);
      expect(answer?.status()).toBe(404);
      texts.push(((await linus.locator('main').textContent()) ?? '').replace(/Support id.*/, ''));
      const stream = await linus.evaluate(async (address) => {
        const look = await fetch(address, {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: '',
        });
        return { status: look.status, text: await look.text() };
      }, `${house.foyer.portalUrl}/path/${key}/look`);
      expect(stream).toEqual({ status: 404, text: '' });
    }
    expect(new Set(texts).size).toBe(1);
    const admin = `${house.foyer.portalUrl}/admin/apps/${house.ids['good app']}/path`;
    expect((await linus.goto(admin))?.status()).toBe(403);
  });
});

test('the pages have no fault that axe can find, fit a phone, and are walked by keyboard', async ({
  browser,
  house,
}) => {
  test.slow();
  const admin = await enter(browser, house, ADMIN);
  for (const [colorScheme, width] of [
    ['light', 1440],
    ['dark', 360],
  ] as const) {
    await admin.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await admin.setViewportSize({ width, height: 800 });
    for (const address of [
      `/admin/apps/${house.ids['wrong app']}/path`,
      `/admin/apps/${house.ids['closed app']}/path`,
      `/path/${house.ids['closed app']}`,
    ]) {
      await admin.goto(house.foyer.portalUrl + address);
      await expect(admin.getByRole('status').filter({ hasText: 'Looked at in' })).toBeVisible();
      for (const summary of await admin.locator('summary').all()) await summary.click();
      const { violations } = await new AxeBuilder({ page: admin }).analyze();
      expect.soft(violations.map(({ id, nodes }) => `${address} ${width} ${id}: ${nodes[0]?.html}`)).toEqual([]);
      expect(await admin.evaluate(() => document.documentElement.scrollWidth), address).toBe(width);
    }
  }
  await admin.setViewportSize({ width: 1440, height: 800 });
  await openPath(admin, house, 'closed');
  const details = step(admin, 'connect').locator('summary');
  await details.focus();
  await admin.keyboard.press('Enter');
  await expect(step(admin, 'connect').locator('dd')).toContainText('refused');
});

/** The last one: it ends the private DNS of the house. */
test('D7: while private DNS is away the way goes on with what the gateway holds, and says since when', async ({
  browser,
  house,
}) => {
  test.slow();
  const admin = await enter(browser, house, ADMIN);
  await admin.goto(`http://kept.localhost:${new URL(house.foyer.portalUrl).port}/`);
  await expect(admin.getByRole('heading', { name: 'Shelf' })).toBeVisible();
  await house.privateDns.stop();
  await openPath(admin, house, 'kept');
  const dns = step(admin, 'private-dns');
  await expect(dns).toHaveAttribute('data-state', 'warning');
  await expect(dns).toContainText(
    /Gateways use the answer of \d+:\d\d.*secret-shelf\.vault\.internal is at 127\.0\.77\.31/,
  );
  await dns.getByText('Details').click();
  await expect(dns).toContainText(/Gateway 1 holds.*127\.0\.77\.31.*since \d+:\d\d:\d\d/);
  await expect(step(admin, 'answer')).toContainText('The app answers: 200.');
});
