// An API token from its form to its end, and a catalogue that is kept by nothing else.
import AxeBuilder from '@axe-core/playwright';
import { makeToken } from './system/api-token.ts';
import { type CurlAnswer, curl } from './system/curl.ts';
import { type Demo, expect, test } from './system/journey.ts';
import { htmlPage, startUpstream } from './system/upstream.ts';

function apiOf(demo: Demo, token: string) {
  return (method: string, path: string, body?: unknown, version?: string): Promise<CurlAnswer> =>
    curl([
      ...['-X', method, '-H', `Authorization: Bearer ${token}`, `${demo.portalUrl}/api/v1${path}`],
      ...(version ? ['-H', `If-Match: ${version}`] : []),
      ...(body === undefined ? [] : ['-H', 'Content-Type: application/json', '--data', JSON.stringify(body)]),
    ]);
}

test('a token is made, shown once, copied, used with curl, and refused once it is revoked', async ({
  newPerson,
  demo,
}) => {
  const admin = await newPerson(demo.admin);
  await admin.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: demo.portalUrl });

  await test.step('a form without permissions says so, and keeps what was typed', async () => {
    await admin.goto(demo.portalUrl);
    await admin.getByRole('link', { name: 'Admin' }).click();
    await admin.getByRole('link', { name: 'API tokens' }).click();
    await admin.getByRole('link', { name: 'Make token' }).click();
    await admin.getByLabel('Name', { exact: true }).fill('Nightly check');
    await admin.getByRole('button', { name: 'Make token' }).click();
    await expect(admin.getByText(/could do nothing/)).toBeVisible();
    await expect(admin.getByRole('group', { name: 'Permissions' })).toHaveAccessibleDescription(/could do nothing/);
    await expect(admin.getByLabel('Name', { exact: true })).toHaveValue('Nightly check');
    expect((await new AxeBuilder({ page: admin }).analyze()).violations).toEqual([]);
  });

  let token = '';
  await test.step('by the keyboard alone, it is made for reading apps', async () => {
    await admin.getByRole('checkbox', { name: /^See apps and who may open them/ }).focus();
    await admin.keyboard.press('Space');
    await admin.getByRole('button', { name: 'Make token' }).focus();
    await admin.keyboard.press('Enter');
    await expect(admin.getByRole('heading', { name: 'Copy the token now' })).toBeFocused();
    expect((await new AxeBuilder({ page: admin }).analyze()).violations).toEqual([]);
    await admin.keyboard.press('Tab');
    await expect(admin.getByRole('button', { name: 'Copy the token' })).toBeFocused();
    await admin.keyboard.press('Enter');
    token = await admin.evaluate(() => navigator.clipboard.readText());
    expect(token).toMatch(/^foyer_[A-Za-z0-9_-]{49}$/);
  });

  await test.step('the command that the page shows works as it stands', async () => {
    const command = (await admin.getByText(/^curl -H/).textContent()) ?? '';
    const [, header = '', url = ''] = /^curl -H "([^"]+)" (\S+)$/.exec(command) ?? [];
    const answer = await curl(['-H', header.replace('$FOYER_TOKEN', token), url]);
    expect(answer.json).toMatchObject({
      name: 'Nightly check',
      scopes: ['apps:read'],
      owner: { email: demo.admin.email },
    });
  });

  await test.step('it is not shown again, anywhere', async () => {
    await admin.reload();
    await expect(admin.getByText(/^foyer_/)).toBeHidden();
    await admin.goto(`${demo.portalUrl}/admin/tokens`);
    const row = admin.getByRole('row', { name: /Nightly check/ });
    await expect(row).toContainText(`foyer_…${token.slice(-4)}`);
    await expect(row).toContainText('127.0.0.1');
    expect(await admin.content()).not.toContain(token.slice(6, 40));
  });

  await test.step('C12: it reads what it may; nothing else opens, and no cookie instead of it', async () => {
    const api = apiOf(demo, token);
    expect((await api('GET', '/apps')).status).toBe(200);
    const refused = await api('GET', '/users');
    expect(refused.status).toBe(403);
    expect(refused.json.scopes).toEqual(['people:read']);
    expect((await api('PUT', '/apps/x', {}, '*')).status).toBe(403);
    const withCookie = await admin.evaluate(async () => (await fetch('/api/v1/apps')).status);
    expect(withCookie).toBe(401);
  });

  await test.step('C3: no log line holds it, not even where it was put into a URL', async () => {
    const inUrl = await curl([`${demo.portalUrl}/api/v1/apps?access_token=${token}`]);
    expect(inUrl.status).toBe(400);
    expect(JSON.stringify(demo.foyer.accessLines())).not.toContain(token.slice(6, 40));
  });

  await test.step('revoked, it is refused at once', async () => {
    await admin
      .getByRole('row', { name: /Nightly check/ })
      .getByRole('button', { name: 'Revoke' })
      .click();
    await admin.getByRole('alertdialog').getByRole('button', { name: 'Revoke token' }).click();
    // Nothing behind an open dialog has a role: it closes when the token is revoked, and only then.
    await expect(admin.getByRole('alertdialog')).toBeHidden();
    expect((await apiOf(demo, token)('GET', '/apps')).status).toBe(401);
    await expect(admin.getByRole('row', { name: /Nightly check/ })).toBeHidden();
  });
});

