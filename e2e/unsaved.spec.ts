// What somebody typed in an editor is never lost without a word: by a link, the palette, the way back, or a closed tab.
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './system/journey.ts';

test('leaving an app with something typed asks first, however one leaves, and asks nobody else', async ({
  newPerson,
  demo,
}) => {
  const ada = await newPerson(demo.admin);
  await ada.goto(`${demo.portalUrl}/admin/apps?q=mirror`);
  await ada.getByRole('link', { name: 'Mirror' }).first().click();
  const heading = ada.getByRole('heading', { level: 1, name: 'Mirror', exact: true });
  const description = ada.getByLabel('Description');
  const question = ada.getByRole('alertdialog', { name: 'Leave without saving?' });
  const stay = question.getByRole('button', { name: 'Stay' });
  await expect(heading).toBeVisible();
  const before = await description.inputValue();

  await test.step('a link of the page, and staying', async () => {
    await description.fill('half a thought');
    await ada.getByRole('link', { name: 'See the path' }).click();
    await expect(stay).toBeFocused();
    const { violations } = await new AxeBuilder({ page: ada }).analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
    await ada.keyboard.press('Escape');
    await expect(question).toBeHidden();
    await expect(description).toHaveValue('half a thought');
  });

  await test.step('the way back', async () => {
    await ada.goBack({ timeout: 2_000 }).catch(() => null);
    await expect(stay).toBeVisible();
    await stay.click();
    await expect(heading).toBeVisible();
    await expect(description).toHaveValue('half a thought');
  });

  await test.step('the palette', async () => {
    await ada.keyboard.press('Control+k');
    await ada.getByRole('combobox').fill('account');
    await ada.keyboard.press('Enter');
    await expect(stay).toBeVisible();
    await stay.click();
    await expect(description).toHaveValue('half a thought');
  });

  await test.step('a tab that is loaded anew or closed: the browser asks', async () => {
    const asked = ada.waitForEvent('dialog');
    const reloading = ada.reload({ timeout: 5_000 }).catch(() => null);
    const dialog = await asked;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.dismiss();
    await reloading;
    await expect(description).toHaveValue('half a thought');
  });

  await test.step('whoever took it back, or saved it, is not asked', async () => {
    await description.fill(before);
    await ada.getByRole('link', { name: 'See the path' }).click();
    await expect(ada.getByRole('heading', { level: 1, name: /Mirror/ })).toBeVisible();
    await ada.waitForURL(/\/path$/);
    await ada.evaluate(() => history.back());
    await description.fill('a whole thought');
    await ada.getByRole('button', { name: 'Save' }).click();
    await expect(ada.getByText('Saved. Live everywhere.')).toBeVisible();
    await ada.getByRole('link', { name: 'See the path' }).click();
    await ada.waitForURL(/\/path$/);
  });

  await test.step('leaving on purpose leaves, and nothing of it is stored', async () => {
    await ada.evaluate(() => history.back());
    await expect(description).toHaveValue('a whole thought');
    await description.fill('thrown away');
    await ada.getByRole('link', { name: 'Sites' }).click();
    await question.getByRole('button', { name: 'Leave without saving' }).click();
    await ada.waitForURL(/\/admin\/sites$/);
  });
});
