// The portal as an installed app: a page that says so when there is no way to Foyer, a list kept where it was chosen, a newer version offered.
import AxeBuilder from '@axe-core/playwright';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from '@playwright/test';
import { startDemo } from './system/foyer.ts';
import { type Account, test as base, type Demo, expect, signIn, signOut } from './system/journey.ts';
import { startWire, type Wire } from './system/wire.ts';

type Device = { page: Page; context: BrowserContext; wire: Wire };
type Fixtures = { newDevice(options?: BrowserContextOptions): Promise<Device> };

/** A device whose only way to Foyer is a wire that the test holds. */
const test = base.extend<Fixtures>({
  newDevice: async ({ browser }, use) => {
    const devices: Device[] = [];
    await use(async (options) => {
      devices.push(await deviceOf(browser, options));
      return devices.at(-1) as Device;
    });
    for (const { context, wire } of devices) {
      await context.close();
      await wire.stop();
    }
  },
});

async function deviceOf(browser: Browser, options: BrowserContextOptions = {}): Promise<Device> {
  const wire = await startWire();
  const context = await browser.newContext({ ...options, proxy: wire.proxy });
  return { wire, context, page: await context.newPage() };
}

/** Signs in and stays until the worker answers for this browser's pages. */
async function settle(page: Page, demo: Pick<Demo, 'portalUrl'>, account: Account, keep?: 'keep'): Promise<void> {
  await page.goto(demo.portalUrl);
  if (keep) {
    await page.getByLabel('My own device').check();
    await page.getByLabel('Keep my app list').check();
  }
  await signIn(page, account);
  await expect(page.getByRole('heading', { name: 'Your apps' })).toBeVisible();
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
}

/** Everything that this browser stored for the portal, by cache and path. */
function stored(page: Page): Promise<[cache: string, path: string, text: string][]> {
  return page.evaluate(async () => {
    const found: [string, string, string][] = [];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const { pathname } = new URL(request.url);
        found.push([name, pathname, (await (await cache.match(request))?.text()) ?? '']);
      }
    }
    return found;
  });
}

const offline = (page: Page) => page.getByRole('heading', { name: /cannot be reached|is offline/ });
const keptApps = (page: Page) => page.getByRole('region', { name: 'Your apps' }).getByRole('link');

test('the portal can be installed: Chromium finds nothing missing, and its worker keeps static files alone (K1)', async ({
  newDevice,
  demo,
}) => {
  const { page, context } = await newDevice();
  await settle(page, demo, demo.admin);
  const session = await context.newCDPSession(page);
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  // A window without a history of its own (incognito, which every test context is) cannot install anything.
  expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([]);

  for (const path of ['/account', '/admin/apps', '/admin/users', '/admin/audit', '/nowhere']) {
    await page.goto(demo.portalUrl + path);
    await page.waitForLoadState('networkidle');
  }
  const all = await stored(page);
  expect(new Set(all.map(([cache]) => cache))).toEqual(new Set(['foyer-files']));
  const others = all.map(([, path]) => path).filter((path) => !path.startsWith('/_next/static/'));
  expect(others.sort()).toEqual([
    '/apple-touch-icon.png',
    '/foyer.css',
    '/icon-192.png',
    '/icon-512.png',
    '/icon-maskable-192.png',
    '/icon-maskable-512.png',
    '/icon.svg',
    '/offline.css',
    '/offline.html',
    '/offline.js',
  ]);
  const personal = all
    .filter(([, , text]) => /ada@corp|grace@|corp\.localhost|Sample network/.test(text))
    .map(([, path]) => path);
  expect(personal, 'files that name a person or an app').toEqual([]);
});

test('without a way to Foyer every page of it says so, in the person’s language, and opens by itself once there is one', async ({
  newDevice,
  demo,
}) => {
  const { page, context, wire } = await newDevice();
  await settle(page, demo, demo.member);
  wire.cut();
  await page.goto(`${demo.portalUrl}/account`);
  await expect(page.getByRole('heading', { name: 'Foyer cannot be reached' })).toBeVisible();
  await expect(page.getByText(/^Last reached .+(GMT|UTC)/)).toBeVisible();
  await expect(page.getByRole('region', { name: 'Your apps' })).toBeHidden();
  await context.setOffline(true);
  await expect(page.getByRole('heading', { name: 'This device is offline' })).toBeVisible();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  }
  wire.mend();
  await context.setOffline(false);
  await expect(page.getByRole('heading', { name: /Grace/ })).toBeVisible();
  await expect(page).toHaveURL(`${demo.portalUrl}/account`);
});

