// Names in a browser: a wrong record is found, shown with the one that mends it, and gone when it is mended; an app's alias is its record.
import AxeBuilder from '@axe-core/playwright';
import { type Browser, test as base, expect, type Page } from '@playwright/test';
import { type Bind, startBind, zoneText } from '#server/dns/bind.testing.ts';
import { addToCatalogue } from './system/catalogue.ts';
import { type Foyer, startFoyer } from './system/foyer.ts';
import { freePort } from './system/free-port.ts';
import { signIn } from './system/journey.ts';

const PASSWORD = 'four plain words here';
const ADMIN = { email: 'ada@corp.example', password: PASSWORD };
const OWNER = { email: 'olga@corp.example', password: PASSWORD };
const MEMBER = { email: 'grace@corp.example', password: PASSWORD };
const GATEWAY = '203.0.113.20';
const RIGHT = `gw A ${GATEWAY}\nwiki CNAME gw\nshelf CNAME gw\nnotes CNAME gw`;
const WRONG = `gw A ${GATEWAY}\nwiki A 198.51.100.9\nshelf CNAME old-gw\nnotes 86400 CNAME gw`;

type House = { foyer: Foyer; ids: Record<string, string>; publicDns: Bind };

const test = base.extend<object, { house: House }>({
  house: [
    async ({ browserName: _ }, use) => {
      const started = new AsyncDisposableStack();
      await use(await startHouse(started));
      await started.disposeAsync();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
});

async function startHouse(started: AsyncDisposableStack): Promise<House> {
  const publicDns = await startBind({ zones: { 'corp.example': zoneText('corp.example', WRONG) } });
  started.defer(() => publicDns.stop());
  const privateDns = await startBind({
    zones: { 'vault.internal': zoneText('vault.internal', 'wiki A 127.0.77.41\nnotes A 127.0.77.42') },
  });
  started.defer(() => privateDns.stop());
  const foyer = await startFoyer(`http://portal.localhost:${await freePort()}`, {
    FOYER_GATEWAY_NAME: 'gw.corp.example',
    FOYER_PUBLIC_DNS: `127.0.0.1:${publicDns.port}`,
    FOYER_INSIDE_DNS: `127.0.0.1:${publicDns.port}`,
    FOYER_METRICS_LISTEN: 'off',
    FOYER_GATEWAYS: '1',
  });
  started.defer(async () => void (await foyer.stop()));
  const app = (name: string) => ({
    ...{ name, hosts: [`${name.toLowerCase()}.corp.example`], site: 'Vault', access: [MEMBER.email] },
    upstream: { scheme: 'http', host: `${name.toLowerCase()}.vault.internal`, port: 8080 },
  });
  const { ids } = await addToCatalogue(foyer, {
    users: [
      { ...ADMIN, name: 'Ada Admin', role: 'admin' },
      { ...OWNER, name: 'Olga Owner', role: 'app-owner' },
      { ...MEMBER, name: 'Grace Member' },
    ],
    sites: [{ name: 'Vault', dnsServers: [privateDns], zones: ['vault.internal'], ranges: ['10.0.0.0/8'] }],
    apps: ['Wiki', 'Shelf', 'Notes'].map(app),
  });
  return { foyer, ids, publicDns };
}

async function signedIn(browser: Browser, { foyer }: House, account: typeof ADMIN, path = '/'): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(foyer.portalUrl);
  await signIn(page, account);
  await expect(page.getByRole('heading', { name: 'Your apps' })).toBeVisible();
  await page.goto(`${foyer.portalUrl}${path}`);
  return page;
}

test('a look finds what is wrong, by app and with the record that mends it, and what is mended is gone', async ({
  browser,
  house,
}, info) => {
  const page = await signedIn(browser, house, ADMIN, '/admin/names');
  await expect(page.getByText('Nobody has looked yet')).toBeVisible();
  await page.getByRole('button', { name: 'Check now' }).click();
  await expect(page.getByText(/things are wrong/)).toBeVisible();
  const wiki = page.getByRole('region', { name: 'Wiki' });
  await expect(wiki.getByText('leads to 198.51.100.9 and not to the gateway')).toBeVisible();
  const elsewhere = wiki.getByRole('listitem').filter({ hasText: 'leads to 198.51.100.9' });
  await expect(elsewhere.getByText('wiki.corp.example. 300 IN CNAME gw.corp.example.')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Notes' }).getByText('kept for 24 hours')).toBeVisible();
  const shelf = page.getByRole('region', { name: 'Shelf' });
  await expect(shelf.getByText(/old-gw\.corp\.example, a name that does not exist/)).toBeVisible();
  await expect(shelf.getByText(/does not know shelf\.vault\.internal/)).toBeVisible();
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const width of [1440, 360]) {
      await page.setViewportSize({ width, height: 900 });
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(
        violations.map(({ id }) => id),
        `${scheme} ${width}`,
      ).toEqual([]);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      expect(wide, `${scheme} ${width}`).toBe(false);
      await page.screenshot({ path: info.outputPath(`names-${scheme}-${width}.png`), fullPage: true });
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 });

  await page.goto(`${house.foyer.portalUrl}/admin/apps/${house.ids.Wiki}/path`);
  const note = page.getByRole('region', { name: 'Names' });
  await expect(note.getByText('leads to 198.51.100.9')).toBeVisible();
  await note.getByRole('link', { name: 'All names' }).click();

  await house.publicDns.setZone('corp.example', zoneText('corp.example', RIGHT, { serial: 2 }));
  // Whoever asks again within seconds is told what was found a moment ago.
  await expect(async () => {
    await page.getByRole('button', { name: 'Check now' }).click();
    await expect(page.getByText('24 hours')).toBeHidden({ timeout: 2_000 });
  }).toPass({ timeout: 20_000 });
  // What this machine's own DNS says of these names is its own matter, and no error.
  await expect(page.getByText(/^One thing is wrong, and/)).toBeVisible();
  await expect(page.getByText(/does not know shelf\.vault\.internal/)).toBeVisible();
});

