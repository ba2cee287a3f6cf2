// The promises towards systemd-resolved: what failed is tried again and told once, and only what was told with success is taken back.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { endpoint } from '#server/dns/packet.testing.ts';
import { followResolved } from './resolved.ts';

const SERVER = endpoint('127.0.0.53', 53);
const WG0 = { link: 'wg0', domains: ['~.'] };

/** A resolvectl that notes what it is told, and fails at the words given. */
function startResolved(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'foyer-resolved-'));
  const path = process.env.PATH;
  t.after(() => {
    process.env.PATH = path;
    rmSync(folder, { recursive: true });
  });
  process.env.PATH = `${folder}:${path}`;
  const calls = join(folder, 'calls');
  const failAt = (words: string) => {
    const script = `#!/bin/sh\necho "$*" >> ${calls}\ncase "$*" in ${words}) echo "$1 failed" >&2; exit 1;; esac\n`;
    writeFileSync(join(folder, 'resolvectl'), script);
    chmodSync(join(folder, 'resolvectl'), 0o755);
  };
  const said: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void said.push(JSON.parse(line).msg) });
  return {
    resolved: followResolved(log),
    failAt,
    said: () => said.splice(0),
    calls: () => {
      const text = readFileSync(calls, 'utf8');
      rmSync(calls);
      return text.trim().split('\n');
    },
  };
}

test('ST4.X: what failed is tried again at each look, told once, and told again to whoever asks for it', async (t) => {
  const { resolved, failAt, said, calls } = startResolved(t);
  failAt('dns*');
  await resolved.use(WG0, SERVER);
  assert.match(said().join(), /^systemd-resolved could not be told to ask us at 127\.0\.0\.53:53: dns failed\./);
  await resolved.use(WG0, SERVER, { isLook: true });
  assert.deepEqual(said(), []);
  await resolved.use(WG0, SERVER);
  assert.equal(said().length, 1);
  assert.deepEqual(calls(), ['dns wg0 127.0.0.53:53', 'dns wg0 127.0.0.53:53', 'dns wg0 127.0.0.53:53']);
  failAt('nothing');
  await resolved.use(WG0, SERVER, { isLook: true });
  assert.deepEqual(said(), ['systemd-resolved asks us']);
  await resolved.use(WG0, SERVER, { isLook: true });
  assert.deepEqual(calls(), ['dns wg0 127.0.0.53:53', 'domain wg0 ~.']);
  await resolved.stop();
  assert.deepEqual(calls(), ['revert wg0']);
});

test('ST4.X: a server whose domains were refused is taken back at once, and not again in the end', async (t) => {
  const { resolved, failAt, said, calls } = startResolved(t);
  failAt('domain*');
  await resolved.use(WG0, SERVER);
  assert.match(said().join(), /could not be told.*domain failed/);
  await resolved.stop();
  assert.deepEqual(calls(), ['dns wg0 127.0.0.53:53', 'domain wg0 ~.', 'revert wg0']);
});

test('ST4.X: a link that is gone in the end is no alarm, and one that is there is', async (t) => {
  const { resolved, failAt, said } = startResolved(t);
  failAt('revert*');
  await resolved.use({ ...WG0, link: 'no-such-link' }, SERVER);
  await resolved.stop();
  assert.deepEqual(said(), ['systemd-resolved asks us']);
  await resolved.use({ ...WG0, link: 'lo' }, SERVER);
  await resolved.stop();
  assert.deepEqual(said(), [
    'systemd-resolved asks us',
    'systemd-resolved still asks us: revert failed. Run resolvectl revert lo.',
  ]);
});
