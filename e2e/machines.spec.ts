// A machine from the page that says how to add one, to its name and state in the list, to its end by an administrator.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { runCommand, startChild } from './system/child.ts';
import { foyerCommand } from './system/foyer.ts';
import { freePort } from './system/free-port.ts';
import { expect, test } from './system/journey.ts';

test('a person adds a machine as the page says, it is found by its name, and an administrator removes it', async ({
  newPerson,
  demo,
}) => {
  const dir = mkdtempSync(join(tmpdir(), 'foyer-machine-'));
  const member = await newPerson(demo.member);
  await member.getByRole('button', { name: /^Account of/ }).click();
  await member.getByRole('menuitem', { name: 'Your machines' }).click();
  await expect(member.getByText('No machine yet')).toBeVisible();
  await expect(member.getByText(`foyer login ${demo.portalUrl}`, { exact: true })).toBeVisible();
  await member.getByRole('button', { name: 'Make a token' }).click();
  await expect(member.getByText('Copy the token now')).toBeVisible();
  const token = (await member.getByText(/^foyer_[A-Za-z0-9_-]{49}$/).textContent()) ?? '';
  await runCommand(foyerCommand('login', demo.portalUrl, '--token-file', '-', '--state-dir', dir), { input: token });
  const config = join(dir, 'nameserver.json');
  writeFileSync(config, JSON.stringify({ listen: [`127.0.0.1:${await freePort()}`], upstreams: [] }));
  const up = startChild(foyerCommand('up', '--name', 'Win-A', '--config', config, '--state-dir', dir));
  await up.line(/^Win-A\.machines\..* is up/);

  await member.reload();
  const row = member.getByRole('row', { name: /Win-A/ });
  await expect(row.getByText('online')).toBeVisible();
  // The lowest that is free: what earlier machines had is kept back.
  const address = (await row.getByText(/^100\.64\.0\.\d+$/).textContent()) ?? '';
  const query = await runCommand(foyerCommand('dns', 'query', 'win-a', '--state-dir', dir));
  expect(query).toMatch(/^Win-A\.machines\.\S+ -> 100\.64\.0\.\d+$/);
  expect(query.endsWith(` -> ${address}`)).toBe(true);

  await row.getByRole('button', { name: 'Rename Win-A' }).click();
  await member.getByLabel('New name').fill('not a name');
  await member.getByLabel('New name').press('Enter');
  await expect(member.getByText(/This is no name for a machine/)).toBeVisible();
  expect((await new AxeBuilder({ page: member }).analyze()).violations).toEqual([]);
  await member.getByLabel('New name').press('Escape');
  await expect(member.getByRole('button', { name: 'Rename Win-A' })).toBeFocused();

  const admin = await newPerson(demo.admin);
  await admin.goto(`${demo.portalUrl}/admin/machines`);
  await admin.getByRole('button', { name: 'Rename Win-A' }).click();
  await admin.getByLabel('New name').fill('Win-New');
  await admin.getByLabel('New name').press('Enter');
  const seen = admin.getByRole('row', { name: /Win-New/ });
  await expect(seen.getByText(demo.member.email)).toBeVisible();
  const renamed = await runCommand(foyerCommand('dns', 'query', 'win-new', '--state-dir', dir));
  expect(renamed).toMatch(/^Win-New\.machines\./);
  await seen.getByRole('button', { name: 'Remove' }).click();
  await admin.getByRole('button', { name: 'Remove machine' }).click();
  await expect(seen).toBeHidden();
  await up.stop();

  await member.reload();
  await expect(member.getByText('No machine yet')).toBeVisible();
  await member.getByRole('button', { name: 'Revoke' }).click();
  await member.getByRole('button', { name: 'Revoke token' }).click();
  await expect(member.getByText('Tokens for the command line')).toBeHidden();
  await expect(runCommand(foyerCommand('dns', 'query', 'win-new', '--state-dir', dir))).rejects.toThrow(
    /not authenticated\. Run 'foyer login' first/,
  );
  rmSync(dir, { recursive: true });
});

