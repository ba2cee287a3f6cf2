// Sign-in with a company's own identity provider: the real oidc-provider, its form, its groups.
import type { Page } from '@playwright/test';
import type { Child } from './system/child.ts';
import { expect, test } from './system/journey.ts';
import {
  CLIENT,
  chooseIssuer,
  DOROTHY,
  type IdentityProviderAccount,
  KATHERINE,
  startIdentityProvider,
} from './system/oidc.ts';
import { htmlPage, startUpstream, type Upstream } from './system/upstream.ts';

const APP = { name: 'Flight plans', hosts: ['flight-plans.corp.localhost'] };
let provider: Child;
let upstream: Upstream;

test.beforeAll(async ({ demo }) => {
  const issuer = await chooseIssuer();
  const { ids } = await demo.add({
    providers: [
      {
        name: 'Corporate login',
        issuer,
        ...CLIENT,
        groupsClaim: 'groups',
        scopes: ['openid', 'email', 'profile', 'groups'],
        allowedEmailDomains: ['corp.example'],
      },
    ],
  });
  provider = await startIdentityProvider(issuer, `${demo.portalUrl}/auth/callback/${ids['Corporate login']}`);
  upstream = await startUpstream('127.0.20.8', (request, response) => {
    const claims = Buffer.from(String(request.headers['foyer-assertion']).split('.')[1] ?? '', 'base64url').toString();
    response.writeHead(200, { 'content-type': 'text/html' }).end(htmlPage('Flight plans', `<pre>${claims}</pre>`));
  });
  await demo.addApp({ ...APP, access: [] }, upstream);
});

test.afterAll(async () => {
  await provider.stop();
  await upstream.stop();
});

async function logIn(page: Page, { email, password }: IdentityProviderAccount): Promise<void> {
  await page.getByRole('button', { name: 'Continue with Corporate login' }).click();
  await expect(page.getByRole('heading', { name: 'Corporate login' })).toBeVisible();
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

test('a person of a listed domain signs in, keeps the deep link, and opens what the group of the claim may', async ({
  page,
  demo,
}) => {
  const target = demo.url('flight-plans', '/apollo/11?stage=2#eagle');
  await page.goto(target);
  await logIn(page, KATHERINE);
  await expect(
    page.getByRole('heading', { name: 'You cannot open this app' }),
    'nobody has assigned it yet',
  ).toBeVisible();
  await demo.addApp({ ...APP, access: ['engineering'] }, upstream);
  await page.goto(target);
  await expect(page).toHaveURL(target);
  await expect(page.getByText('"name":"Katherine"')).toBeVisible();
  await expect(page.getByText('"Corporate login:engineering"')).toBeVisible();
});

test('a person whom nobody listed is told so, and has no session', async ({ page, demo }) => {
  await page.goto(demo.portalUrl);
  await logIn(page, DOROTHY);
  await expect(
    page
      .getByRole('alert')
      .or(page.getByRole('heading', { level: 1 }))
      .first(),
  ).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Your apps' })).toBeHidden();
  await page.goto(demo.portalUrl);
  await expect(page.getByRole('heading', { name: 'Sign in to Foyer' })).toBeVisible();
});

test('an administrator sees on a provider’s page whether it answers, and why it is not asked', async ({
  newPerson,
  demo,
}) => {
  const { ids } = await demo.add({
    providers: [{ name: 'Inward', issuer: 'https://169.254.169.254', ...CLIENT, scopes: ['openid'] }],
  });
  const ada = await newPerson(demo.admin);
  await ada.goto(`${demo.portalUrl}/admin/providers`);
  await ada.getByRole('link', { name: 'Corporate login' }).click();
  await expect(ada.getByText('names this issuer')).toBeVisible();
  await ada.goto(`${demo.portalUrl}/admin/providers/${ids.Inward}`);
  await expect(ada.getByText('Nobody can sign in with it now: 169.254.169.254')).toBeVisible();
  await ada.getByLabel('Enabled').uncheck();
  await ada.getByRole('button', { name: 'Save' }).click();
  await expect(ada.getByText(/^Saved/)).toBeVisible();
  await expect(ada.getByText('Nobody can sign in')).toBeHidden();
});
