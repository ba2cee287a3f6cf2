// An administrator enters an app in the editor, and the person it is meant for opens it a moment later.
import { expect, openApp, test } from './system/journey.ts';
import { htmlPage, startUpstream } from './system/upstream.ts';

test('from an empty form, past its mistakes, to an app that one person sees and opens', async ({ newPerson, demo }) => {
  const upstream = await startUpstream('127.0.20.9', (request, response) => {
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(htmlPage('Canteen', `<p>Asked as ${request.headers.host}</p>`));
  });
  try {
    const linus = await newPerson(demo.newcomer);
    await expect(linus.getByRole('link', { name: /Canteen/ })).toBeHidden();
    const admin = await newPerson(demo.admin);

    await test.step('a site, with the one address that may be reached', async () => {
      await admin.getByRole('link', { name: 'Admin' }).click();
      await admin.getByRole('link', { name: 'Sites' }).click();
      await admin.getByRole('link', { name: 'Add site' }).click();
      await admin.getByLabel('Name', { exact: true }).fill('Ground floor');
      // The form proposes this machine's own network; this site is one address of it and nothing else.
      for (const list of ['DNS servers', 'Zones', 'Address ranges']) {
        for (const line of await admin.getByRole('group', { name: list }).getByRole('textbox').all())
          await line.fill('');
      }
      await admin.getByLabel('Exact address and port 1').fill(`${upstream.address}:${upstream.port}`);
      await admin.getByRole('button', { name: 'Add site' }).click();
      await expect(admin).toHaveURL(/\/admin\/sites\/[0-9a-f-]{36}$/);
    });

    await test.step('an app: a mistake is said beside its field, and nothing typed is lost', async () => {
      await admin.goto(`${demo.portalUrl}/admin/apps/new`);
      await admin.getByLabel('Name', { exact: true }).fill('Canteen');
      await admin.getByLabel('Host names 1').fill('https://canteen');
      await admin.getByLabel('Site', { exact: true }).selectOption('Ground floor');
      await admin.getByLabel('Internal name or address').fill(upstream.address);
      await admin.getByLabel('Port', { exact: true }).fill(String(upstream.port));
      await admin.getByLabel('Linus Member').check();
      await admin.getByRole('button', { name: 'Add app' }).click();
      await expect(admin.getByText('This is no host name.')).toBeVisible();
      await expect(admin.getByLabel('Name', { exact: true })).toHaveValue('Canteen');
      await expect(admin.getByLabel('Port', { exact: true })).toHaveValue(String(upstream.port));
      await expect(admin.getByLabel('Linus Member')).toBeChecked();
      await admin.getByLabel('Host names 1').fill(demo.host('canteen'));
      await admin.getByRole('button', { name: 'Add app' }).click();
      await expect(admin).toHaveURL(/\/admin\/apps\/[0-9a-f-]{36}$/);
      await expect(admin.getByRole('heading', { name: 'Canteen' })).toBeVisible();
    });

    await test.step('a header that names the upstream follows it, and says so', async () => {
      const site = `http://${upstream.address}`;
      const port = admin.getByLabel('Port', { exact: true });
      await admin.getByText('Headers', { exact: true }).click();
      await admin.getByRole('button', { name: 'Add to To the app' }).click();
      await admin.getByLabel('To the app 1, name').fill('Origin');
      const origin = admin.getByLabel('To the app 1, value');
      await origin.fill(`${site}:${upstream.port}`);
      await port.fill('8080');
      await expect(origin).toHaveValue(`${site}:8080`);
      await expect(admin.getByText(`they say ${site}:8080 now`)).toBeVisible();
      await port.fill(String(upstream.port));
      await admin.getByRole('button', { name: 'Save', exact: true }).click();
      await expect(admin.getByText(/^Saved/)).toBeVisible();
      await admin.reload();
      await admin.getByText('Headers', { exact: true }).click();
      await expect(origin).toHaveValue(`${site}:${upstream.port}`);
    });

    await test.step('the person sees it and opens it, another one does not', async () => {
      await linus.reload();
      const canteen = await openApp(linus, /Canteen/);
      await expect(canteen.getByText(`Asked as ${new URL(demo.url('canteen')).host}`)).toBeVisible();
      const grace = await newPerson(demo.member);
      await expect(grace.getByRole('link', { name: /Canteen/ })).toBeHidden();
      await grace.goto(demo.url('canteen'));
      await expect(grace.getByRole('heading', { name: 'You cannot open this app' })).toBeVisible();
    });

    await test.step('the audit says who did it', async () => {
      await admin.goto(`${demo.portalUrl}/admin/audit`);
      await admin.getByLabel('Action').selectOption('App saved');
      await admin.getByRole('button', { name: 'Filter' }).click();
      const row = admin.getByRole('row').filter({ hasText: 'Canteen' }).first();
      await expect(row).toContainText(demo.admin.email);
    });

    await test.step('a deleted app is gone for everybody', async () => {
      await admin.goto(`${demo.portalUrl}/admin/apps`);
      await admin.getByRole('link', { name: 'Canteen' }).click();
      await admin.getByRole('button', { name: 'Delete' }).click();
      await admin.getByRole('alertdialog').getByRole('button', { name: 'Delete app' }).click();
      await expect(admin).toHaveURL(/\/admin\/apps$/);
      await expect.poll(async () => (await linus.goto(demo.url('canteen')))?.status()).toBe(404);
    });
  } finally {
    await upstream.stop();
  }
});

test('M1: a member reaches no page of the administration', async ({ newPerson, demo }) => {
  const page = await newPerson(demo.member);
  for (const area of ['apps', 'sites', 'users', 'groups', 'providers', 'sessions', 'audit']) {
    const answer = await page.goto(`${demo.portalUrl}/admin/${area}`);
    expect(answer?.status(), area).toBe(403);
    expect(await page.content(), area).not.toMatch(/ada@corp\.example|Sample network|127\.0\.10/);
  }
});
