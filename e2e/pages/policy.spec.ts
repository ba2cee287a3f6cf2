// The portal's Content Security Policy in a real browser: it stops what is foreign and nothing of ours.
import { expect, test } from '../system/journey.ts';
import { collectComplaints, PUBLIC_PAGES, SIGNED_IN_PAGES } from './all-pages.ts';

test('M6: no page of the portal meets its own policy, and none throws', async ({ newPerson, demo }) => {
  test.slow();
  const page = await newPerson(demo.admin);
  const complaints = collectComplaints(page);
  for (const path of [...PUBLIC_PAGES, ...SIGNED_IN_PAGES]) {
    await page.goto(demo.portalUrl + path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  }
  await page.goto(demo.portalUrl);
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: /Account and sessions/ }).click();
  await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await expect(page.getByRole('alertdialog')).toBeVisible();
  expect(complaints).toEqual([]);
});

test('M6: inline script, a handler, eval, a foreign base, frame and form are blocked', async ({ newPerson, demo }) => {
  const page = await newPerson(demo.member);
  const blocked = await page.evaluate(async () => {
    const directives: string[] = [];
    document.addEventListener('securitypolicyviolation', (event) => directives.push(event.effectiveDirective));
    const script = document.createElement('script');
    script.textContent = 'window.owned = 1';
    // A nonce that is not this response's.
    script.nonce = 'AAAA';
    document.body.append(script);
    document.body.insertAdjacentHTML(
      'beforeend',
      '<img src="data:," onerror="window.owned = 2"><base href="https://evil.example/">',
    );
    document.body.insertAdjacentHTML(
      'beforeend',
      '<iframe src="http://127.0.0.1:1/"></iframe><div style="position:fixed">',
    );
    document.body.insertAdjacentHTML('beforeend', '<form id="evil" method="post" action="http://127.0.0.1:1/"></form>');
    (document.getElementById('evil') as HTMLFormElement).submit();
    let evaluated = 'not blocked';
    try {
      evaluated = String(new Function('return 1')());
    } catch {
      evaluated = 'blocked';
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    return { directives: [...new Set(directives)].sort(), evaluated, owned: 'owned' in window, base: document.baseURI };
  });
  expect(blocked.owned).toBe(false);
  expect(blocked.evaluated).toBe('blocked');
  expect(blocked.base).toContain(demo.portalUrl);
  expect(blocked.directives).toEqual(
    expect.arrayContaining([
      'base-uri',
      'form-action',
      'frame-src',
      'script-src-attr',
      'script-src-elem',
      'style-src-attr',
    ]),
  );
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
