// An old answer is used and said: in the log once when it begins and once when it ends, in the metrics each time, and never by name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import type { Site } from '#server/core/app.ts';
import type { Exchange } from '#server/dns/exchange.ts';
import { a, endpoint, host, message, replyTo } from '#server/dns/packet.testing.ts';
import { conform, sumOf } from '#server/metrics/conformance.testing.ts';
import { dnsFamilies } from '#server/metrics/dns-families.ts';
import { createLedger } from '#server/metrics/ledger.ts';
import { createSiteResolvers } from './site-resolvers.ts';

const SITE_ID = '01a1f944-d5f1-7000-bf90-fdb595bd3bad';
const TEN_42 = Date.UTC(2026, 10, 29, 10, 42);
const WIKI = host('wiki.corp.internal');

test('D7: an old answer is said in the log with its time, once when it begins and once when it ends, and no name with it', async () => {
  const s = sites();
  await s.lookup();
  s.isDown.value = true;
  s.clock.now += 61_000;
  for (let at = 0; at < 3; at++) {
    const answer = await s.lookup();
    assert.ok(answer.kind === 'addresses' && answer.answeredAt === TEN_42 && answer.staleSince === TEN_42 + 60_000);
    s.clock.now += 20_000;
  }
  s.isDown.value = false;
  s.clock.now += 30_000;
  const fresh = await s.lookup();
  assert.ok(fresh.kind === 'addresses' && fresh.staleSince === null);
  const told = s.lines.filter(({ msg }) => /answers are/.test(msg) || /no longer/.test(msg));
  assert.deepEqual(
    told.map(({ msg, level, site, answeredAt }) => [level, site, answeredAt, msg]),
    [
      [40, SITE_ID, '2026-11-29T10:42:00.000Z', 'the private DNS cannot be asked, and its last answers are used'],
      [30, SITE_ID, undefined, 'the private DNS can be asked again, and its last answers are no longer used'],
    ],
  );
  for (const word of [WIKI, '192.168.1.20', '192.0.2.53']) assert.ok(!JSON.stringify(s.lines).includes(word), word);
});

test('lookups, failures, old answers and silent servers are counted by site, and a site that is gone is no longer down', async () => {
  const s = sites();
  await s.lookup();
  await s.lookup();
  assert.deepEqual(await s.samples(), { lookups: 1, failures: 0, stale: 0, down: 0 });
  s.isDown.value = true;
  s.clock.now += 61_000;
  await s.lookup();
  await s.lookup();
  assert.deepEqual(await s.samples(), { lookups: 2, failures: 1, stale: 2, down: 2 });
  s.resolvers.retain(() => false);
  assert.deepEqual(await s.samples(), { lookups: 2, failures: 1, stale: 2, down: 0 });
  assert.ok(!(await s.text()).includes('foyer_dns_servers_down{'));
});

test('other servers of a site are asked from the next lookup on, and its counts go on', async () => {
  const s = sites();
  await s.lookup();
  s.current.site = { ...s.current.site, dnsServers: [{ ...endpoint('192.0.2.55', 853), tlsName: 'dns.corp.example' }] };
  await s.lookup();
  assert.deepEqual(s.asked.at(-1), { address: '192.0.2.55', port: 853, tlsName: 'dns.corp.example' });
  assert.equal((await s.samples()).lookups, 2);
});

function sites() {
  const clock = { now: TEN_42 };
  const isDown = { value: false };
  const lines: (Record<string, unknown> & { msg: string })[] = [];
  const asked: unknown[] = [];
  const exchange: Exchange = async (server, question) => {
    asked.push(server);
    if (isDown.value) return { kind: 'failed', reason: 'unreachable' };
    const answers = question.type === 1 ? [a(WIKI, '192.168.1.20', 60)] : [];
    const reply = replyTo(message({ questions: [question] }), { answers });
    return { kind: 'answered', transport: 'udp', message: reply };
  };
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const resolvers = createSiteResolvers({ now: () => clock.now, log, exchange });
  const dnsServers = [endpoint('192.0.2.53', 53), endpoint('192.0.2.54', 53)];
  const current: { site: Site } = {
    site: { id: SITE_ID, name: 'Office', dnsServers, zones: [], ranges: [], endpoints: [] },
  };
  const text = () => {
    const ledger = createLedger();
    ledger.told(1, dnsFamilies(resolvers.view()));
    return ledger.text(new Set([1]), []);
  };
  const samples = async () => {
    const found = conform(await text());
    const of = (name: string) => sumOf(found, name, { site: SITE_ID });
    return {
      lookups: of('foyer_dns_lookups_total'),
      failures: of('foyer_dns_failures_total'),
      stale: of('foyer_dns_stale_answers_total'),
      down: of('foyer_dns_servers_down'),
    };
  };
  const lookup = async () => resolvers.for(current.site).lookup(WIKI);
  return { clock, isDown, lines, asked, resolvers, current, text, samples, lookup };
}
