// `npm run screenshots [name …]`: the main pages, wide and narrow, light and dark, into test-results/screenshots; four of them into docs/screenshots.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { type Browser, chromium, type Page } from '@playwright/test';
import sharp from 'sharp';
import { startBind, zoneText } from '#server/dns/bind.testing.ts';
import { inStore } from '../bench/foyer-side.ts';
import { findProgram } from '../tools/prerequisites.ts';
import { CHROMIUM_ARGS } from './chromium-args.ts';
import {
  ADMIN,
  addCluster,
  addFavourites,
  addTraffic,
  catalogue,
  MEMBER,
  PASSWORD,
  ROWS,
} from './screenshots/company.ts';
import { addMachines } from './screenshots/machines.ts';
import { addToCatalogue } from './system/catalogue.ts';
import { type Foyer, startFoyer } from './system/foyer.ts';
import { freePort } from './system/free-port.ts';
import { signIn } from './system/journey.ts';
import { htmlPage, startUpstream } from './system/upstream.ts';

type Shot = {
  name: string;
  who: 'nobody' | 'member' | 'admin';
  path(ids: Readonly<Record<string, string>>): string;
  /** Something on the page that is there when it is complete. */
  ready?: string;
  act?(page: Page): Promise<void>;
  inReadme?: boolean;
};

const SHOTS: readonly Shot[] = [
  { name: 'sign-in', who: 'nobody', path: () => '/sign-in' },
  { name: 'launcher', who: 'member', path: () => '/', inReadme: true },
  { name: 'palette', who: 'member', path: () => '/', act: (page) => page.keyboard.press('Control+k') },
  {
    name: 'app-details',
    who: 'member',
    path: () => '/',
    act: (page) => page.getByRole('button', { name: 'About Wiki' }).first().click(),
  },
  { name: 'device', who: 'member', path: () => '/sign-in/device?code=WDJB-MJHT' },
  { name: 'account', who: 'member', path: () => '/account' },
  { name: 'dashboard', who: 'admin', path: () => '/admin', inReadme: true },
  { name: 'apps', who: 'admin', path: () => '/admin/apps' },
  { name: 'publish', who: 'admin', path: () => '/admin/apps/publish', act: describeApp, inReadme: true },
  { name: 'new-app', who: 'admin', path: () => '/admin/apps/new' },
  { name: 'app', who: 'admin', path: (ids) => `/admin/apps/${ids.Wiki}` },
  { name: 'path', who: 'admin', path: (ids) => `/admin/apps/${ids.Wiki}/path`, ready: 'Looked at in' },
  {
    name: 'path-broken',
    who: 'admin',
    path: (ids) => `/admin/apps/${ids.Warehouse}/path`,
    ready: 'Looked at in',
    inReadme: true,
  },
  { name: 'path-of-a-person', who: 'member', path: (ids) => `/path/${ids.Wiki}`, ready: 'Looked at in' },
  { name: 'audit', who: 'admin', path: () => '/admin/audit' },
  { name: 'people', who: 'admin', path: () => '/admin/users' },
  { name: 'sessions', who: 'admin', path: () => '/admin/sessions' },
  { name: 'names', who: 'admin', path: () => '/admin/names', act: lookAtNames, inReadme: true },
  { name: 'machines', who: 'admin', path: () => '/admin/machines' },
  { name: 'own-machines', who: 'member', path: () => '/machines' },
  {
    name: 'rename-machine',
    who: 'member',
    path: () => '/machines',
    act: (page) =>
      page
        .getByRole('button', { name: /^Rename/ })
        .first()
        .click(),
  },
  { name: 'gateways', who: 'admin', path: () => '/admin/gateways' },
  { name: 'settings', who: 'admin', path: () => '/admin/settings' },
  { name: 'device', who: 'member', path: () => '/sign-in/device' },
];
const LOOKS = [
  { look: 'wide', width: 1440, height: 900 },
  { look: 'narrow', width: 360, height: 740 },
] as const;
const SCHEMES = ['light', 'dark'] as const;

const ROOT = join(import.meta.dirname, '..');
const ALL = join(ROOT, 'test-results/screenshots');
const README = join(ROOT, 'docs/screenshots');
const MAX_README_BYTES = 200_000;

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !SHOTS.some((shot) => shot.name === name));
if (unknown) {
  process.stderr.write(`There is no ${unknown}. There are: ${SHOTS.map(({ name }) => name).join(', ')}\n`);
  process.exitCode = 2;
} else await takeAll(wanted.length > 0 ? SHOTS.filter(({ name }) => wanted.includes(name)) : SHOTS);

async function takeAll(shots: readonly Shot[]): Promise<void> {
  await using started = new AsyncDisposableStack();
  const { foyer, ids } = await startCompany(started);
  const browser = await chromium.launch({ executablePath: findProgram('chromium') ?? undefined, args: CHROMIUM_ARGS });
  started.defer(() => browser.close());
  mkdirSync(ALL, { recursive: true });
  mkdirSync(README, { recursive: true });
  for (const who of ['nobody', 'member', 'admin'] as const) {
    const page = await enter(browser, foyer, who);
    for (const shot of shots.filter((each) => each.who === who))
      await take(page, foyer.portalUrl + shot.path(ids), shot);
    await page.context().close();
  }
  process.stdout.write(`${shots.length * LOOKS.length * SCHEMES.length} pictures are in ${ALL}\n`);
}