test('by the API alone: a site, an app, its person, disabled, enabled and deleted, as the launcher shows it', async ({
  newPerson,
  demo,
}) => {
  const upstream = await startUpstream('127.0.20.12', (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(htmlPage('Parking', '<p>Two places are free.</p>'));
  });
  try {
    const admin = await newPerson(demo.admin);
    const linus = await newPerson(demo.newcomer);
    const api = apiOf(demo, await makeToken(admin, demo, 'Catalogue'));
    const tile = linus.getByRole('link', { name: /Parking/ });

    const site = await api('POST', '/sites', {
      name: 'Car park',
      endpoints: [{ address: upstream.address, port: upstream.port }],
    });
    expect(site.status).toBe(201);
    const app = await api('POST', '/apps', {
      name: 'Parking',
      hosts: [demo.host('parking')],
      siteId: site.json.id,
      upstream: { scheme: 'http', host: upstream.address, port: upstream.port },
    });
    expect(app.status).toBe(201);
    const path = `/apps/${app.json.id}`;

    await test.step('nobody has it yet; assigned, it is in that person’s launcher and opens', async () => {
      await linus.reload();
      await expect(tile).toBeHidden();
      const found = await api('GET', `/assignees?search=${encodeURIComponent(demo.newcomer.email)}`);
      const whom = [{ kind: 'user', userId: found.json.items[0].id }];
      expect((await api('PUT', `${path}/assignments`, whom, app.headers.etag)).status).toBe(200);
      await linus.reload();
      await expect(tile).toBeVisible();
      await linus.goto(demo.url('parking'));
      await expect(linus.getByText('Two places are free.')).toBeVisible();
    });

    await test.step('disabled it is gone, enabled it is back', async () => {
      expect((await api('PATCH', path, { enabled: false }, '*')).status).toBe(200);
      await expect.poll(async () => (await linus.goto(demo.url('parking')))?.status()).not.toBe(200);
      const now = await api('GET', path);
      expect((await api('PATCH', path, { enabled: true, name: 'Car park' }, now.headers.etag)).status).toBe(200);
      await linus.goto(demo.portalUrl);
      await expect(linus.getByRole('link', { name: /Car park/ })).toBeVisible();
    });

    await test.step('deleted, it is gone for everybody, and the audit says by which token', async () => {
      expect((await api('DELETE', path)).status).toBe(204);
      expect((await api('DELETE', `/sites/${site.json.id}`)).status).toBe(204);
      await linus.reload();
      await expect(linus.getByRole('link', { name: /Car park/ })).toBeHidden();
      const audit = await api('GET', '/audit?action=app-deleted&limit=1');
      expect(audit.json.items[0]).toMatchObject({ object: { id: app.json.id }, detail: { token: 'Catalogue' } });
    });
  } finally {
    await upstream.stop();
  }
});
