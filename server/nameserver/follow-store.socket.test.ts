// The promise of a nameserver that starts before its Foyer's store can be read: what is ours is nobody else's to be asked for.
import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { readConfig } from '#server/config.ts';
import { CLASS, TYPE } from '#server/dns/message.ts';
import { nameText } from '#server/dns/name.ts';
import { NO_DOMAINS } from '#server/dns/names.ts';
import { address, name } from '#server/dns/packet.testing.ts';
import { planFor } from '#server/dns/plan.ts';
import { saveSetting } from '#server/store/settings.ts';
import { SYSTEM, saved, TEST_SECRET, temporaryStore } from '#server/store/testing/temporary-store.ts';
import { readNameserverFile } from './file.ts';
import { followStoreNames } from './follow-store.ts';
import { composeNames, type FoyerNames } from './names.ts';

test('F7: before the store can be read, what it answered for last is refused for the moment, and asked for nowhere else', async (t) => {
  const { store, dataDir } = await temporaryStore(t);
  const aliases = { zone: 'alias.example', addresses: ['203.0.113.20'], nameServers: ['ns1.corp.example'] };
  saved(await saveSetting(store, SYSTEM, 'aliases', aliases));
  const env = {
    FOYER_DATA_DIR: dataDir,
    FOYER_PORTAL_URL: 'https://portal.example',
    FOYER_GATEWAY_NAME: 'gw.example',
    FOYER_LISTEN: 'http://127.0.0.1:8080',
    FOYER_TRUSTED_PROXIES: '127.0.0.1',
    FOYER_SECRET_KEY: TEST_SECRET.toString('base64'),
  };
  const read = readConfig(env);
  assert.ok(read.kind === 'config', JSON.stringify(read));
  const follow = () => followStoreNames(read.config, env, pino({ level: 'silent' }), () => {});

  const first = await follow();
  const zones = first.current().hosted.map(({ origin }) => nameText(origin));
  assert.deepEqual(zones, ['alias.example']);
  const [machines] = first.current().machines.map(({ zone }) => nameText(zone.origin));
  await first.stop();

  renameSync(join(dataDir, 'foyer.db'), join(dataDir, 'elsewhere.db'));
  const second = await follow();
  t.after(() => second.stop());
  const names = second.current();
  assert.deepEqual(
    names.hosted.map(({ origin }) => nameText(origin)),
    ['alias.example', machines, 'ztna'],
  );
  for (const zone of names.hosted) assert.equal(zone.zoneFor(address('10.0.0.9')), null);
  for (const asked of ['x.alias.example', `win-a.${machines}`, 'win-a.ztna'])
    assert.equal(planned(names, asked), 'hosted');
  for (const asked of ['portal.example', 'gw.example']) assert.equal(planned(names, asked), 'local');
  // The file's own names are known with the machines' ending too; its wildcard cannot tell what is a machine.
  const records = [
    { zone: 'office.lan', lines: ['printer', '*.star'].map((each) => ({ name: each, type: 'A', value: '10.0.0.9' })) },
    { zone: 'x.lan', search: ['alias.example'], lines: [{ name: 'x', type: 'A', value: '10.0.0.9' }] },
  ];
  for (const [asked, expected] of [
    ['printer.ZTNA', 'local'],
    ['win-a.ztna', 'hosted'],
    ['a.star.ztna', 'hosted'],
    ['x.alias.example', 'hosted'],
  ] as const)
    assert.equal(planned(names, asked, records), expected, asked);
});

function planned(foyer: FoyerNames, asked: string, records: object[] = []): string {
  const read = readNameserverFile(JSON.stringify({ gateway: { inside: ['10.0.0.20'] }, records }), '/');
  assert.ok(read.kind === 'file');
  const lists = { allow: NO_DOMAINS, block: NO_DOMAINS };
  const names = composeNames({ ...foyer, file: read.file, lists, systemServers: [] });
  return planFor({ name: name(asked), type: TYPE.A, class: CLASS.IN }, names, true).kind;
}
