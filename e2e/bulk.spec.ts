// Many apps at once: chosen by keyboard or all that match, changed, and taken back; also after the page was loaded again.
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './system/journey.ts';

test('apps are chosen with the keyboard, switched off, and on again by the undo after a reload', async ({
  newPerson,
  demo,
}) => {
  const admin = await newPerson(demo.admin);
  const member = await newPerson(demo.member);
  await admin.goto(`${demo.portalUrl}/admin/apps`);
  await admin.getByLabel('Select Ops board').focus();
  await admin.keyboard.press('Space');
  await admin.getByLabel('Select Wiki').focus();
  await admin.keyboard.press('Space');
  const bar = admin.getByRole('region', { name: 'Change the selected apps' });
  await expect(bar).toContainText('2 selected');
  await bar.getByRole('button', { name: 'Switch off' }).press('Enter');
  await expect(admin.getByRole('status').filter({ hasText: '2 apps are switched off.' })).toBeVisible();
  await expect(bar).toBeHidden();
  await expect(admin.getByRole('row', { name: /Wiki/ }).getByText('off', { exact: true })).toBeVisible();
  await member.goto(demo.url('wiki'));
  await expect(member.getByRole('heading', { name: 'You cannot open this app' })).toBeVisible();

  await admin.reload();
  await expect(admin.getByText('2 apps are switched off.')).toBeVisible();
  await admin.getByRole('button', { name: 'Undo' }).click();
  await expect(admin.getByText('Taken back for 2 apps.')).toBeVisible();
  await expect(admin.getByRole('row', { name: /Wiki/ }).getByText('off', { exact: true })).toBeHidden();
  await member.goto(demo.url('wiki'));
  await expect(member).toHaveURL(/wiki\.corp\.localhost/);
});

test('all that match get a category and another group of people, and a filter in the address finds them', async ({
  newPerson,
  demo,
}) => {
  const admin = await newPerson(demo.admin);
  await admin.goto(`${demo.portalUrl}/admin/apps`);
  await admin.getByLabel('Search name or host').fill('corp.localhost');
  await admin.keyboard.press('Enter');
  await expect(admin).toHaveURL(/q=corp\.localhost/);
  await admin.getByLabel('Select all on this page').check();
  await admin.getByRole('button', { name: 'Category…' }).click();
  await admin.getByRole('dialog').getByLabel('Category').fill('Samples');
  const { violations } = await new AxeBuilder({ page: admin }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  await admin.keyboard.press('Enter');
  await expect(admin.getByText(/3 apps have another category/)).toBeVisible();
  await admin.getByLabel('Category', { exact: true }).selectOption('Samples');
  await expect(admin).toHaveURL(/category=Samples/);
  await expect(admin.getByRole('row')).toHaveCount(4);

  await admin.getByLabel('Select Mirror').check();
  await admin.getByRole('button', { name: 'Access…' }).click();
  await admin.getByLabel('Groups and people').fill('lin');
  await admin.getByLabel(/Linus Member/).check();
  await admin.getByRole('dialog').getByRole('button', { name: 'Give access' }).click();
  await expect(admin.getByText('Access to one app is changed.')).toBeVisible();
  const linus = await newPerson(demo.newcomer);
  await expect(linus.getByRole('link', { name: /Mirror/ })).toBeVisible();
  await admin.getByRole('button', { name: 'Undo' }).click();
  await expect(admin.getByText('Taken back for one app.')).toBeVisible();
  await linus.reload();
  await expect(linus.getByRole('link', { name: /Wiki/ })).toBeVisible();
  await expect(linus.getByRole('link', { name: /Mirror/ })).toBeHidden();
});

test('a deleted app comes back from the list of deleted ones, and says when its name is taken', async ({
  newPerson,
  demo,
}) => {
  await demo.addApp({ name: 'Kiosk', hosts: ['kiosk.corp.localhost'], access: [] }, { address: '127.0.20.9', port: 1 });
  const admin = await newPerson(demo.admin);
  await admin.goto(`${demo.portalUrl}/admin/apps?q=kiosk`);
  await admin.getByLabel('Select Kiosk').check();
  await admin.getByRole('button', { name: 'Delete…' }).click();
  await admin.getByRole('button', { name: 'Delete app' }).click();
  await expect(admin.getByText('One app is deleted.')).toBeVisible();
  // Not by addApp, which would give it the name again at the end.
  await demo.add({
    apps: [
      {
        name: 'Thief',
        hosts: ['kiosk.corp.localhost'],
        site: 'Site of Kiosk',
        upstream: { scheme: 'http', host: '127.0.20.9', port: 1 },
        access: [],
      },
    ],
  });
  await admin.getByRole('button', { name: 'Undo' }).click();
  await expect(admin.getByText(/another app has the name kiosk\.corp\.localhost/)).toBeVisible();
  await admin.goto(`${demo.portalUrl}/admin/apps?q=kiosk`);
  await admin.getByRole('link', { name: 'Thief' }).click();
  await admin.getByLabel('Host names 1').fill('thief.corp.localhost');
  await admin.getByRole('button', { name: 'Save' }).click();
  await expect(admin.getByText('Saved. Live everywhere.')).toBeVisible();
  await admin.goto(`${demo.portalUrl}/admin/apps`);
  await admin.getByRole('link', { name: /deleted lately/ }).click();
  await admin.getByRole('button', { name: 'Bring Kiosk back' }).click();
  await expect(admin.getByRole('heading', { level: 1, name: 'Kiosk' })).toBeVisible();
  await expect(admin.getByLabel('Host names 1')).toHaveValue('kiosk.corp.localhost');
});

test('a copy begins with all of another app but its names', async ({ newPerson, demo }) => {
  const admin = await newPerson(demo.admin);
  await admin.goto(`${demo.portalUrl}/admin/apps`);
  await admin.getByRole('row', { name: /Wiki/ }).getByRole('link', { name: 'Duplicate' }).click();
  await expect(admin.getByRole('heading', { level: 1, name: 'Add an app like Wiki' })).toBeVisible();
  await expect(admin.getByLabel('Name', { exact: true })).toHaveValue('');
  await expect(admin.getByLabel('Host names 1')).toHaveValue('');
  await expect(admin.getByLabel('Internal name or address')).toHaveValue('wiki.corp.internal');
  await expect(admin.getByLabel('Linus Member')).toBeChecked();
});