test('foyer login shows a page and a code; the person approves there, and the machine is signed in; a refused one is not', async ({
  newPerson,
  demo,
}) => {
  const dir = mkdtempSync(join(tmpdir(), 'foyer-machine-'));
  const member = await newPerson(demo.member);
  const login = startChild(foyerCommand('login', demo.portalUrl, '--json', '--state-dir', dir));
  const prompt = JSON.parse(await login.line(/userCode/));
  await member.goto(prompt.urlWithCode);
  await expect(member.getByLabel('Code')).toHaveValue(prompt.userCode);
  await member.getByRole('button', { name: 'Continue' }).click();
  await expect(member.getByRole('heading', { name: new RegExp(prompt.userCode) })).toBeFocused();
  await expect(member.getByText(hostname(), { exact: true })).toBeVisible();
  await expect(member.getByText('127.0.0.1', { exact: true })).toBeVisible();
  expect((await new AxeBuilder({ page: member }).analyze()).violations).toEqual([]);
  await member.getByRole('button', { name: 'Approve' }).click();
  await expect(member.getByRole('heading', { name: 'Approved' })).toBeFocused();
  expect(JSON.parse(await login.line(/"email"/)).email).toBe(demo.member.email);
  expect(await runCommand(foyerCommand('status', '--state-dir', dir))).toContain(demo.member.email);

  // Used once.
  await member.goto(prompt.urlWithCode);
  await member.getByRole('button', { name: 'Continue' }).click();
  await expect(member.getByText(/No command line waits with this code/)).toBeVisible();

  const other = startChild(foyerCommand('login', demo.portalUrl, '--json', '--state-dir', join(dir, 'other')));
  const again = JSON.parse(await other.line(/userCode/));
  await member.goto(again.url);
  await member.getByLabel('Code').fill(again.userCode.toLowerCase());
  await member.getByLabel('Code').press('Enter');
  await member.getByRole('button', { name: 'Refuse' }).click();
  await expect(member.getByRole('heading', { name: 'Refused' })).toBeFocused();
  await other.line(/The login was refused in the portal/);

  await member.goto(`${demo.portalUrl}/machines`);
  await member.getByRole('button', { name: 'Revoke' }).click();
  await member.getByRole('button', { name: 'Revoke token' }).click();
  await expect(member.getByText('Tokens for the command line')).toBeHidden();
  rmSync(dir, { recursive: true });
});

test('an administrator says how machines are called; a zone that would hide the portal is refused beside its field', async ({
  newPerson,
  demo,
}) => {
  const admin = await newPerson(demo.admin);
  await admin.goto(`${demo.portalUrl}/admin/machines`);
  const zone = admin.getByLabel('Zone');
  await zone.fill('portal.localhost');
  await admin.getByLabel('Records 1').fill('printer 192.168.1.999');
  await admin.getByRole('button', { name: 'Save' }).click();
  await expect(admin.getByText('This is no IP address.')).toBeVisible();
  await admin.getByLabel('Records 1').fill('printer 192.168.1.9');
  await admin.getByRole('button', { name: 'Save' }).click();
  await expect(admin.getByText(/portal\.localhost lies in here and would not be found any more/)).toBeVisible();
  await expect(zone).toHaveValue('portal.localhost');
  await zone.fill('yourorg.zt.net');
  await admin.getByRole('button', { name: 'Save' }).click();
  await expect(admin.getByText('Saved. Live everywhere.')).toBeVisible();
  await admin.reload();
  await expect(admin.getByText('Win-A is Win-A.yourorg.zt.net.')).toBeVisible();
  await zone.fill('');
  await admin.getByLabel('Records 1').fill('');
  await admin.getByRole('button', { name: 'Save' }).click();
  await expect(admin.getByText('Saved. Live everywhere.')).toBeVisible();
});
