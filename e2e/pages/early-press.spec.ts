// A page on a slow connection shows its buttons before its script is there.
import type { Page } from '@playwright/test';
import { expect, test } from '../system/journey.ts';

test('a button that is pressed before the page’s script runs does its work once it runs', async ({
  newPerson,
  demo,
}) => {
  test.setTimeout(120_000);
  await newPerson(demo.member);
  // A worker would bring the script from what it keeps.
  const page = await newPerson(demo.admin, { serviceWorkers: 'block' });
  const presses = [
    {
      button: page.getByRole('button', { name: /^Account of/ }),
      opens: page.getByRole('menuitem', { name: 'Sign out' }),
    },
    { button: page.getByRole('button', { name: 'End', exact: true }).first(), opens: page.getByRole('alertdialog') },
  ];
  for (const { button, opens } of presses) {
    const all = await holdScripts(page, () => true);
    await page.goto(`${demo.portalUrl}/admin/sessions`, { waitUntil: 'commit' });
    await button.click();
    await button.click();
    await expect(opens).toBeHidden();
    await all.release();
    await expect(opens).toBeVisible();
  }
});

test('nor is it lost when some of the script is there and React waits for the rest', async ({ newPerson, demo }) => {
  test.setTimeout(120_000);
  await newPerson(demo.member);
  const page = await newPerson(demo.admin, { serviceWorkers: 'block' });
  const scripts = new Set<string>();
  page.on('request', (request) => {
    if (request.resourceType() === 'script') scripts.add(request.url());
  });
  await page.goto(`${demo.portalUrl}/admin/sessions`);
  expect(scripts.size).toBeGreaterThan(3);
  const button = page.getByRole('button', { name: 'End', exact: true }).first();
  // Which of them React needs first is Next's business: each is the one that comes late.
  for (const late of scripts) {
    const held = await holdScripts(page, (url) => url === late);
    await page.goto(`${demo.portalUrl}/admin/sessions`, { waitUntil: 'commit' });
    await Promise.race([held.arrived, page.waitForLoadState('load')]);
    await button.click();
    await held.release();
    await expect(page.getByRole('alertdialog'), late).toBeVisible();
  }
});

test('nor does it happen twice when it comes while React takes over the page', async ({ newPerson, demo }) => {
  test.setTimeout(120_000);
  await newPerson(demo.member);
  const page = await newPerson(demo.admin, { serviceWorkers: 'block' });
  const button = page.getByRole('button', { name: 'End', exact: true }).first();
  await page.goto(`${demo.portalUrl}/admin/sessions`);
  const place = await button.boundingBox();
  if (!place) throw new Error('The button is nowhere.');
  const [x, y] = [place.x + place.width / 2, place.y + place.height / 2];
  const scripts = await holdScripts(page, () => true);
  await page.goto(`${demo.portalUrl}/admin/sessions`, { waitUntil: 'commit' });
  await button.waitFor();
  await page.mouse.move(x, y);
  await page.mouse.down();
  // Slow enough for the click to come between the moment at which React begins to listen and that at which it has this button.
  const devTools = await page.context().newCDPSession(page);
  await devTools.send('Emulation.setCPUThrottlingRate', { rate: 20 });
  await scripts.release();
  await page.waitForFunction(() => Object.keys(document).some((key) => key.startsWith('_reactListening')));
  const isTaken = await button.evaluate((element) => Object.keys(element).some((key) => key.startsWith('__react')));
  expect(isTaken).toBe(false);
  await page.mouse.up();
  await expect(page.getByRole('alertdialog')).toBeVisible();
  await devTools.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  await page.keyboard.press('Escape');
  await expect(page.getByRole('alertdialog')).toBeHidden();
  await button.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alertdialog')).toBeVisible();
});

/** Scripts that match come when they are released. */
async function holdScripts(page: Page, matches: (url: string) => boolean) {
  const arrived = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  await page.route('**/_next/static/**/*.js', async (route) => {
    if (matches(route.request().url())) {
      arrived.resolve();
      await released.promise;
    }
    await route.continue();
  });
  return {
    arrived: arrived.promise,
    release: async () => {
      released.resolve();
      await page.unrouteAll({ behavior: 'wait' });
    },
  };
}
