// The promises of reading a reply: only what answers the question counts, aliases end, and absence lasts as long as the zone says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Message, RCODE } from './message.ts';
import { nameText } from './name.ts';
import { a, alias, message, name, record, soa } from './packet.testing.ts';
import { readReply } from './read-reply.ts';

const ns = (zone: string) => record(zone, { kind: 'ns', target: name('ns.elsewhere') });

test('each shape of reply is read for what it is', () => {
  const table: [why: string, reply: Partial<Message>, expected: string][] = [
    [
      'addresses',
      { answers: [a('wiki.corp', '10.0.0.1', 60), a('WIKI.corp', '10.0.0.2', 30)] },
      'addresses 10.0.0.1,10.0.0.2 30s',
    ],
    [
      'the same address twice',
      { answers: [a('wiki.corp', '10.0.0.1'), a('wiki.corp', '10.0.0.1')] },
      'addresses 10.0.0.1 60s',
    ],
    [
      'an alias',
      { answers: [alias('wiki.corp', 'web.corp', 5), a('web.corp', '10.0.0.1')] },
      'addresses 10.0.0.1 5s >web.corp',
    ],
    [
      'in any order',
      { answers: [a('web.corp', '10.0.0.1'), alias('wiki.corp', 'web.corp')] },
      'addresses 10.0.0.1 60s >web.corp',
    ],
    ['left to us', { answers: [alias('wiki.corp', 'web.corp', 7)] }, 'led-on 7s >web.corp'],
    [
      'alias to nothing',
      { answers: [alias('wiki.corp', 'web.corp')], rcode: RCODE.NXDOMAIN, authorities: [soa('corp', 9)] },
      'no-such-name 9s >web.corp',
    ],
    [
      'alias without address',
      { answers: [alias('wiki.corp', 'web.corp')], authorities: [soa('corp', 9)] },
      'no-address 9s >web.corp',
    ],
    ['no such name', { rcode: RCODE.NXDOMAIN, authorities: [soa('corp', 99)] }, 'no-such-name 99s'],
    ['no address', { authorities: [soa('corp', 99, 20)] }, 'no-address 20s'],
    [
      'D9: absence for a day',
      { rcode: RCODE.NXDOMAIN, authorities: [soa('corp', 86_400, 86_400)] },
      'no-such-name 300s',
    ],
    ['D9: absence without SOA', { rcode: RCODE.NXDOMAIN }, 'no-such-name 1s'],
    ['D9: a foreign SOA', { rcode: RCODE.NXDOMAIN, authorities: [soa('other', 99)] }, 'no-such-name 1s'],
    ['D9: TTL 2^31', { answers: [a('wiki.corp', '10.0.0.1', 2 ** 31)] }, 'addresses 10.0.0.1 0s'],
    ['a referral', { authorities: [ns('corp')] }, 'unusable lame'],
    ['SERVFAIL', { rcode: RCODE.SERVFAIL }, 'unusable server-failure'],
    ['REFUSED', { rcode: RCODE.REFUSED }, 'unusable server-refused'],
    [
      'SERVFAIL with records',
      { rcode: RCODE.SERVFAIL, answers: [a('wiki.corp', '10.0.0.1')] },
      'unusable server-failure',
    ],
    [
      'D6: somebody else’s address',
      { answers: [a('evil.corp', '10.6.6.6')], authorities: [soa('corp', 9)] },
      'no-address 9s',
    ],
    [
      'D6: extra records',
      { answers: [a('wiki.corp', '10.0.0.1'), a('evil.corp', '10.6.6.6')], additionals: [a('wiki.corp', '10.6.6.6')] },
      'addresses 10.0.0.1 60s',
    ],
    ['D6: another class', { answers: [{ ...a('wiki.corp', '10.6.6.6'), class: 3 }] }, 'no-address 1s'],
    ['the other family', { answers: [a('wiki.corp', 'fd00::1')] }, 'no-address 1s'],
    ['D6: alias to itself', { answers: [alias('wiki.corp', 'WIKI.corp')] }, 'alias-loop'],
    ['D6: alias in a circle', { answers: [alias('wiki.corp', 'b.corp'), alias('b.corp', 'wiki.corp')] }, 'alias-loop'],
    ['D6: 16 aliases', { answers: chain(16) }, 'addresses 10.0.0.1 60s'],
    ['D6: 17 aliases', { answers: chain(17) }, 'alias-loop'],
    ['D6: 1000 aliases', { answers: chain(1000) }, 'alias-loop'],
  ];
  for (const [why, reply, expected] of table) assert.equal(told(reply, expected.includes('>')), expected, why);
});

test('D6: aliases count over all replies of one lookup', () => {
  const reply = message({ isResponse: true, answers: [alias('wiki.corp', 'first.corp')] });
  assert.equal(readReply(reply, name('wiki.corp'), 'a', [name('first.corp')]).kind, 'alias-loop');
  const before = Array.from({ length: 16 }, (_, at) => name(`n${at}.corp`));
  assert.equal(readReply(reply, name('wiki.corp'), 'a', before).kind, 'alias-loop');
});

function told(parts: Partial<Message>, withAliases: boolean): string {
  const reading = readReply(message({ isResponse: true, ...parts }), name('wiki.corp'), 'a');
  if (reading.kind === 'unusable') return `unusable ${reading.reason}`;
  if (reading.kind === 'alias-loop') return reading.kind;
  const addresses = reading.kind === 'addresses' ? [reading.addresses.join(',')] : [];
  const aliases = withAliases ? reading.aliases.map((each) => `>${nameText(each)}`) : [];
  return [reading.kind, ...addresses, `${reading.ttlSeconds}s`, ...aliases].join(' ');
}

function chain(length: number) {
  const aliases = Array.from({ length }, (_, at) => alias(at === 0 ? 'wiki.corp' : `n${at}.corp`, `n${at + 1}.corp`));
  return [...aliases, a(`n${length}.corp`, '10.0.0.1')];
}
