// What every journey starts from: the demo, running as its users run it, and people with a browser of their own.
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { type BrowserContextOptions, test as base, expect, type Page } from '@playwright/test';
import { addToCatalogue, type Catalogue, type CatalogueApp, type Seeded } from './catalogue.ts';
import { type Foyer, startDemo } from './foyer.ts';
import type { Upstream } from './upstream.ts';

export { expect };

export type Account = { email: string; password: string };
export type Demo = {
  portalUrl: string;
  foyer: Foyer;
  admin: Account;
  /** A member with every app of the demo, and one with the wiki alone. */
  member: Account;
  newcomer: Account;
  /** The public address of an app of the demo, or of one that a test added: `wiki`, `/pages`. */
  url(app: string, target?: string): string;
  host(app: string): string;
  add(catalogue: Catalogue): Promise<Seeded>;
  /** Adds an app whose upstream a test runs, in a site of its own. */
  addApp(app: Omit<CatalogueApp, 'site' | 'upstream'>, upstream: Pick<Upstream, 'address' | 'port'>): Promise<Seeded>;
  /** Takes the apps of one test away from everybody, so that the next one finds the demo as it began. */
  takeBack(): Promise<void>;
};

type TestFixtures = {
  newPerson: (account?: Account, device?: BrowserContextOptions) => Promise<Page>;
  ownApps: undefined;
};
type WorkerFixtures = { demo: Demo };

export const test = base.extend<TestFixtures, WorkerFixtures>({
  demo: [
    async ({ browserName: _ }, use) => {
      const foyer = await startDemo();
      await use(describeDemo(foyer));
      const ended = await foyer.stop();
      expect(ended, 'Ctrl-C ends the demo in order').toEqual({ code: 0, signal: null });
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  ownApps: [
    async ({ demo }, use) => {
      await use(undefined);
      await demo.takeBack();
    },
    { auto: true },
  ],
  /** A page in a browser profile of its own, signed in at the portal when an account is given. */
  newPerson: async ({ browser, demo }, use) => {
    const contexts: Awaited<ReturnType<typeof browser.newContext>>[] = [];
    await use(async (account, device) => {
      const context = await browser.newContext(device);
      contexts.push(context);
      const page = await context.newPage();
      if (account) {
        await signInUnseen(page, demo, account);
        await page.goto(demo.portalUrl);
        await expect(page.getByRole('heading', { name: 'Your apps' })).toBeVisible();
      }
      return page;
    });
    await Promise.all(contexts.map((context) => context.close()));
  },
});

export async function signIn(page: Page, account: Account): Promise<void> {
  await page.getByLabel('E-mail').fill(account.email);
  await page.getByLabel('Password').fill(account.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** What the page of sign-in sends, without the page: some journeys are about signing in, and all others begin after it. */
async function signInUnseen(page: Page, { portalUrl }: Demo, account: Account): Promise<void> {
  await page.goto(`${portalUrl}/icon.svg`);
  const status = await page.evaluate(
    async (fields) => {
      const answer = await fetch('/auth/callback/credentials', { method: 'POST', body: new URLSearchParams(fields) });
      return answer.status;
    },
    { ...account, json: 'true' },
  );
  expect(status).toBe(200);
}

/** A phone, as far as pages can tell: no pointer that hovers. */
export const PHONE: BrowserContextOptions = { hasTouch: true, isMobile: true, viewport: { width: 390, height: 780 } };

/** Opens an app from the launcher in the tab of its own that a desktop gives it. */
export async function openApp(page: Page, name: string | RegExp): Promise<Page> {
  const link = page.getByRole('link', { name });
  // The page knows its device once its script runs.
  await expect(link).toHaveAttribute('target', '_blank');
  const tab = page.context().waitForEvent('page');
  await link.click();
  return tab;
}

export async function signOut(page: Page, demo: Demo): Promise<void> {
  await page.goto(demo.portalUrl);
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByText('You are signed out')).toBeVisible();
}

/** The support id that a page of Foyer shows. */
export async function shownSupportId(page: Page): Promise<string> {
  const text = await page
    .getByText(/support id/i)
    .last()
    .textContent();
  const id = /support id\W*([\w-]{8,})/i.exec(text ?? '')?.[1];
  if (!id) throw new Error(`no support id in “${text}”`);
  return id;
}

function describeDemo(foyer: Foyer): Demo {
  const port = new URL(foyer.portalUrl).port;
  const host = (app: string) => `${app}.corp.localhost`;
  const add = (catalogue: Catalogue) => addToCatalogue(foyer, catalogue);
  const added = new Map<string, CatalogueApp>();
  return {
    portalUrl: foyer.portalUrl,
    foyer,
    admin: accountOf(foyer, 'ada@corp.example'),
    member: accountOf(foyer, 'grace@corp.example'),
    newcomer: accountOf(foyer, 'linus@corp.example'),
    url: (app, target = '/') => `http://${host(app)}:${port}${target}`,
    host,
    add,
    async addApp(app, { address, port: upstreamPort }) {
      const site = `Site of ${app.name}`;
      const whole = { ...app, site, upstream: { scheme: 'http', host: address, port: upstreamPort } };
      const sites = [{ name: site, endpoints: [{ address, port: upstreamPort }] }];
      const seeded = await add({ sites, apps: [whole] });
      added.set(app.name, whole);
      await untilKnown(app.hosts[0] ?? '', port);
      return seeded;
    },
    async takeBack() {
      if (added.size > 0) await add({ apps: [...added.values()].map((app) => ({ ...app, access: [] })) });
      added.clear();
    },
  };
}

/** Every gateway process learns of a change by itself; each new connection may reach another one. */
async function untilKnown(hostname: string, port: string): Promise<void> {
  let inARow = 0;
  const knows = async () => {
    const status = await statusOf(hostname, port);
    inARow = status === 404 ? 0 : inARow + 1;
    return inARow;
  };
  await expect.poll(knows, { message: `${hostname} is known`, intervals: [20] }).toBeGreaterThan(10);
}

async function statusOf(hostname: string, port: string): Promise<number | undefined> {
  const asked = request({ host: '127.0.0.1', port, headers: { host: `${hostname}:${port}` }, agent: false }).end();
  const [response]: IncomingMessage[] = await once(asked, 'response');
  response?.resume();
  return response?.statusCode;
}

/** The demo prints its accounts, one a line, the password last. */
function accountOf(foyer: Foyer, email: string): Account {
  const line = foyer.child.lines().find((candidate) => candidate.includes(email));
  const password = line
    ?.slice(line.indexOf(email) + email.length)
    .trim()
    .split(/\s{2,}/)[0];
  if (!password) throw new Error(`the demo does not print an account for ${email}:\n${foyer.child.lines().join('\n')}`);
  return { email, password };
}
