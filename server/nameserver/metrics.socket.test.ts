// The promise of a nameserver's metrics: what it answered and remembers, where its file says, and nowhere else.
import assert from 'node:assert/strict';
import { Resolver } from 'node:dns/promises';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startChild } from '../../e2e/system/child.ts';
import { foyerCommand } from '../../e2e/system/foyer.ts';
import { freePort } from '../../e2e/system/free-port.ts';

test('queries are counted by what became of them, and another address counts without a restart', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'foyer-nameserver-metrics-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [port, first, second] = [await freePort(), await freePort(), await freePort()];
  const config = join(folder, 'names.json');
  const records = [{ zone: 'acme.zt.net', lines: [{ name: 'Win-A', type: 'A', value: '100.64.0.1' }] }];
  const write = (metrics: string | null) =>
    writeFileSync(config, JSON.stringify({ listen: [`127.0.0.1:${port}`], upstreams: [], records, metrics }));
  write(`127.0.0.1:${first}`);
  const child = startChild(foyerCommand('nameserver', '--config', config), { env: {} });
  t.after(() => child.stop());
  await child.line(/DNS resolver started/);
  const resolver = new Resolver();
  resolver.setServers([`127.0.0.1:${port}`]);
  assert.deepEqual(await resolver.resolve4('win-a.acme.zt.net'), ['100.64.0.1']);
  await assert.rejects(resolver.resolve4('other.example'), { code: 'EREFUSED' });
  const get = async (at: number, path: string) => (await fetch(`http://127.0.0.1:${at}${path}`)).text();
  const counts = await get(first, '/metrics');
  assert.match(counts, /^foyer_nameserver_queries_total\{outcome="local"\} 1$/m);
  assert.match(counts, /^foyer_nameserver_queries_total\{outcome="refused"\} 1$/m);
  assert.match(counts, /^foyer_nameserver_servers_down 0$/m);
  assert.match(counts, /^foyer_process_resident_memory_bytes\{process="nameserver"\} \d+$/m);
  assert.match(await get(first, '/livez'), /ok/i);
  assert.deepEqual(JSON.parse(await get(first, '/readyz')).ready, true);

  write(`127.0.0.1:${second}`);
  process.kill(child.pid, 'SIGHUP');
  await child.line(/reload: done/);
  assert.match(await get(second, '/metrics'), /^foyer_nameserver_queries_total\{outcome="local"\} 1$/m);
  await assert.rejects(get(first, '/metrics'));

  write(`127.0.0.1:${second}`);
  const other = startChild(foyerCommand('nameserver', '--config', config), { env: {} });
  t.after(() => other.stop());
  await other.line(
    /Another program already listens on .*name another address or port in "metrics" of its file, or set it to null\./,
  );
});
