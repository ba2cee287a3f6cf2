// A launcher of one's own: favourites in one's own order, the same on every device, and a palette that goes anywhere by a few letters.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './system/journey.ts';

const names = (page: Page, heading: string) =>
  page.locator('section', { has: page.getByRole('heading', { name: heading }) }).getByRole('link');

/** Resolves when the page's script runs; keys and buttons work from then on. */
const isAlive = (page: Page) =>
  expect(page.getByRole('searchbox', { name: 'Search your apps' })).toHaveAttribute('aria-keyshortcuts', '/');

test('favourites stand first, in an order of their own, on every device of the person and nobody else’s', async ({
  newPerson,
  demo,
}) => {
  const page = await newPerson(demo.member);
  await isAlive(page);
  await expect(page.getByRole('heading', { name: 'Favourites' })).toBeHidden();
  await page.getByRole('button', { name: 'Make Wiki a favourite' }).click();
  await expect(names(page, 'Favourites')).toHaveText(['Wiki']);
  await page.getByRole('button', { name: 'Make Mirror a favourite' }).click();
  await expect(names(page, 'Favourites')).toHaveText(['Wiki', 'Mirror']);
  await expect(names(page, 'Other apps')).toHaveText(['Ops board']);
  await page.getByRole('button', { name: 'Move Mirror earlier' }).click();
  await expect(names(page, 'Favourites')).toHaveText(['Mirror', 'Wiki']);
  await page.getByRole('button', { name: 'Show as a list' }).click();
  await expect(page.getByRole('button', { name: 'Show as a list' })).toHaveAttribute('aria-pressed', 'true');

  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);

  // What is on the page is what was kept, not what was hoped.
  const phone = await newPerson(demo.member);
  await expect(names(phone, 'Favourites')).toHaveText(['Mirror', 'Wiki']);
  await expect(phone.getByRole('button', { name: 'Show as a list' })).toHaveAttribute('aria-pressed', 'true');
  const other = await newPerson(demo.admin);
  await expect(other.getByRole('heading', { name: 'Favourites' })).toBeHidden();

  await isAlive(phone);
  await phone.getByRole('button', { name: 'Show as tiles' }).click();
  for (const name of ['Wiki', 'Mirror']) {
    await phone.getByRole('button', { name: `Take ${name} out of your favourites` }).click();
    await expect(phone.getByRole('button', { name: `Make ${name} a favourite` })).toBeAttached();
  }
  // Shown at once, kept a moment later.
  await expect
    .poll(async () => {
      await page.reload();
      await expect(page.getByRole('button', { name: /^(Make|Take) Wiki / })).toBeAttached();
      return page.getByRole('heading', { name: 'Favourites' }).count();
    })
    .toBe(0);
});

test('an app that is not one’s own is no favourite, and cannot be told from one that does not exist', async ({
  newPerson,
  demo,
}) => {
  const admin = await newPerson(demo.admin);
  const opsId = await admin.getByRole('link', { name: 'Ops board' }).getAttribute('data-app-id');
  const page = await newPerson(demo.newcomer);
  const opened = (app: string | null) =>
    page.evaluate(
      async (id) =>
        (await fetch('/launcher/opened', { method: 'POST', body: new URLSearchParams({ app: id }) })).status,
      app ?? '',
    );
  const ownId = await page.getByRole('link', { name: 'Wiki' }).getAttribute('data-app-id');
  expect(await opened(ownId)).toBe(204);
  expect(await opened(opsId)).toBe(404);
  expect(await opened('0199-no-such-app')).toBe(404);
});

test('the palette goes to an app or a page by a few letters, with the keyboard alone', async ({ newPerson, demo }) => {
  const page = await newPerson(demo.member);
  const trigger = page.getByRole('button', { name: 'Search and go' });
  await expect(trigger).toHaveAttribute('aria-keyshortcuts', /K$/);
  await page.keyboard.press('Control+k');
  const field = page.getByRole('combobox', { name: 'Where to?' });
  await expect(field).toBeFocused();
  const options = page.getByRole('option');
  await expect(options.filter({ hasText: 'Wiki' })).toBeVisible();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);

  await field.fill('account');
  await expect(options).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`${demo.portalUrl}/account`);

  await expect(trigger).toHaveAttribute('aria-keyshortcuts', /K$/);
  await page.keyboard.press('Control+k');
  await expect(options.filter({ hasText: 'Wiki' })).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await expect(options.nth(1)).toHaveAttribute('aria-selected', 'true');
  await field.fill('nothing like it');
  await expect(page.getByText('Nothing here matches')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(field).toBeHidden();
  await expect(trigger).toBeFocused();

  await page.keyboard.press('Control+k');
  await field.fill('wik');
  await expect(options.first()).toContainText('Wiki');
  const tab = page.context().waitForEvent('page');
  await page.keyboard.press('Enter');
  await expect(await tab).toHaveURL(demo.url('wiki', '/pages/welcome'));
  await expect(field).toBeHidden();
});