test('M1, invariant 5: a member has no such page, and an owner sees nothing of other people’s apps', async ({
  browser,
  house,
}) => {
  const member = await signedIn(browser, house, MEMBER);
  expect((await member.goto(`${house.foyer.portalUrl}/admin/names`))?.status()).toBe(403);
  const owner = await signedIn(browser, house, OWNER, '/admin/names');
  await expect(owner.getByRole('heading', { name: 'Names' })).toBeVisible();
  await expect(owner.getByRole('button', { name: 'Check now' })).toBeHidden();
  expect(await owner.getByRole('main').innerText()).not.toMatch(/wiki|shelf|notes|vault/i);
  expect(await owner.content()).not.toMatch(/vault\.internal|gw\.corp|203\.0\.113|Shelf/);
});

test('SCL-4: with a zone of aliases an app’s record is its alias, and a new one is given when somebody asks', async ({
  browser,
  house,
}, info) => {
  const page = await signedIn(browser, house, ADMIN, '/admin/settings');
  const form = page.getByRole('form', { name: 'Aliases' });
  await form.getByLabel('Zone of aliases').fill('alias.corp.example');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form.getByText('Aliases lead to the gateways. Add the public address of one.')).toBeVisible();
  await form.getByLabel('Name servers 1').fill('ns1.corp.example');
  await form.getByLabel('Addresses of the gateways 1').fill(GATEWAY);
  await expect(form.getByText('alias.corp.example. NS ns1.corp.example.')).toBeVisible();
  await page.screenshot({ path: info.outputPath('aliases.png'), fullPage: true });
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form.getByText(/^Saved/)).toBeVisible();

  await page.goto(`${house.foyer.portalUrl}/admin/apps/${house.ids.Wiki}`);
  const records = page.getByRole('region', { name: 'Public DNS' });
  const record = records.getByText(/^wiki\.corp\.example\. CNAME [a-z2-7]{32}\.alias\.corp\.example\.$/);
  const before = await record.textContent();
  await page.screenshot({ path: info.outputPath('app.png') });
  await records.getByRole('button', { name: 'New alias…' }).click();
  await page.getByRole('button', { name: 'Give it a new one' }).click();
  await expect(record).not.toHaveText(before ?? '');
});
