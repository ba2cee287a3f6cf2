// Everybody reaches every page: with a keyboard, a screen reader, a narrow screen, light or dark.
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '../system/journey.ts';
import { PUBLIC_PAGES, SIGNED_IN_PAGES } from './all-pages.ts';

test('no page has a fault that axe can find, in light and in dark', async ({ page: stranger, newPerson, demo }) => {
  test.setTimeout(8 * 60_000);
  const admin = await newPerson(demo.admin);
  for (const [page, paths] of [
    [stranger, PUBLIC_PAGES],
    [admin, SIGNED_IN_PAGES],
  ] as const) {
    for (const path of paths) {
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
      await page.goto(demo.portalUrl + path);
      const light = await new AxeBuilder({ page }).analyze();
      // Nothing but colours differs in the dark.
      await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
      const dark = await new AxeBuilder({ page }).withRules('color-contrast').analyze();
      const faults = [...light.violations, ...dark.violations];
      expect.soft(faults.map(({ id, nodes }) => `${path} ${id}: ${nodes[0]?.html}`)).toEqual([]);
    }
  }
});

test('no page is wider than a small phone', async ({ page: stranger, newPerson, demo }) => {
  test.slow();
  const admin = await newPerson(demo.admin);
  for (const [page, paths] of [
    [stranger, PUBLIC_PAGES],
    [admin, SIGNED_IN_PAGES],
  ] as const) {
    await page.setViewportSize({ width: 360, height: 740 });
    for (const path of paths) {
      await page.goto(demo.portalUrl + path);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width, path).toBe(360);
    }
  }
});

test('the launcher is used with the keyboard alone', async ({ newPerson, demo }) => {
  const page = await newPerson(demo.member);
  const search = page.getByRole('searchbox', { name: 'Search your apps' });
  // The page says so when its keys work.
  await expect(search).toHaveAttribute('aria-keyshortcuts', '/');
  await page.keyboard.press('/');
  await expect(search).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('link', { name: /Mirror/ })).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('link', { name: /Ops board/ })).toBeFocused();
  await page.keyboard.press('/');
  await page.keyboard.type('numbers live');
  await expect(page.getByRole('listitem')).toHaveCount(1);
  const tab = page.context().waitForEvent('page');
  await page.keyboard.press('Enter');
  await expect(await tab).toHaveURL(demo.url('ops'));
});
