// Every way in which Foyer answers otherwise than nginx or HAProxy. The reasons stand in docs/decisions/0011-how-answers-differ.md.
import type { Difference, Facet, Facts } from './facts.testing.ts';
import { PEERS, type Peer } from './proxies.testing.ts';

export type KnownDifference = {
  /** The page has a row of this id for exactly these peers. */
  id: string;
  peers: readonly Peer[];
  /** The cases that it happens in, by name. */
  cases: RegExp;
  /** Left out: the whole case goes another way. */
  facets?: readonly Facet[];
  when?(difference: Difference): boolean;
};

const BOTH = PEERS;
const NGINX = ['nginx'] as const;
const HAPROXY = ['haproxy'] as const;
const MALFORMED = /^(P\d+|H\d+): /;

const isOwn = (facts: Facts): boolean => !facts['answer source'].includes('upstream');
const isRefused = (facts: Facts): boolean => isOwn(facts) && !facts['arrived whole'].includes('true');
const foyerIsStricter = ({ foyer, other }: Difference): boolean => isRefused(foyer) && !isRefused(other);
const peerIsStricter = ({ foyer, other }: Difference): boolean => !isRefused(foyer) && isRefused(other);

/** The first that fits is the one that counts. */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  // Requests.
  { id: 'names-in-lower-case', peers: HAPROXY, cases: /./, facets: ['arrived case', 'answer case'] },
  {
    id: 'host-in-one-spelling',
    peers: BOTH,
    cases: /^host: |^H2: (Host "wiki\.test:"|:authority)/,
    facets: ['arrived headers'],
  },
  { id: 'absolute-form', peers: HAPROXY, cases: /^target: absolute-form |^H4: target https:|^P17: :scheme "ftp"/ },
  { id: 'paths-unchanged', peers: NGINX, cases: /^(h2 )?target: /, when: peerIsStricter },
  { id: 'bytes-above-ascii-in-a-target', peers: NGINX, cases: /^target: .*[\x80-\xff]/, when: foyerIsStricter },
  { id: 'asterisk-form', peers: HAPROXY, cases: /^target: OPTIONS \*/, when: foyerIsStricter },
  {
    id: 'whitespace-around-values',
    peers: NGINX,
    cases: /^header: a tab (before|behind)/,
    facets: ['arrived headers'],
  },
  {
    id: 'fields-of-one-connection',
    peers: BOTH,
    cases: /^connection: (Connection lists|Keep-Alive|Proxy-|Upgrade)|^P22: /,
    facets: ['arrived headers'],
  },
  {
    id: 'fields-of-the-gateway',
    peers: BOTH,
    cases: /^connection: (X-|Forwarded|Remote-|Foyer-|Content_|Proxy$)|^h2 header: x-forwarded/,
    facets: ['arrived headers'],
  },
  { id: 'trace', peers: BOTH, cases: /^header: Traceparent/, facets: ['arrived headers'] },
  { id: 'takes-trailers', peers: ['nginx'], cases: /./, facets: ['arrived headers'], when: saysTe },
  { id: 'trailers-announced', peers: BOTH, cases: /Trailer|trailer/, facets: ['arrived headers', 'answer headers'] },
  { id: 'trailers-of-requests', peers: HAPROXY, cases: /^body: |^h2 trailer: /, facets: ['arrived trailers'] },
  { id: 'trailers-of-requests-over-http2', peers: NGINX, cases: /^h2 trailer: / },
  {
    id: 'trailer-with-a-length',
    peers: BOTH,
    cases: /^body: chunked, a forbidden trailer: Content-Length/,
    when: foyerIsStricter,
  },
  { id: 'small-bodies-with-a-length', peers: NGINX, cases: /./, facets: ['arrived framing'] },
  { id: 'expect', peers: BOTH, cases: /^expect: |^h2 (body|header): expect/ },
  { id: 'early-answers', peers: HAPROXY, cases: /^early: / },
  { id: 'empty-lines', peers: BOTH, cases: /^pipeline: two empty lines first/, when: foyerIsStricter },
  { id: 'http10-upstream', peers: HAPROXY, cases: /HTTP\/1\.0/, facets: ['arrived', 'answer framing', 'reuse'] },
  { id: 'host-beside-authority', peers: NGINX, cases: /^h2 header: host like :authority/, when: peerIsStricter },
  // Answers.
  { id: 'order-of-answers', peers: NGINX, cases: /./, facets: ['answer order'] },
  { id: 'words-of-the-status', peers: BOTH, cases: /./, facets: ['answer reason'] },
  {
    id: 'fields-of-one-connection-in-answers',
    peers: BOTH,
    cases: /^(h2 )?answer(:| header:) (Connection|Keep-Alive|Proxy-|Upgrade)/,
  },
  {
    id: 'fields-that-reach-beyond-the-app',
    peers: BOTH,
    cases: /^answer header: (Alt-Svc|HSTS|Clear-|Public-Key|a cookie|Foyer-)/,
    facets: ['answer headers'],
  },
  { id: 'x-accel', peers: NGINX, cases: /^answer header: X-Accel/, facets: ['answer headers'] },
  { id: 'length-of-a-204', peers: NGINX, cases: /204/, facets: ['answer headers'] },
  {
    id: 'an-empty-body',
    peers: BOTH,
    cases: /^answer body: chunked, empty/,
    facets: ['answer framing', 'answer headers'],
  },
  { id: 'bodies-until-the-end', peers: HAPROXY, cases: /^answer body: /, facets: ['answer framing', 'reuse'] },
  {
    id: 'trailers-only-when-asked',
    peers: HAPROXY,
    cases: /^answer trailer: (one|announced)/,
    facets: ['answer trailers'],
  },
  {
    id: 'trailers-that-are-none',
    peers: BOTH,
    cases: /^(h2 )?answer(:| trailer:) .*(Set-Cookie|Content-Length|cookie)/,
  },
  { id: 'trailers-of-answers', peers: NGINX, cases: /trailer/, facets: ['answer trailers'] },
  { id: 'informational', peers: BOTH, cases: /^1xx: |^h2 answer: 103/ },
  // Broken upstreams.
  { id: 'one-retry', peers: BOTH, cases: /^U1: (closed|reset) without a byte/, facets: ['arrived', 'arrived whole'] },
  {
    id: 'answers-refused',
    peers: BOTH,
    cases: /^U2: /,
    when: ({ foyer, other }) => isOwn(foyer) && other['answer source'] !== 'proxy',
  },
  { id: 'broken-chunks', peers: BOTH, cases: /^U2: .*chunk/ },
  { id: 'http2-broken-answers', peers: HAPROXY, cases: /^h2 answer: (cut|closed)/ },
  // Malformed requests.
  { id: 'requests-refused', peers: BOTH, cases: MALFORMED, when: foyerIsStricter },
  { id: 'how-it-is-refused', peers: BOTH, cases: MALFORMED, when: ({ foyer, other }) => isOwn(foyer) && isOwn(other) },
];

function saysTe({ foyer, other }: Difference): boolean {
  const others = ({ 'arrived headers': lines }: Facts) =>
    lines
      .split('\n')
      .filter((line) => line !== 'te: trailers')
      .join('\n');
  return others(foyer) === others(other);
}
