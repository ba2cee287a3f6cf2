// Promise: the same requests through Foyer, nginx and HAProxy arrive and are answered alike, but for what docs/decisions/0011 lists.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ANSWER_CASES } from './answer-cases.testing.ts';
import { BODY_CASES } from './body-cases.testing.ts';
import { type Difference, differences, type Facts, factsOf } from './facts.testing.ts';
import { HTTP2_CASES, RAW_HTTP2_CASES } from './http2-cases.testing.ts';
import { KNOWN_DIFFERENCES, type KnownDifference } from './known-differences.testing.ts';
import { MALFORMED_CASES } from './malformed-cases.testing.ts';
import { type Observation, observe } from './observe.testing.ts';
import { http2Observer, observeRawHttp2 } from './observe-http2.testing.ts';
import { type Intermediary, PEERS, startProxies } from './proxies.testing.ts';
import { REQUEST_CASES } from './request-cases.testing.ts';

const PAGE = join(import.meta.dirname, '../../../docs/decisions/0011-how-answers-differ.md');
const HTTP1_CASES = [...REQUEST_CASES, ...BODY_CASES, ...ANSWER_CASES, ...MALFORMED_CASES];
const NAMES = [...HTTP1_CASES, ...HTTP2_CASES, ...RAW_HTTP2_CASES].map(({ name }) => name);
/** Of the malformed ones, those that are well-formed after all, or become so when they are written anew. */
const SERVED = [
  'P22: Upgrade: h2c',
  'H2: Host "wiki.test:"',
  'H4: target https://wiki.test/',
  'h2 raw: nothing wrong',
  'P17: host in place of :authority',
  'P17: :scheme "http"',
  'P17: :scheme "ftp"',
  'H2: :authority "WIKI.test"',
  'H2: :authority "wiki.test:443"',
];

/** Where the peers differ from one another, so that no comparison says what is right. */
const EXACTLY: readonly (readonly [name: string, facet: keyof Facts, value: string])[] = [
  ['1xx: 103 first', 'answer', '103 | 200'],
  ['1xx: two 103', 'answer', '103 | 103 | 200'],
  ['1xx: 103 to HTTP/1.0', 'answer', '200'],
  ['h2 answer: 103 before', 'answer', '103 | 200'],
  ['expect: waits for 100', 'answer', '100 | 200'],
  ['expect: waits, upstream says no 100', 'answer', '100 | 200'],
  ['expect: chunked', 'arrived body', 'hello'],
  ['early: the answer comes before the body', 'answer', '413'],
  ['early: the answer comes before the body and closes', 'answer', '413'],
  ['answer trailer: asked for', 'answer trailers', 'x-t: 1; grpc-status: 0'],
  ['answer trailer: one', 'answer trailers', ''],
  ['answer trailer: Set-Cookie (U10)', 'answer trailers', 'x-t: 1'],
  ['h2 answer: a trailer with a cookie', 'answer trailers', 'x-t: 1'],
  ['body: chunked, a forbidden trailer: Remote-User', 'arrived trailers', ''],
  ['h2 trailer: forbidden', 'arrived trailers', ''],
  ['U2: bytes behind the body', 'answer', '200'],
  ['U2: an answer behind the body', 'answer', '200'],
  ['h2 answer: cut inside a chunk', 'answer whole', 'false'],
];

const proxies = await startProxies({ after });
const results = new Map(await Promise.all(proxies.map(async (proxy) => [proxy.name, await run(proxy)] as const)));
const foyer = factsThrough('foyer');

test('every case has a name of its own, and there are more than 800', () => {
  assert.equal(new Set(NAMES).size, NAMES.length);
  assert(NAMES.length > 800);
});

