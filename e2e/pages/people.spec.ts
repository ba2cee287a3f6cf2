// People and groups in the admin pages, and what people do with their own account.
import { expect, signIn, test } from '../system/journey.ts';

test('a new person chooses a password by a link that works once', async ({ newPerson, demo }) => {
  test.slow();
  const admin = await newPerson(demo.admin);
  await admin.goto(`${demo.portalUrl}/admin/users/new`);
  await admin.getByLabel('Name', { exact: true }).fill('Hedy New');
  await admin.getByLabel('E-mail').fill('two@at@corp.example');
  await admin.getByRole('button', { name: 'Add user' }).click();
  await expect(admin.getByText(/This is no e-mail address/)).toBeVisible();
  await admin.getByLabel('E-mail').fill('hedy@corp.example');
  await admin.getByLabel('Role').selectOption('auditor');
  await admin.getByRole('button', { name: 'Add user' }).click();
  await expect(admin.getByRole('heading', { level: 1, name: 'Hedy New' })).toBeVisible();
  await admin.getByRole('button', { name: 'Make a link to set a password' }).click();
  const link = (await admin.getByText(/\/setup\?token=/).textContent()) ?? '';

  const hedy = await newPerson();
  await hedy.goto(link);
  await hedy.getByLabel('Password').fill('short');
  await hedy.getByRole('button', { name: 'Save password' }).click();
  await expect(hedy.getByText(/too short/)).toBeVisible();
  await hedy.getByLabel('Password').fill('frequency hopping torpedo');
  await hedy.getByRole('button', { name: 'Save password' }).click();
  await expect(hedy.getByText('Your account is ready')).toBeVisible();
  await signIn(hedy, { email: 'hedy@corp.example', password: 'frequency hopping torpedo' });
  await expect(hedy.getByText('No apps yet')).toBeVisible();

  await test.step('the link is used up', async () => {
    await admin.goto(link);
    await expect(admin.getByRole('heading', { name: 'This link is no longer good' })).toBeVisible();
  });

  await test.step('M1: an auditor reads everything and can change nothing', async () => {
    await hedy.goto(`${demo.portalUrl}/admin/apps`);
    await expect(hedy.getByRole('row', { name: /Wiki/ })).toBeVisible();
    await expect(hedy.getByRole('link', { name: 'Add app' })).toHaveCount(0);
    await hedy.getByRole('link', { name: 'Wiki' }).click();
    await expect(hedy.getByLabel('Name', { exact: true })).toBeDisabled();
    await expect(hedy.getByRole('button', { name: 'Save' })).toHaveCount(0);
    await hedy.goto(`${demo.portalUrl}/admin/users/new`);
    await expect(hedy.getByRole('heading', { name: 'You cannot open this page' })).toBeVisible();
  });

  await test.step('a group with a member opens an app to them', async () => {
    await admin.goto(`${demo.portalUrl}/admin/groups/new`);
    await admin.getByLabel('Name', { exact: true }).fill('Inventors');
    await admin.getByLabel('Search people').fill('hedy');
    await admin.getByLabel('Hedy New').check();
    await admin.getByRole('button', { name: 'Add group' }).click();
    await expect(admin.getByRole('heading', { level: 1, name: 'Inventors' })).toBeVisible();
    await admin.goto(`${demo.portalUrl}/admin/apps`);
    await admin.getByRole('link', { name: 'Mirror' }).click();
    await admin.getByLabel('Inventors').check();
    await admin.getByRole('button', { name: 'Save' }).click();
    await expect(admin.getByText('Saved. Live everywhere.')).toBeVisible();
    await hedy.goto(demo.portalUrl);
    await expect(hedy.getByRole('link', { name: /Mirror/ })).toBeVisible();
  });

  await test.step('switched off, the person is out at once', async () => {
    await admin.goto(`${demo.portalUrl}/admin/users?q=hedy`);
    await admin.getByRole('link', { name: 'Hedy New' }).click();
    await admin.getByLabel('May sign in').uncheck();
    await admin.getByRole('button', { name: 'Save' }).click();
    await expect(admin.getByText('Saved. Live everywhere.')).toBeVisible();
    await hedy.reload();
    await expect(hedy.getByRole('heading', { name: 'Sign in to Foyer' })).toBeVisible();
  });
});

test('M3: the last administrator cannot switch themselves off', async ({ newPerson, demo }) => {
  const admin = await newPerson(demo.admin);
  await admin.goto(`${demo.portalUrl}/admin/users?q=ada`);
  await admin.getByRole('link', { name: /Ada/ }).click();
  await admin.getByLabel('Role').selectOption('member');
  await admin.getByRole('button', { name: 'Save' }).click();
  await expect(admin.getByText(/Nobody could administer Foyer/)).toBeVisible();
  await expect(admin.getByLabel('Role')).toHaveValue('member');
});

test('C10: people change their password, and their other sessions end', async ({ newPerson, demo }) => {
  const here = await newPerson(demo.newcomer);
  const elsewhere = await newPerson(demo.newcomer);
  await here.goto(`${demo.portalUrl}/account`);
  await here.getByLabel('Current password').fill('not this one');
  await here.getByLabel('New password').fill('a longer one than before');
  await here.getByRole('button', { name: 'Change password' }).click();
  await expect(here.getByText(/not your current password/)).toBeVisible();
  await here.getByLabel('Current password').fill(demo.newcomer.password);
  await here.getByRole('button', { name: 'Change password' }).click();
  await expect(here.getByText('Changed.')).toBeVisible();
  await elsewhere.reload();
  await expect(elsewhere.getByRole('heading', { name: 'Sign in to Foyer' })).toBeVisible();

  await here.getByLabel('Current password').fill('a longer one than before');
  await here.getByLabel('New password').fill(demo.newcomer.password);
  await here.getByRole('button', { name: 'Change password' }).click();
  await expect(here.getByText('Changed.')).toBeVisible();
});

test('C10: one session, or all of them, are ended from the account page', async ({ newPerson, demo }) => {
  const here = await newPerson(demo.newcomer);
  const first = await newPerson(demo.newcomer);
  await here.goto(`${demo.portalUrl}/account`);
  await here.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await here.getByRole('alertdialog').getByRole('button', { name: 'Sign out' }).click();
  await expect(here.getByRole('alertdialog')).toHaveCount(0);
  await first.reload();
  await expect(first.getByRole('heading', { name: 'Sign in to Foyer' })).toBeVisible();
  await here.getByRole('button', { name: 'Sign out everywhere', exact: true }).click();
  await expect(here.getByText('You are signed out')).toBeVisible();
  await here.goBack();
  await expect(here.getByRole('heading', { name: 'Sign in to Foyer' })).toBeVisible();
});
