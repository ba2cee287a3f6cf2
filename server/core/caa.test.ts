// CAA as RFC 8659 has it: who may issue, where the records are looked for, and nothing read out of nonsense.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CaaRecord, caaClimb, caaDomainsOf, parseCaa, whoMayIssue } from './caa.ts';

function wire(flags: number, tag: string, value: string): Uint8Array {
  return Buffer.concat([Buffer.from([flags, tag.length]), Buffer.from(tag + value, 'latin1')]);
}

function records(...lines: [string, string][]): CaaRecord[] {
  return lines.map(([tag, value]) => ({ isCritical: false, tag, value }));
}

test('a record is read from its bytes, and what is none is none', () => {
  assert.deepEqual(parseCaa(wire(0, 'issue', 'letsencrypt.org')), {
    isCritical: false,
    tag: 'issue',
    value: 'letsencrypt.org',
  });
  assert.deepEqual(parseCaa(wire(128, 'ISSUE', ';')), { isCritical: true, tag: 'issue', value: ';' });
  for (const bytes of [[], [0], [0, 0], [0, 9, 105], [0, 2, 46, 46, 1]])
    assert.equal(parseCaa(Uint8Array.from(bytes)), null);
});

test('RFC 8659 §3: the name and everything above it, without the root', () => {
  assert.deepEqual(caaClimb('wiki.corp.example'), ['wiki.corp.example', 'corp.example', 'example']);
});

test('RFC 8659 §4: who may issue', () => {
  const only = (...issuers: string[]) => ({ kind: 'only', issuers });
  assert.deepEqual(whoMayIssue([], false), { kind: 'anyone' });
  assert.deepEqual(whoMayIssue(records(['iodef', 'mailto:x@y']), false), { kind: 'anyone' });
  assert.deepEqual(
    whoMayIssue(records(['issue', 'CA.example; account=1'], ['issue', 'b.example']), false),
    only('ca.example', 'b.example'),
  );
  assert.deepEqual(whoMayIssue(records(['issue', ';']), false), { kind: 'nobody' });
  assert.deepEqual(whoMayIssue(records(['issue', ';'], ['issue', 'ca.example']), false), only('ca.example'));
  assert.deepEqual(whoMayIssue(records(['issue', 'a.example'], ['issuewild', 'b.example']), true), only('b.example'));
  assert.deepEqual(whoMayIssue(records(['issue', 'a.example'], ['issuewild', 'b.example']), false), only('a.example'));
  assert.deepEqual(whoMayIssue(records(['issue', 'a.example']), true), only('a.example'));
  assert.deepEqual(whoMayIssue([{ isCritical: true, tag: 'future', value: '' }], false), { kind: 'nobody' });
  assert.deepEqual(whoMayIssue([{ isCritical: false, tag: 'future', value: '' }], false), { kind: 'anyone' });
});

test('an authority of a company itself is bound by nothing', () => {
  assert.deepEqual(caaDomainsOf("C=US, O=Let's Encrypt, CN=R11"), ['letsencrypt.org']);
  assert.equal(caaDomainsOf('CN=Corp Root'), null);
});