test('the offline page speaks German where the browser does', async ({ newDevice, demo }) => {
  const { page, wire } = await newDevice({ locale: 'de-DE' });
  await page.goto(demo.portalUrl);
  await page.evaluate(() => navigator.serviceWorker.ready);
  wire.cut();
  await page.goto(`${demo.portalUrl}/`);
  await expect(page.getByRole('heading', { name: 'Foyer ist nicht erreichbar' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
});

test.describe('the list of apps', () => {
  test('is kept where it was chosen at sign-in, and until the session ends', async ({ newDevice, demo }) => {
    const { page, wire } = await newDevice();
    await settle(page, demo, demo.member, 'keep');
    await expect.poll(async () => (await stored(page)).some(([cache]) => cache === 'foyer-kept')).toBe(true);
    const kept = (await stored(page)).filter(([cache]) => cache === 'foyer-kept');
    expect(kept.map(([, , text]) => text).join()).not.toMatch(/corp\.internal|127\.0|grace@/);
    wire.cut();
    await page.goto(demo.portalUrl);
    await expect(keptApps(page)).toHaveCount(3);
    await expect(page.getByRole('link', { name: 'Wiki' })).toHaveAttribute('href', demo.url('wiki'));
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);

    // Eight hours of idleness end the session.
    await page.clock.setFixedTime(Date.now() + 8 * 3_600_000);
    await page.reload();
    await expect(offline(page)).toBeVisible();
    await expect.poll(() => page.evaluate(() => caches.keys())).toEqual(['foyer-files']);
    await expect(keptApps(page)).toHaveCount(0);
  });

  test('shows an uploaded icon, which is kept with it', async ({ newDevice, demo }) => {
    const { page, wire } = await newDevice();
    const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    await page.route('**/launcher/icons/*', (route) =>
      route.fulfill({ contentType: 'image/png', body: Buffer.from(pixel, 'base64') }),
    );
    await page.route('**/launcher/apps', async (route) => {
      const answer = await route.fetch();
      const { apps, ...rest } = await answer.json();
      const [first, ...others] = apps;
      const icon = { kind: 'uploaded', sha256: 'a'.repeat(64) };
      await route.fulfill({ response: answer, json: { ...rest, apps: [{ ...first, icon }, ...others] } });
    });
    await settle(page, demo, demo.member, 'keep');
    await expect.poll(() => page.evaluate(() => caches.has('foyer-kept'))).toBe(true);
    // Cut first: a list that is asked for in between would be the real one.
    wire.cut();
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.goto(demo.portalUrl);
    const picture = keptApps(page).first().locator('img');
    await expect(picture).toHaveJSProperty('complete', true);
    await expect(picture).toHaveJSProperty('naturalWidth', 1);
    await expect(keptApps(page).nth(1).locator('img')).toHaveCount(0);
  });

  test('is not kept where nobody chose it: on other devices, or unasked', async ({ newDevice, demo }) => {
    const { page, wire } = await newDevice();
    await page.goto(demo.portalUrl);
    await expect(page.getByLabel('Keep my app list')).toBeHidden();
    await page.getByLabel('My own device').check();
    await page.getByLabel('Keep my app list').check();
    // Changed their mind: the choice goes with the device it belongs to.
    await page.getByLabel('A shared computer').check();
    await signIn(page, demo.member);
    await expect(page.getByRole('heading', { name: 'Your apps' })).toBeVisible();
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.reload();
    await page.waitForLoadState('networkidle');
    wire.cut();
    await page.goto(demo.portalUrl);
    await expect(offline(page)).toBeVisible();
    await expect(keptApps(page)).toHaveCount(0);
    expect(await page.evaluate(() => caches.keys())).toEqual(['foyer-files']);
  });

  test('K1: is gone after signing out, also when the sign-out finds no network', async ({ newDevice, demo }) => {
    const { page, wire } = await newDevice();
    await settle(page, demo, demo.member, 'keep');
    await expect.poll(() => page.evaluate(() => caches.has('foyer-kept'))).toBe(true);
    wire.cut();
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.waitForURL(/chrome-error/);
    await page.goto(demo.portalUrl);
    await expect(offline(page)).toBeVisible();
    expect(await page.evaluate(() => caches.has('foyer-kept'))).toBe(false);

    wire.mend();
    await page.goto(demo.portalUrl);
    await expect.poll(() => page.evaluate(() => caches.has('foyer-kept'))).toBe(true);
    const signedOut = page.waitForResponse((response) => response.url().endsWith('/sign-out'));
    await signOut(page, demo);
    expect(await (await signedOut).headerValue('clear-site-data')).toBe('"cache", "storage"');
    expect(await page.evaluate(() => caches.has('foyer-kept'))).toBe(false);
  });

  test('K1: is gone when the session was ended elsewhere, at the next visit', async ({
    newDevice,
    newPerson,
    demo,
  }) => {
    const { page } = await newDevice();
    await settle(page, demo, demo.member, 'keep');
    await expect.poll(() => page.evaluate(() => caches.has('foyer-kept'))).toBe(true);
    const other = await newPerson(demo.member);
    await other.goto(`${demo.portalUrl}/account`);
    await other.getByRole('button', { name: 'Sign out everywhere else' }).click();
    await other.getByRole('button', { name: 'Sign out', exact: true }).click();
    await expect(other.getByRole('alertdialog')).toBeHidden();
    await page.goto(demo.portalUrl);
    await expect(page.getByRole('heading', { name: 'Sign in to Foyer' })).toBeVisible();
    await expect.poll(() => page.evaluate(() => caches.has('foyer-kept'))).toBe(false);
  });

  test('K1: is never another person’s: whoever signs in next takes its place or deletes it', async ({
    newDevice,
    demo,
  }) => {
    const { page, wire } = await newDevice();
    await settle(page, demo, demo.member, 'keep');
    await expect.poll(() => page.evaluate(() => caches.has('foyer-kept'))).toBe(true);
    await page.goto(`${demo.portalUrl}/sign-in?again=1`);
    await page.getByLabel('My own device').check();
    await page.getByLabel('Keep my app list').check();
    await signIn(page, demo.newcomer);
    await expect(page.getByRole('heading', { name: 'Your apps' })).toBeVisible();
    await expect.poll(() => page.evaluate(() => caches.has('foyer-kept'))).toBe(true);
    wire.cut();
    await page.goto(demo.portalUrl);
    await expect(keptApps(page)).toHaveCount(1);
    expect(await page.content()).not.toContain('Ops board');
    await page.getByRole('button', { name: 'Remove this list' }).click();
    await expect(page.getByText('The list is removed from this device.')).toBeVisible();
    expect(await page.evaluate(() => caches.has('foyer-kept'))).toBe(false);
  });
});

test('K4: a newer version waits until somebody says so, then every tab goes over to it once, and nothing typed is lost', async ({
  newDevice,
  demo,
}) => {
  const { page, context, wire } = await newDevice();
  await settle(page, demo, demo.admin);
  const second = await context.newPage();
  await second.goto(`${demo.portalUrl}/account`);
  const typing = await context.newPage();
  await typing.goto(`${demo.portalUrl}/admin/groups/new`);
  await typing.getByLabel('Name').fill('Night shift');
  const loads = { page: 0, second: 0 };
  page.on('load', () => (loads.page += 1));
  second.on('load', () => (loads.second += 1));

  wire.deliverWorker('a newer build');
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
  for (const each of [page, second, typing]) await expect(each.getByText('A new version is here.')).toBeVisible();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  expect(loads, 'nothing is reloaded unasked').toEqual({ page: 0, second: 0 });

  await page.getByRole('button', { name: 'Reload' }).click();
  await expect.poll(() => loads).toEqual({ page: 1, second: 1 });
  await expect(typing.getByText('What you typed on this page is not saved')).toBeVisible();
  await expect(typing.getByLabel('Name')).toHaveValue('Night shift');
  await expect(page.getByText('A new version is here.')).toBeHidden();
  await typing.getByRole('button', { name: 'Reload and lose it' }).click();
  await expect(typing.getByLabel('Name')).toHaveValue('');
  await page.waitForLoadState('networkidle');
  expect(loads, 'no loop').toEqual({ page: 1, second: 1 });
});

test('K2: with the worker in place, signing in, the first visit, streams and posts never pass through it', async ({
  newDevice,
  demo,
}) => {
  const { page } = await newDevice();
  await settle(page, demo, demo.member);
  const answers: { path: string; byWorker: boolean }[] = [];
  page.on('response', (response) => {
    const { origin, pathname } = new URL(response.url());
    if (origin === demo.portalUrl) answers.push({ path: pathname, byWorker: response.fromServiceWorker() });
  });
  await page.getByRole('button', { name: 'Make Wiki a favourite' }).click();
  await expect(page.getByRole('button', { name: 'Take Wiki out of your favourites' })).toBeVisible();
  await page.getByRole('button', { name: 'Take Wiki out of your favourites' }).click();
  await page.goto(demo.url('wiki', '/pages/welcome#top'));
  await expect(page).toHaveURL(demo.url('wiki', '/pages/welcome#top'));
  await signOut(page, demo);
  await page.goto(demo.url('mirror', '/again?x=1'));
  await signIn(page, demo.member);
  await expect(page.getByText('The assertion is valid.')).toBeVisible();
  await page.goto(`${demo.portalUrl}/account`);

  const pathsOf = (byWorker: boolean) =>
    new Set(answers.filter((each) => each.byWorker === byWorker).map(({ path }) => path));
  const passed = pathsOf(false);
  for (const path of ['/open', '/sign-in', '/sign-out', '/auth/callback/credentials', '/sign-in/return'])
    expect([...passed]).toContain(path);
  const answered = [...pathsOf(true)].filter((path) => !/^\/(_next\/static\/|[\w-]+\.(css|svg|png|js)$)/.test(path));
  expect(answered.sort(), 'pages alone').toEqual(['/', '/account']);
});

test('K4: switched off, the worker and all that it kept leave every browser at the next visit', async ({ browser }) => {
  test.slow();
  const first = await startDemo();
  const { page, context, wire } = await deviceOf(browser);
  try {
    const account = { email: 'grace@corp.example', password: passwordOf(first.child.lines(), 'grace@corp.example') };
    await settle(page, first, account, 'keep');
    const port = new URL(first.portalUrl).port;
    await first.child.stop('SIGINT');
    const second = await startDemo(['--port', port, '--data-dir', first.dataDir], { FOYER_SERVICE_WORKER: 'off' });
    try {
      // A page that stays open is reached by the browser's own look for a newer worker, and goes over to it.
      const reloaded = page.waitForEvent('load');
      await page.evaluate(() => void navigator.serviceWorker.ready.then((registration) => registration.update()));
      await reloaded;
      await page.goto(`${first.portalUrl}/account`);
      await expect(page.getByRole('heading', { name: /Grace/ })).toBeVisible();
      const left = () =>
        page.evaluate(async () => [(await navigator.serviceWorker.getRegistrations()).length, await caches.keys()]);
      await expect.poll(left).toEqual([0, []]);
      await page.reload();
      expect(await page.evaluate(() => navigator.serviceWorker.controller)).toBeNull();
      await page.waitForLoadState('networkidle');
      expect(await left(), 'no page registers it again').toEqual([0, []]);
    } finally {
      await second.stop();
    }
  } finally {
    await context.close();
    await wire.stop();
    await first.stop();
  }
});

function passwordOf(lines: readonly string[], email: string): string {
  const line = lines.find((candidate) => candidate.includes(email)) ?? '';
  return (
    line
      .slice(line.indexOf(email) + email.length)
      .trim()
      .split(/\s{2,}/)[0] ?? ''
  );
}
