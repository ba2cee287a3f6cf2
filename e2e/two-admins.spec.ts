// Two people edit one app: they see each other, learn of each other's saves, and neither loses what was typed.
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './system/journey.ts';

test('two admins at one app: both are seen, and what the other saved is taken or left part by part', async ({
  newPerson,
  demo,
}) => {
  test.slow();
  await demo.add({
    users: [{ email: 'bea@corp.example', name: 'Bea Second', password: 'bea-second-1', role: 'admin' }],
  });
  const ada = await newPerson(demo.admin);
  const bea = await newPerson({ email: 'bea@corp.example', password: 'bea-second-1' });
  for (const page of [ada, bea]) {
    await page.goto(`${demo.portalUrl}/admin/apps?q=mirror`);
    await page.getByRole('link', { name: 'Mirror' }).first().click();
    await expect(page.getByRole('heading', { level: 1, name: 'Mirror' })).toBeVisible();
  }
  await test.step('each sees the other', async () => {
    await expect(bea.getByText(/Ada Admin is editing this too, since/)).toBeVisible({ timeout: 20_000 });
    await expect(ada.getByText(/Bea Second is editing this too, since/)).toBeVisible({ timeout: 20_000 });
  });

  await test.step('a save of the one is told to the other, who loses nothing', async () => {
    await ada.getByLabel('Description').fill('Ada’s words');
    await ada.getByLabel('Support').fill('it@corp.example');
    await bea.getByLabel('Description').fill('Bea’s words');
    await bea.getByLabel('Category').fill('Tools');
    await ada.getByRole('button', { name: 'Save' }).click();
    await expect(ada.getByText('Saved. Live everywhere.')).toBeVisible();
    await expect(bea.getByText('Somebody has saved this app since you opened it')).toBeVisible({ timeout: 20_000 });
    await expect(bea.getByLabel('Description')).toHaveValue('Bea’s words');
  });

  await test.step('a save from the old state is refused and leads into the same view', async () => {
    await bea.getByRole('button', { name: 'Save' }).click();
    await expect(bea.getByRole('group', { name: 'Description' })).toBeVisible();
    const { violations } = await new AxeBuilder({ page: bea }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  });

  await test.step('one part is kept, another taken; what was typed elsewhere stays', async () => {
    const description = bea.getByRole('group', { name: 'Description' });
    await expect(description.getByLabel(/Theirs/)).toHaveAccessibleName(/Ada’s words/);
    await expect(description.getByLabel(/Yours/)).toBeChecked();
    await expect(bea.getByRole('group', { name: 'Support' }).getByLabel(/Theirs/)).toBeChecked();
    await bea.getByRole('button', { name: 'Go on with these' }).click();
    await expect(bea.getByLabel('Description')).toHaveValue('Bea’s words');
    await expect(bea.getByLabel('Support')).toHaveValue('it@corp.example');
    await expect(bea.getByLabel('Category')).toHaveValue('Tools');
    await bea.getByRole('button', { name: 'Save' }).click();
    await expect(bea.getByText('Saved. Live everywhere.')).toBeVisible();
  });

  await test.step('the first learns of it in turn, and takes it', async () => {
    await expect(ada.getByText('Somebody has saved this app since you opened it')).toBeVisible({ timeout: 20_000 });
    await ada.getByRole('button', { name: 'Show what changed' }).click();
    await ada.getByRole('button', { name: 'Go on with these' }).click();
    await expect(ada.getByLabel('Description')).toHaveValue('Bea’s words');
    await expect(ada.getByLabel('Category')).toHaveValue('Tools');
    await ada.getByLabel('Description').fill('Shows a request as it reaches an app.');
    await ada.getByRole('button', { name: 'Save' }).click();
    await expect(ada.getByText('Saved. Live everywhere.')).toBeVisible();
  });

  await test.step('who has gone is no longer shown', async () => {
    await ada.getByRole('navigation', { name: 'Admin' }).getByRole('link', { name: 'Apps' }).click();
    await expect(bea.getByText(/Ada Admin is editing this too/)).toBeHidden({ timeout: 20_000 });
  });
});
