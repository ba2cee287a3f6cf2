// The promise of the state folder: a token is in a file of one's own, wherever somebody else wanted it to go.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { address } from '../dns/packet.testing.ts';
import { portalAddress, readMachine, saveMachine } from './state-files.ts';

test('M10: what is saved goes through no link, and into no file that was open to others', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'foyer-state-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const elsewhere = join(dir, 'elsewhere');
  writeFileSync(elsewhere, 'as it was', { mode: 0o644 });
  symlinkSync(elsewhere, join(dir, `machine.json.${process.pid}`));
  symlinkSync(elsewhere, join(dir, 'machine.json'));
  const own = { portal: 'https://portal.example', id: '1', name: 'Win-A', address: '100.64.0.1', token: 'secret' };
  const machine = { ...own, letInBy: 'mark' };
  saveMachine(dir, machine);
  assert.deepEqual(readMachine(dir), machine);
  assert.equal(readFileSync(elsewhere, 'utf8'), 'as it was');
  assert.equal(statSync(join(dir, 'machine.json')).mode & 0o777, 0o600);
});

test('where the portal was is that portal’s alone, kept for nobody else to read, and no address is none', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'foyer-state-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const [own, other] = [portalAddress(dir, 'https://portal.example'), portalAddress(dir, 'https://other.example')];
  assert.equal(own.read(), null);
  own.save(address('192.0.2.7'));
  assert.deepEqual([own.read(), other.read()], ['192.0.2.7', null]);
  const file = join(dir, 'portal.json');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  writeFileSync(file, '{"portal":"https://portal.example","address":"portal.example"}');
  assert.equal(own.read(), null);
});