async function take(page: Page, url: string, shot: Shot): Promise<void> {
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const { look, width, height } of LOOKS) {
      await page.setViewportSize({ width, height });
      await page.goto(url);
      await page.waitForLoadState('networkidle');
      if (shot.ready) await page.getByText(shot.ready).first().waitFor();
      await shot.act?.(page);
      const picture = await page.screenshot({ animations: 'disabled', caret: 'hide' });
      await sharp(picture)
        .png({ palette: true })
        .toFile(join(ALL, `${shot.name}-${look}-${colorScheme}.png`));
      if (shot.inReadme && look === 'wide') await keepForReadme(picture, `${shot.name}-${colorScheme}`);
    }
  }
}

async function keepForReadme(picture: Buffer, name: string): Promise<void> {
  const { size } = await sharp(picture)
    .png({ palette: true, compressionLevel: 9, effort: 10 })
    .toFile(join(README, `${name}.png`));
  if (size > MAX_README_BYTES) throw new Error(`${name} has ${size} bytes, more than a README should load.`);
}

async function enter(browser: Browser, foyer: Foyer, who: Shot['who']): Promise<Page> {
  const page = await (await browser.newContext({ locale: 'en', timezoneId: 'Europe/Berlin' })).newPage();
  if (who === 'nobody') return page;
  await page.goto(foyer.portalUrl);
  await signIn(page, { email: (who === 'admin' ? ADMIN : MEMBER).email, password: PASSWORD });
  await page.waitForURL(`${foyer.portalUrl}/`);
  return page;
}

/** Two steps into publishing an app: what was found where it is. The page remembers an unfinished one; each picture begins anew. */
async function describeApp(page: Page): Promise<void> {
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await page.getByLabel('Name', { exact: true }).fill('Canteen');
  await page.getByLabel('Public name').fill('canteen.corp.example');
  await page.getByText('leads to the gateway.').waitFor();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Internal name or address').fill('canteen.corp.internal');
  await page.getByLabel('Port', { exact: true }).fill('8080');
  await page.getByRole('button', { name: 'Look at it' }).click();
  await page.getByText('takes the connection').waitFor();
}

/** The first picture waits for a whole look at every name. */
async function lookAtNames(page: Page): Promise<void> {
  const done = page.getByText(/looked at, the last time/);
  if (await done.isVisible()) return;
  await page.getByRole('button', { name: 'Check now' }).click();
  await done.waitFor({ timeout: 60_000 });
}

/** A gateway with a public and a private DNS server of its own, and one app that really answers. */
async function startCompany(started: AsyncDisposableStack): Promise<{ foyer: Foyer; ids: Record<string, string> }> {
  const labels = [...ROWS.map(([, label]) => label), 'canteen'];
  const aliases = labels.map((label) => `${label} CNAME ${label === 'warehouse' ? 'old-gw' : 'gw'}`);
  const publicZone = ['gw A 127.0.0.1', 'old-gw A 203.0.113.99', ...aliases].join('\n');
  const publicDns = await startBind({ zones: { 'corp.example': zoneText('corp.example', publicZone) } });
  started.defer(() => publicDns.stop());
  const place = { host: 'wiki.corp.internal', address: '127.0.77.32' };
  const names = labels.map((label) => `${label} A ${place.address}`).join('\n');
  const privateDns = await startBind({ zones: { 'corp.internal': zoneText('corp.internal', names) } });
  started.defer(() => privateDns.stop());
  const app = await startUpstream(
    place.address,
    ({ headers }, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end(htmlPage(titleOf(headers.host), '')),
    { port: 8080 },
  );
  started.defer(() => app.stop());
  const foyer = await startFoyer(`http://portal.localhost:${await freePort()}`, {
    FOYER_GATEWAY_NAME: 'gw.corp.example',
    FOYER_PUBLIC_DNS: `127.0.0.1:${publicDns.port}`,
    FOYER_INSIDE_DNS: `127.0.0.1:${publicDns.port}`,
    FOYER_METRICS_LISTEN: 'off',
    FOYER_GATEWAYS: '1',
    FOYER_CLUSTER_NODE: '1',
  });
  started.defer(async () => void (await foyer.stop()));
  const { ids } = await addToCatalogue(foyer, catalogue({ ...place, port: app.port }, privateDns.port));
  await inStore(foyer, async (store) => {
    await addFavourites(store, ids);
    await addTraffic(store, ids, 8);
    await addCluster(store);
    await addMachines(store, ids[MEMBER.email] ?? '');
  });
  return { foyer, ids };
}

/** `Canteen` for `canteen.corp.example`. */
function titleOf(host = ''): string {
  const [label = ''] = host.split('.');
  return label.charAt(0).toUpperCase() + label.slice(1);
}
