// What facts come to: the words that hang on combinations which no single real part shows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  PATH_CODES,
  type PathStepName,
  type PublicDnsFacts,
  type PublicLookup,
  type ShownCertificate,
  stateOf,
} from './path.ts';
import {
  judgeAnswer,
  judgeCertificate,
  judgeConnect,
  judgeGateway,
  judgePublicDns,
  judgeSignIn,
  judgeTls,
} from './path-judge.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 20);

test('a state belongs to a word, and a word that nobody knows is no good news', () => {
  assert.equal(stateOf('connect', 'connected'), 'good');
  assert.equal(stateOf('connect', 'step-late'), 'bad');
  assert.equal(stateOf('connect', 'step-failed'), 'warning');
  for (const [step, codes] of Object.entries(PATH_CODES))
    for (const [code, state] of Object.entries(codes))
      assert.equal(stateOf(step as PathStepName, code as never), state);
});

test('public DNS: silence is not absence, and an alias counts only where it leads to the gateway', () => {
  const judge = (lookup: Partial<PublicLookup>, gatewayName: string | null = 'gw.x') =>
    judgePublicDns({
      lookup: { name: 'wiki.x', kind: 'found', hops: [], addresses: [], servers: [], missingTarget: null, ...lookup },
      gatewayName,
      gatewayAddresses: ['203.0.113.20'],
      target: gatewayName,
      alias: null,
    });
  const alias = (value: string) => [{ name: 'wiki.x', type: 'CNAME' as const, value, ttlSeconds: 5 }];
  assert.equal(judge({ kind: 'silent' }), 'public-dns-silent');
  assert.equal(judge({ kind: 'failed' }), 'public-dns-failed');
  assert.equal(judge({ addresses: ['203.0.113.20'] }, null), 'gateway-unnamed');
  assert.equal(judge({ addresses: ['203.0.113.20'], hops: alias('gw.x') }), 'leads-to-gateway');
  assert.equal(judge({ addresses: ['203.0.113.20'], hops: alias('other.x') }), 'leads-by-address');
  const now = { addresses: ['203.0.113.21'], hops: alias('gw.x') };
  assert.equal(judge(now), 'leads-to-gateway', 'the gateway’s name has several addresses and tells one at a time');
  assert.equal(judge({ kind: 'no-address', hops: alias('gw.x') }), 'leads-to-gateway', 'the gateway’s own step tells');
  assert.equal(judge({ kind: 'no-address', hops: alias('other.x') }), 'leads-nowhere');
  assert.equal(judge({ kind: 'no-address', hops: alias('x.x'), missingTarget: 'x.x' }), 'target-missing');
  assert.equal(judge({ addresses: ['fd00::1'] }), 'leads-inside');
  assert.equal(judge({ addresses: ['fd00::1', '198.51.100.1'] }), 'leads-elsewhere');
});

test('SCL-4: an alias is good where it is the app’s own; the gateway’s name is too, and another app’s alias never', () => {
  const judge = (value: string, alias: PublicDnsFacts['alias'], lookup: Partial<PublicLookup> = {}) =>
    judgePublicDns({
      lookup: {
        ...{ name: 'wiki.x', kind: 'found', addresses: ['203.0.113.20'], servers: [], missingTarget: null },
        hops: [{ name: 'wiki.x', type: 'CNAME', value, ttlSeconds: 5 }],
        ...lookup,
      },
      gatewayName: 'gw.x',
      gatewayAddresses: ['203.0.113.20'],
      target: 'abc.alias.x',
      alias,
    });
  assert.equal(judge('abc.alias.x', 'own'), 'leads-to-gateway');
  assert.equal(judge('gw.x', null), 'leads-to-gateway');
  assert.equal(judge('def.alias.x', 'other'), 'alias-foreign');
  assert.equal(judge('def.alias.x', 'other', { kind: 'no-address', addresses: [] }), 'alias-foreign');
  const gone = { kind: 'no-address', addresses: [], missingTarget: 'old.alias.x' } as const;
  assert.equal(judge('old.alias.x', 'nobody', gone), 'alias-gone');
  assert.equal(judge('abc.alias.x', 'own', { kind: 'no-address', addresses: [] }), 'alias-unanswered');
  assert.equal(judge('abc.alias.x', 'own', { kind: 'failed', addresses: [] }), 'alias-unanswered');
  assert.equal(judge('abc.alias.x', 'own', { addresses: ['198.51.100.7'] }), 'leads-to-gateway');
});

