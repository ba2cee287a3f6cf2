// The catalogue editor: mistakes beside their fields, nothing typed is lost, and what is saved is live.
import { expect, test } from '../system/journey.ts';

test('an app is made with mistakes on the way, assigned, opened by nobody else, and deleted', async ({
  newPerson,
  demo,
}) => {
  test.slow();
  const admin = await newPerson(demo.admin);
  const member = await newPerson(demo.newcomer);
  const nonMember = await newPerson(demo.member);

  await test.step('every mistake stands beside its field and nothing typed is lost', async () => {
    await admin.goto(`${demo.portalUrl}/admin/apps/new`);
    await admin.getByLabel('Name', { exact: true }).fill('Handbook');
    await admin.getByLabel('Host names 1').fill('not a host');
    await admin.getByLabel('Scheme').selectOption('https');
    await admin.getByLabel('Internal name or address').fill('169.254.169.254');
    await admin.getByLabel('Port', { exact: true }).fill('99999');
    await admin.getByLabel('The app’s certificate').selectOption('ca');
    await admin.getByLabel('Authority certificate (PEM)').fill('no certificate');
    await admin.getByLabel('Linus').check();
    await admin.getByRole('button', { name: 'Add app' }).click();
    await expect(admin.getByText(/This is no host name/)).toBeVisible();
    await expect(admin.getByText(/A port is a whole number/)).toBeVisible();
    await expect(admin.getByText(/This is no certificate/)).toBeVisible();
    await expect(admin.getByLabel('Host names 1')).toHaveAccessibleDescription(/This is no host name/);
    await expect(admin.getByLabel('Name', { exact: true })).toHaveValue('Handbook');
    await expect(admin.getByLabel('Authority certificate (PEM)')).toHaveValue('no certificate');
    await expect(admin.getByLabel('Linus')).toBeChecked();
  });

  await test.step('an address that nobody may reach is refused, with what to do', async () => {
    await admin.getByLabel('Host names 1').fill('handbook.corp.localhost');
    await admin.getByLabel('Port', { exact: true }).fill('443');
    await admin.getByLabel('The app’s certificate').selectOption('unverified');
    await admin.getByRole('button', { name: 'Add app' }).click();
    await expect(admin.getByLabel('Internal name or address')).toHaveAccessibleDescription(/never an app|not dialled/);
  });

  await test.step('saved, it has a page, a red mark where its certificate is not verified, and is live', async () => {
    await admin.getByLabel('Internal name or address').fill('handbook.corp.internal');
    await admin.getByRole('button', { name: 'Add app' }).click();
    await expect(admin.getByRole('heading', { level: 1, name: 'Handbook' })).toBeVisible();
    await admin.getByRole('link', { name: 'Apps' }).last().click();
    const row = admin.getByRole('row', { name: /Handbook/ });
    await expect(row.getByText('certificate not verified')).toBeVisible();
    await expect(row).toContainText('1 person');
    await member.reload();
    await expect(member.getByRole('link', { name: /Handbook/ })).toBeVisible();
    await nonMember.reload();
    await expect(nonMember.getByRole('heading', { name: 'Your apps' })).toBeVisible();
    expect(await nonMember.content()).not.toContain('handbook');
  });

  await test.step('a host belongs to one app', async () => {
    await admin.getByRole('link', { name: 'Handbook' }).click();
    await admin.getByRole('button', { name: 'Add host name' }).click();
    await admin.getByLabel('Host names 2').fill(demo.host('wiki'));
    await admin.getByRole('button', { name: 'Save' }).click();
    await expect(admin.getByLabel('Host names 2')).toHaveAccessibleDescription(/./);
    await admin.getByRole('button', { name: `Remove ${demo.host('wiki')}` }).click();
    await admin.getByLabel('Description').fill('How things are done here.');
    await admin.getByRole('button', { name: 'Save' }).click();
    await expect(admin.getByText('Saved. Live everywhere.')).toBeVisible();
  });

  await test.step('deleted after a question, it is gone', async () => {
    await admin.getByRole('button', { name: 'Delete' }).click();
    await admin.getByRole('alertdialog').getByRole('button', { name: 'Keep' }).click();
    await admin.getByRole('button', { name: 'Delete' }).click();
    await admin.getByRole('button', { name: 'Delete app' }).click();
    await expect(admin).toHaveURL(`${demo.portalUrl}/admin/apps`);
    await expect(admin.getByRole('row', { name: /Handbook/ })).toHaveCount(0);
    await member.reload();
    await expect(member.getByRole('link', { name: /Handbook/ })).toHaveCount(0);
  });
});

test('a site in use cannot be deleted, and the dialog says why', async ({ newPerson, demo }) => {
  const admin = await newPerson(demo.admin);
  await admin.goto(`${demo.portalUrl}/admin/sites`);
  await admin.getByRole('link', { name: 'Sample network' }).click();
  await admin.getByRole('button', { name: 'Delete' }).click();
  await admin.getByRole('button', { name: 'Delete site' }).click();
  await expect(admin.getByRole('alertdialog').getByRole('alert')).toContainText(/Apps use this site/);
});
