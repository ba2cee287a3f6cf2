// Who has an address that our own records give: the name that leads to it, and nothing for any other address.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TYPE } from './message.ts';
import { nameText } from './name.ts';
import type { LocalZone } from './names.ts';
import { address, name } from './packet.testing.ts';
import { nameInLocal } from './plan.ts';
import { reverseName, reverseZones } from './reverse-zones.ts';
import { buildZone, lookupZone, type ZoneLine } from './zone.ts';

function local(...lines: ZoneLine[]): LocalZone {
  const built = buildZone({ origin: name('acme.zt.net'), lines });
  assert.ok(built.kind === 'zone', JSON.stringify(built));
  return { zone: built.zone, search: [], answersSingleLabels: true, covers: 'whole' };
}

/** The names of an address, or null where the zones leave it to somebody else. */
function namesOf(zones: readonly LocalZone[], text: string): string[] | null {
  const reverse = reverseName(address(text));
  const zone = zones.find((each) => nameInLocal(reverse, each) !== null);
  if (zone === undefined) return null;
  const answer = lookupZone(zone.zone, reverse, TYPE.PTR);
  assert.ok(answer.kind === 'success');
  return answer.records.flatMap(({ data }) => (data.kind === 'ptr' ? nameText(data.target) : []));
}

test('an address has its reverse name', () => {
  assert.equal(nameText(reverseName(address('100.64.0.1'))), '1.0.64.100.in-addr.arpa');
  assert.equal(
    nameText(reverseName(address('2001:db8::567:89ab'))),
    'b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
  );
});

test('each address leads back to its names, of both families, and others are left alone', () => {
  const zones = reverseZones([
    local(
      { name: 'Win-A', type: 'A', value: '100.64.0.1' },
      { name: 'alias', type: 'A', value: '100.64.0.1' },
      { name: 'far', type: 'A', value: '10.1.2.3' },
      { name: 'six', type: 'AAAA', value: 'fd00::1' },
      { name: '*', type: 'A', value: '100.64.0.9' },
      { name: 'text', type: 'TXT', value: 'no address' },
    ),
  ]);
  assert.equal(zones.length, 3);
  assert.deepEqual(namesOf(zones, '100.64.0.1'), ['Win-A.acme.zt.net', 'alias.acme.zt.net']);
  assert.deepEqual(namesOf(zones, '10.1.2.3'), ['far.acme.zt.net']);
  assert.deepEqual(namesOf(zones, 'fd00::1'), ['six.acme.zt.net']);
  for (const other of ['100.64.0.2', '100.64.0.9', '100.64.1.1', 'fd00::2'])
    assert.equal(namesOf(zones, other), null, other);
});

test('a name with bytes that are no text leads back to itself', () => {
  const zones = reverseZones([local({ name: 'a\\.b\\000c', type: 'A', value: '10.0.0.1' })]);
  assert.deepEqual(namesOf(zones, '10.0.0.1'), ['a\\.b\\000c.acme.zt.net']);
});