test('gateway: one foreign answer outweighs ours, and a silent outside does not call a running gateway down', () => {
  const knock = (outcome: 'ours' | 'foreign' | 'silent' | 'app-unknown') => ({
    address: '203.0.113.20',
    port: 443,
    outcome,
    detail: '',
    tookMs: 1,
  });
  const lookup: PublicLookup = {
    name: 'gw.x',
    kind: 'found',
    hops: [],
    addresses: ['203.0.113.20'],
    servers: [],
    missingTarget: null,
  };
  const base = { gatewayName: 'gw.x', lookup, isLocalhost: false };
  assert.equal(judgeGateway({ ...base, outside: [knock('ours')], inside: null }), 'gateway-answers');
  assert.equal(
    judgeGateway({ ...base, outside: [knock('ours'), knock('foreign')], inside: knock('ours') }),
    'gateway-elsewhere',
  );
  assert.equal(judgeGateway({ ...base, outside: [knock('silent')], inside: knock('ours') }), 'gateway-unreached');
  assert.equal(judgeGateway({ ...base, outside: [knock('silent')], inside: null }), 'gateway-down');
  assert.equal(judgeGateway({ ...base, outside: [knock('ours')], inside: knock('app-unknown') }), 'gateway-behind');
  const local = { gatewayName: null, lookup: null, outside: [], isLocalhost: true };
  assert.equal(judgeGateway({ ...local, inside: knock('ours') }), 'this-machine');
  assert.equal(judgeGateway({ ...local, inside: knock('silent') }), 'gateway-down');
});

test('certificate: dates before names, names before trust, and two weeks are soon', () => {
  const certificate: ShownCertificate = {
    subject: '',
    issuer: '',
    names: [],
    validFrom: NOW - DAY_MS,
    validTo: NOW + 30 * DAY_MS,
    sha256: '',
    chain: [],
    protocol: '',
  };
  const judge = (parts: object, dates: Partial<ShownCertificate> = {}) =>
    judgeCertificate({
      scheme: 'https',
      host: 'wiki.x',
      at: '',
      certificate: { ...certificate, ...dates },
      coversHost: true,
      distrust: null,
      detail: '',
      checkedAt: NOW,
      ...parts,
    });
  assert.equal(judge({}), 'certificate-good');
  assert.equal(judge({}, { validTo: NOW + 13 * DAY_MS }), 'certificate-soon');
  assert.equal(judge({ coversHost: false, distrust: 'X' }, { validTo: NOW - 1 }), 'certificate-expired');
  assert.equal(judge({ coversHost: false, distrust: 'X' }), 'certificate-name');
  assert.equal(judge({ distrust: 'SELF_SIGNED_CERT_IN_CHAIN' }), 'certificate-untrusted');
  assert.equal(judge({}, { validFrom: NOW + 1 }), 'certificate-early');
  assert.equal(judge({ certificate: null }), 'certificate-unread');
  assert.equal(judge({ scheme: 'http', certificate: null }), 'plain-localhost');
});

test('sign-in: one way in is enough, and none is none', () => {
  const provider = (outcome: 'answers' | 'silent') => ({ name: '', issuer: '', outcome, detail: '', tookMs: 1 });
  assert.equal(judgeSignIn({ localAccounts: false, providers: [] }), 'no-way-in');
  assert.equal(judgeSignIn({ localAccounts: true, providers: [] }), 'sign-in-ready');
  assert.equal(judgeSignIn({ localAccounts: true, providers: [provider('silent')] }), 'provider-down');
  assert.equal(
    judgeSignIn({ localAccounts: false, providers: [provider('silent'), provider('answers')] }),
    'provider-down',
  );
  assert.equal(judgeSignIn({ localAccounts: false, providers: [provider('silent')] }), 'providers-down');
});

test('connection and TLS: some good addresses are amber, none is red, and a refusal says most', () => {
  const attempts = (...outcomes: ('connected' | 'refused' | 'timeout' | 'unreachable' | 'not-allowed')[]) => ({
    attempts: outcomes.map((outcome) => ({ host: '', address: '', port: 1, outcome, refusal: null, tookMs: 1 })),
  });
  assert.equal(judgeConnect(attempts('connected', 'timeout')), 'some-connected');
  assert.equal(judgeConnect(attempts('connected', 'not-allowed')), 'some-not-allowed');
  assert.equal(judgeConnect(attempts('timeout', 'refused')), 'connect-refused');
  assert.equal(judgeConnect(attempts('unreachable', 'timeout')), 'connect-timeout');
  assert.equal(judgeConnect(attempts('not-allowed', 'unreachable')), 'connect-unreachable');
  const tls = (...outcomes: ('trusted' | 'name' | 'expired' | 'untrusted')[]) =>
    judgeTls({
      trust: 'system',
      checkedAt: NOW,
      attempts: outcomes.map((outcome) => ({
        address: '',
        port: 1,
        servername: '',
        outcome,
        detail: '',
        certificate: null,
        tookMs: 1,
      })),
    });
  assert.equal(tls('trusted', 'name'), 'some-tls');
  assert.equal(tls('name', 'untrusted'), 'tls-untrusted');
});

test('answer: any answer but an error shows the way, and a fault is no answer', () => {
  const judge = (status: number | null, fault: string | null = null) =>
    judgeAnswer({ target: '/', host: '', status, location: null, leadsInside: false, fault, detail: '' });
  const table = {
    200: 'answer-ok',
    302: 'answer-redirect',
    401: 'answer-asks',
    404: 'answer-other',
    421: 'answer-host',
    503: 'answer-error',
  };
  for (const [status, code] of Object.entries(table)) assert.equal(judge(Number(status)), code);
  assert.equal(judge(null, 'upstream-timeout'), 'answer-timeout');
  assert.equal(judge(null, 'upstream-protocol'), 'answer-invalid');
  assert.equal(judge(null, 'upstream-closed'), 'answer-closed');
});