test('P20: what differs from nginx and HAProxy is listed, and what is listed differs', () => {
  const found = PEERS.flatMap((peer) =>
    NAMES.flatMap((name) => differences(name, factOf(foyer, name), peer, factOf(factsThrough(peer), name))),
  );
  const seen = new Set<string>();
  const unlisted = found.filter((difference) => {
    const known = KNOWN_DIFFERENCES.find((candidate) => fits(candidate, difference));
    if (known) seen.add(`${known.id} (${difference.peer})`);
    return known === undefined;
  });
  assert.deepEqual(unlisted.map(inWords), []);
  const listed = KNOWN_DIFFERENCES.flatMap(({ id, peers }) => peers.map((peer) => `${id} (${peer})`));
  assert.deepEqual(
    listed.filter((entry) => !seen.has(entry)),
    [],
    'listed, and no longer so',
  );
});

test('the page of the decision has one row for each listed difference', () => {
  const rows = [...readFileSync(PAGE, 'utf8').matchAll(/^\| `([\w-]+)` \| ([\w, ]+) \|/gm)];
  const listed = KNOWN_DIFFERENCES.map(({ id, peers }) => `${id}: ${peers.join(', ')}`);
  assert.deepEqual(rows.map(([, id, peers]) => `${id}: ${peers}`).sort(), listed.sort());
});

test('P1, P3 to P6, P9, P11, P14, P16, P17, P18, P21, H1 to H5: what is malformed arrives nowhere whole, nor what stands behind it', () => {
  for (const { name } of [...MALFORMED_CASES, ...RAW_HTTP2_CASES]) {
    const { arrived, 'arrived whole': whole } = factOf(foyer, name);
    if (SERVED.includes(name)) assert.match(arrived, /^GET \/\S* HTTP\/1\.1/, name);
    else assert.doesNotMatch(whole, /true/, `${name}: ${arrived}`);
  }
});

test('P8, P13, U2, U10: 1xx, Expect, early answers, trailers and what is too much', () => {
  for (const [name, facet, value] of EXACTLY) assert.equal(factOf(foyer, name)[facet], value, `${name}: ${facet}`);
});

test('what the gateway says in its own name is whole, and its length true', () => {
  const cut = NAMES.filter((name) => {
    const { 'answer source': source, 'answer whole': whole } = factOf(foyer, name);
    return source === 'proxy' && whole !== 'true';
  });
  assert.deepEqual(
    cut.filter((name) => !/^(P1[6-8]|P21|H2: :|H5)/.test(name)),
    [],
  );
});

async function run(proxy: Intermediary): Promise<Map<string, Facts>> {
  const facts = new Map<string, Facts>();
  const http2 = http2Observer(proxy);
  const keep = (name: string, observation: Observation, scripted = '') =>
    facts.set(name, factsOf(proxy.name, observation, scripted));
  const bytes = (answer: readonly { bytes: string }[] = []) => answer.map((step) => step.bytes).join('');
  for (const one of HTTP1_CASES) keep(one.name, await observe(proxy, one, String(facts.size)), bytes(one.answer));
  for (const one of HTTP2_CASES) keep(one.name, await http2.observe(one, String(facts.size)), bytes(one.answer));
  for (const one of RAW_HTTP2_CASES) keep(one.name, await observeRawHttp2(proxy, one, String(facts.size)));
  http2.close();
  return facts;
}

function factsThrough(name: Intermediary['name']): Map<string, Facts> {
  const facts = results.get(name);
  if (!facts) throw new Error(`Nothing went through ${name}.`);
  return facts;
}

function factOf(facts: ReadonlyMap<string, Facts>, name: string): Facts {
  const found = facts.get(name);
  if (!found) throw new Error(`${name} was not run.`);
  return found;
}

function fits(known: KnownDifference, difference: Difference): boolean {
  if (!known.peers.includes(difference.peer) || !known.cases.test(difference.name)) return false;
  if (known.facets && !known.facets.includes(difference.facet)) return false;
  return known.when?.(difference) ?? true;
}

function inWords({ name, peer, facet, foyer, other }: Difference): string {
  return `${name}, ${facet}: ${JSON.stringify(foyer[facet].slice(0, 200))}, through ${peer} ${JSON.stringify(other[facet].slice(0, 200))}`;
}
