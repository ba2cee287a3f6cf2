// The catalogue editor: mistakes beside their fields, nothing typed is lost, and what is saved is live.
import AxeBuilder from '@axe-core/playwright';
import { certificatePair } from '#server/store/testing/certificate-pair.ts';
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

test('how an app travels is one line a group, opens by itself on a mistake, and keeps its key to itself', async ({
  newPerson,
  demo,
}) => {
  test.slow();
  const admin = await newPerson(demo.admin);
  const pair = await certificatePair('gateway.corp.example', Date.now());

  await test.step('a mistake in a closed group opens it', async () => {
    await admin.goto(`${demo.portalUrl}/admin/apps/new`);
    await admin.getByLabel('Name', { exact: true }).fill('Handbook');
    await admin.getByLabel('Host names 1').fill('handbook.corp.localhost');
    await admin.getByLabel('Scheme').selectOption('https');
    await admin.getByLabel('Internal name or address').fill('handbook.corp.internal');
    await admin.getByLabel('Port', { exact: true }).fill('443');
    await admin.getByText('Connection', { exact: true }).click();
    await admin.getByLabel('More places that serve the same 1').fill('handbook-2.corp.internal');
    await admin.getByRole('button', { name: 'Add certificate' }).click();
    await admin.getByLabel('Certificate (PEM), then its intermediates').fill(pair.cert);
    await admin.getByLabel('Private key (PEM)').fill('no key');
    await admin.getByText('Paths', { exact: true }).click();
    await admin.getByRole('button', { name: 'Add path' }).click();
    await admin.getByRole('textbox', { name: 'Path 1', exact: true }).fill('api');
    const path = admin.getByRole('group', { name: 'Path 1' });
    await path.getByLabel('Internal name or address').fill('api.corp.internal');
    await path.getByLabel('Port', { exact: true }).fill('9000');
    await admin.getByText('Paths', { exact: true }).click();
    await admin.getByText('Headers', { exact: true }).click();
    await admin.getByRole('button', { name: 'Add to To the app' }).click();
    await admin.getByLabel('To the app 1, name').fill('Remote-User');
    await admin.getByRole('button', { name: 'Add app' }).click();
    await expect(admin.getByRole('textbox', { name: 'Path 1', exact: true })).toHaveAccessibleDescription(/slash/);
    await expect(admin.getByLabel('Private key (PEM)')).toHaveAccessibleDescription(/no private key/);
    await expect(admin.getByLabel('To the app 1, name')).toHaveAccessibleDescription(/Foyer alone/);
    const { violations } = await new AxeBuilder({ page: admin }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  });

  await test.step('saved, it shows whose the certificate is, and nothing of its key', async () => {
    await admin.getByRole('textbox', { name: 'Path 1', exact: true }).fill('/api');
    await admin.getByLabel('Private key (PEM)').fill(pair.key);
    await admin.getByLabel('To the app 1, name').fill('X-Environment');
    await admin.getByRole('button', { name: 'Add app' }).click();
    await expect(admin.getByRole('heading', { level: 1, name: 'Handbook' })).toBeVisible();
    const summary = admin.locator('summary', { hasText: 'Connection' }).first();
    await expect(summary).toContainText('2 places, client certificate');
    await summary.press('Enter');
    await expect(admin.getByText('gateway.corp.example')).toBeVisible();
    const page = await admin.content();
    for (const line of `${pair.key}${pair.cert}`.split('\n')) {
      if (line.length > 20) expect(page).not.toContain(line);
    }
  });

  await test.step('closed for maintenance and saved again, it keeps the certificate', async () => {
    await admin.getByLabel('Closed for maintenance').check();
    await admin.getByLabel('What people read meanwhile').fill('Back at noon.');
    await admin.getByRole('button', { name: 'Save' }).click();
    await expect(admin.getByText('Saved. Live everywhere.')).toBeVisible();
    await admin.goto(`${demo.portalUrl}/admin/apps`);
    const row = admin.getByRole('row', { name: /Handbook/ });
    await expect(row.getByText('closed for maintenance')).toBeVisible();
    await row.getByRole('link', { name: 'Handbook' }).click();
    await expect(admin.locator('summary', { hasText: 'Connection' }).first()).toContainText('client certificate');
    await admin.getByRole('button', { name: 'Delete' }).click();
    await admin.getByRole('button', { name: 'Delete app' }).click();
    await expect(admin).toHaveURL(`${demo.portalUrl}/admin/apps`);
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
