// What is compared between two proxies: an observation reduced to facts, without what each proxy must add in its own name.
import { isInformational, type Message, valuesOf } from './message.testing.ts';
import type { Observation } from './observe.testing.ts';
import type { Intermediary, Peer } from './proxies.testing.ts';

/** `arrived …` is about the upstream, `answer …` about the client. */
const FACETS = [
  'arrived',
  'arrived whole',
  'arrived framing',
  'arrived body',
  'arrived headers',
  'arrived order',
  'arrived case',
  'arrived trailers',
  'answer',
  'answer source',
  'answer reason',
  'answer whole',
  'answer framing',
  'answer body',
  'answer headers',
  'answer order',
  'answer case',
  'answer trailers',
  'reuse',
] as const;
export type Facet = (typeof FACETS)[number];
export type Facts = Record<Facet, string>;

/** One facet of one case that is not the same through Foyer and through a peer. */
export type Difference = { name: string; peer: Peer; facet: Facet; foyer: Facts; other: Facts };

/** What the gateway adds to every request, and nothing else may. */
const ADDED: readonly (readonly [string, RegExp])[] = [
  ['X-Forwarded-For', /^127\.0\.0\.1$/],
  ['X-Forwarded-Proto', /^https?$/],
  ['X-Forwarded-Host', /^wiki\.test$/],
  ['X-Real-IP', /^127\.0\.0\.1$/],
  ['Via', /^[\d.]+ foyer-test$/],
  ['traceparent', /^00-[\da-f]{32}-[\da-f]{16}-01$/],
  ['Foyer-Request-Id', /^[\w-]+$/],
  ['Foyer-Assertion', /^[\w-]+\.[\w-]+\.[\w-]+$/],
];
const OF_ONE_CONNECTION = new Set(['connection', 'transfer-encoding', 'content-length']);

/** `scripted` is the upstream's answer: what stands in it is no proxy's own. */
export function factsOf(
  proxy: Intermediary['name'],
  { upstream, answers, rest, reused }: Observation,
  scripted: string,
): Facts {
  const requests = upstream.map((message) =>
    endToEnd(proxy === 'foyer' ? withoutAdded(message.headers) : message.headers),
  );
  const final = answers.filter(({ start }) => !isInformational(start));
  const heads = final.map((message) => withoutOwn(message.headers, scripted));
  const fromUpstream = final.map(({ headers }) => valuesOf(headers, 'x-up').length > 0);
  const own = fromUpstream.includes(false);
  const of = (messages: readonly Message[], what: (message: Message) => string): string =>
    messages.map(what).join(' | ');
  return {
    arrived: of(upstream, ({ start }) => start),
    'arrived whole': of(upstream, ({ complete }) => String(complete)),
    'arrived framing': of(upstream, ({ framing }) => framing),
    'arrived body': of(upstream, ({ body }) => body),
    'arrived headers': requests.map(asSet).join(' | '),
    'arrived order': requests.map(lowerNames).join(' | '),
    'arrived case': requests.map(names).join(' | '),
    'arrived trailers': of(upstream, ({ trailers }) => pairs(trailers).join('; ')),
    answer: of(answers, ({ start }) => start.split(' ')[1] ?? start) + (rest === '' ? '' : ` and ${rest.length} bytes`),
    'answer source': fromUpstream.map((is) => (is ? 'upstream' : 'proxy')).join(' | '),
    'answer reason': own ? '' : of(answers, ({ start }) => start.split(' ').slice(2).join(' ')),
    'answer whole': of(final, ({ complete }) => String(complete)),
    'answer framing': own ? '' : of(final, ({ framing }) => framing),
    'answer body': own ? '' : of(final, ({ body }) => body),
    'answer headers': own ? '' : heads.map(asSet).join(' | '),
    'answer order': own ? '' : heads.map(lowerNames).join(' | '),
    'answer case': own ? '' : heads.map(names).join(' | '),
    'answer trailers': own ? '' : of(final, ({ trailers }) => pairs(trailers).join('; ')),
    reuse: reused ? 'reused' : 'closed',
  };
}

/** What follows from another difference is not told again: an answer of another source has other lines. */
export function differences(name: string, foyer: Facts, peer: Peer, other: Facts): Difference[] {
  const differs = (facet: Facet) => foyer[facet] !== other[facet];
  return FACETS.filter((facet) => {
    if (!differs(facet)) return false;
    if (facet.startsWith('arrived ') && differs('arrived')) return facet === 'arrived whole';
    if (facet.startsWith('answer ') && differs('answer source')) return facet === 'answer source';
    if (facet === 'arrived order' || facet === 'arrived case')
      return !differs('arrived headers') && isFirst(facet, differs);
    if (facet === 'answer order' || facet === 'answer case')
      return !differs('answer headers') && isFirst(facet, differs);
    return true;
  }).map((facet) => ({ name, peer, facet, foyer, other }));
}

function isFirst(facet: Facet, differs: (facet: Facet) => boolean): boolean {
  if (facet === 'arrived case') return !differs('arrived order');
  return facet !== 'answer case' || !differs('answer order');
}

function withoutAdded(headers: readonly string[]): string[] {
  const left = [...headers];
  for (const [name, value] of ADDED) {
    const at = left.findLastIndex(
      (text, i) => i % 2 === 0 && text.toLowerCase() === name.toLowerCase() && value.test(left[i + 1] ?? ''),
    );
    if (at === -1) left.push('missing', name);
    else left.splice(at, 2);
  }
  return left;
}

function endToEnd(headers: readonly string[]): string[] {
  return keep(headers, (name) => !OF_ONE_CONNECTION.has(name) && name !== 'x-case');
}

function withoutOwn(headers: readonly string[], scripted: string): string[] {
  return keep(headers, (name, value) => {
    if (name === 'connection' || name === 'transfer-encoding') return false;
    if (name === 'date' || name === 'server') return scripted.includes(value);
    if (name === 'strict-transport-security') return value !== 'max-age=31536000';
    return name !== 'foyer-support-id' || !/^[\w-]{8,}$/.test(value);
  });
}

function keep(headers: readonly string[], keeps: (name: string, value: string) => boolean): string[] {
  return headers.flatMap((name, i) =>
    i % 2 === 0 && keeps(name.toLowerCase(), headers[i + 1] ?? '') ? [name, headers[i + 1] ?? ''] : [],
  );
}

function pairs(headers: readonly string[]): string[] {
  return headers.flatMap((name, i) => (i % 2 === 0 ? [`${name.toLowerCase()}: ${headers[i + 1]}`] : []));
}

function asSet(headers: readonly string[]): string {
  return pairs(headers).sort().join('\n');
}

function names(headers: readonly string[]): string {
  return headers.filter((_name, i) => i % 2 === 0).join(' ');
}

function lowerNames(headers: readonly string[]): string {
  return names(headers).toLowerCase();
}
