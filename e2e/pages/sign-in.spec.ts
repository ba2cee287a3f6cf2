// Sign-in where browsers differ: without scripts, without cookies, and when it is refused.
import { expect, signIn, test } from '../system/journey.ts';

test('sign-in works before any script has arrived', async ({ browser, demo }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${demo.portalUrl}/account`);
  await signIn(page, { ...demo.member, password: 'not this one' });
  await expect(page.getByText('E-mail or password is not right')).toBeVisible();
  await signIn(page, demo.member);
  await expect(page).toHaveURL(`${demo.portalUrl}/account`);
  await expect(page.getByRole('heading', { name: /Grace/ })).toBeVisible();
  await context.close();
});

test('a refusal is shown in place and keeps what was typed', async ({ page, demo }) => {
  await page.goto(demo.portalUrl);
  await page.getByLabel(/shared computer/).check();
  await signIn(page, { email: 'nobody@corp.example', password: 'not this one' });
  await expect(page.getByText('E-mail or password is not right')).toBeVisible();
  await expect(page.getByLabel('E-mail')).toHaveValue('nobody@corp.example');
  await expect(page.getByLabel(/shared computer/)).toBeChecked();
  await expect(page.getByLabel('Password')).toBeFocused();
});

test('a browser that refuses the cookies is told so, and what to do', async ({ page, demo }) => {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setDocumentCookieDisabled', { disabled: true });
  await page.goto(demo.portalUrl);
  await expect(page).toHaveURL(`${demo.portalUrl}/sign-in/cookies`);
  await expect(page.getByRole('heading', { name: /does not keep Foyer’s sign-in cookie/ })).toBeVisible();
  await expect(page.getByText('npm run demo -- --https')).toBeVisible();
  await expect(page.getByText(/Chrome, Edge or Chromium/)).toBeVisible();
});

test('a session cookie that got lost on the way back is no loop', async ({ page, demo }) => {
  await page.goto(`${demo.portalUrl}/sign-in/return?to=/`);
  await expect(page.getByRole('heading', { name: /does not keep/ })).toBeVisible();
});

test('C5: sign-in goes nowhere but the portal', async ({ page, demo }) => {
  await page.goto(`${demo.portalUrl}/sign-in?${new URLSearchParams({ to: '//evil.example/' })}`);
  await signIn(page, demo.newcomer);
  await expect(page).toHaveURL(`${demo.portalUrl}/`);
});

test('four handshakes with one host in a minute end in a diagnosis', async ({ newPerson, demo }) => {
  const page = await newPerson(demo.member);
  await page.goto(`${demo.portalUrl}/diagnosis`);
  const host = demo.host('mirror');
  await page.evaluate((key) => {
    const now = Date.now();
    sessionStorage.setItem(key, JSON.stringify([now, now, now]));
  }, `foyer-handshakes:${host}`);
  await page.goto(demo.url('mirror'));
  await expect(page).toHaveURL(/\/diagnosis\?reason=loop&support=/);
  await expect(page.getByText('This browser keeps Foyer’s cookies here.')).toBeVisible();
  await expect(page.getByText('The clock of this device is right.')).toBeVisible();
});
