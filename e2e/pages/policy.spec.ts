// The portal's Content Security Policy in a real browser: it stops what is foreign and nothing of ours.
import { expect, test } from '../system/journey.ts';
import { collectComplaints, PUBLIC_PAGES, SIGNED_IN_PAGES } from './all-pages.ts';

test('M6: no page of the portal meets its own policy, and none throws', async ({ page: stranger, newPerson, demo }) => {
  test.slow();
  const page = await newPerson(demo.admin);
  const complaints = [collectComplaints(stranger), collectComplaints(page)];
  for (const path of PUBLIC_PAGES) {
    await stranger.goto(demo.portalUrl + path);
    await expect(stranger.getByRole('heading', { level: 1 })).toBeVisible();
  }
  for (const path of SIGNED_IN_PAGES) {
    await page.goto(demo.portalUrl + path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  }
  await page.goto(demo.portalUrl);
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: /Account and sessions/ }).click();
  await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await expect(page.getByRole('alertdialog')).toBeVisible();
  expect(complaints.flat()).toEqual([]);
});

/** What an attacker would write into a page that forgot to escape it. */
const INJECTED = `<script>window.owned = 'inline'</script>
<script nonce="AAAA">window.owned = 'with a wrong nonce'</script>
<script src="http://127.0.0.1:1/evil.js"></script>
<img src="data:," onerror="window.owned = 'by a handler'">
<base href="https://evil.example/">
<div style="position:fixed">x</div>
<iframe src="http://127.0.0.1:1/"></iframe>
<form id="evil" method="post" action="http://127.0.0.1:1/"></form>`;

test('M6: injected script, handler, style, base, frame, form and eval are blocked', async ({ newPerson, demo }) => {
  // A worker that is active already would fetch the page past the route below.
  const page = await newPerson(demo.member, { serviceWorkers: 'block' });
  await page.addInitScript(() => {
    const seen = { blocked: [] as string[], evaluated: false };
    Object.assign(window, { seen });
    document.addEventListener('securitypolicyviolation', (event) => seen.blocked.push(event.effectiveDirective));
    document.addEventListener('DOMContentLoaded', () => {
      (document.getElementById('evil') as HTMLFormElement).submit();
      try {
        seen.evaluated = new Function('return true')();
      } catch {}
    });
  });
  await page.route('**/account', async (route) => {
    // Playwright itself, unlike browsers, does not know that names under localhost are this machine.
    const { host, port } = new URL(demo.portalUrl);
    const headers = { ...(await route.request().allHeaders()), host, 'accept-encoding': 'identity' };
    const response = await route.fetch({ url: `http://127.0.0.1:${port}/account`, headers });
    const body = (await response.text()).replace('</body>', `${INJECTED}</body>`);
    await route.fulfill({ response, body });
  });
  await page.goto(`${demo.portalUrl}/account`, { waitUntil: 'domcontentloaded' });
  const blocked = () =>
    page.evaluate(() => [...new Set((window as Window & { seen?: { blocked: string[] } }).seen?.blocked)]);
  for (const directive of [
    'script-src-elem',
    'script-src-attr',
    'style-src-attr',
    'base-uri',
    'frame-src',
    'form-action',
  ]) {
    await expect.poll(blocked).toContain(directive);
  }
  await expect.poll(blocked).toContain('script-src');
  expect(await page.evaluate(() => 'owned' in window)).toBe(false);
  expect(await page.evaluate(() => document.baseURI)).toBe(`${demo.portalUrl}/account`);
});

test('M7: an app cannot frame the portal, nor keep a hold on it', async ({ newPerson, demo }) => {
  const page = await newPerson(demo.member);
  await page.goto(demo.url('wiki', '/pages/welcome'));
  await page.evaluate((portal) => {
    const frame = document.createElement('iframe');
    frame.src = `${portal}/`;
    document.body.append(frame);
  }, demo.portalUrl);
  await expect
    .poll(() =>
      page
        .frames()
        .find((frame) => frame !== page.mainFrame())
        ?.url(),
    )
    .toMatch(/^chrome-error:/);
  const [opened] = await Promise.all([
    page.waitForEvent('popup'),
    page.evaluate((portal) => Object.assign(window, { portal: window.open(`${portal}/account`) }), demo.portalUrl),
  ]);
  await opened.waitForLoadState();
  expect(await opened.evaluate(() => window.opener)).toBeNull();
  await expect.poll(() => page.evaluate(() => (window as Window & { portal?: Window }).portal?.closed)).toBe(true);
});
