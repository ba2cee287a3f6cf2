// P24: lists that make an app work are passed while a reader could mean them, and refused beyond.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admit } from './admission.ts';

const HEAD = { method: 'GET', target: '/', authority: null, version: '1.1' } as const;
const LIMITS = { headerLines: 1_000 };

function outcome(...headers: string[]): string {
  const admission = admit({ ...HEAD, headers: ['Host', 'wiki.test', ...headers] }, LIMITS);
  return admission.kind === 'refused' ? admission.code : admission.kind;
}

function ranges(count: number): string {
  return `bytes=${Array.from({ length: count }, (_, i) => `${i}-`).join(',')}`;
}

test('P24: a Range of a few hundred parts is a reader’s, one of more is an attack', () => {
  assert.equal(outcome('Range', 'bytes=0-499'), 'admitted');
  assert.equal(outcome('Range', ranges(200)), 'admitted');
  assert.equal(outcome('range', ranges(201)), 'bad-request');
  assert.equal(outcome('RANGE', ranges(100_000)), 'bad-request');
  assert.equal(outcome('Range', ranges(150), 'Range', ranges(150)), 'bad-request');
  assert.equal(outcome('Range', `bytes=${',0-'.repeat(201)}`), 'bad-request');
  assert.equal(outcome('Range', `bytes=0-${'1'.repeat(8_192)}`), 'bad-request');
});

test('P24: Accept-Encoding passes up to 8 KB over all its lines', () => {
  assert.equal(outcome('Accept-Encoding', 'gzip, deflate, br, zstd'), 'admitted');
  assert.equal(outcome('Accept-Encoding', 'a'.repeat(8_192)), 'admitted');
  assert.equal(outcome('Accept-Encoding', 'a'.repeat(8_193)), 'bad-request');
  assert.equal(outcome('Accept-Encoding', 'a'.repeat(5_000), 'accept-encoding', 'a'.repeat(5_000)), 'bad-request');
  assert.equal(outcome('Accept-Language', 'a'.repeat(9_000), 'X-Range', 'a'.repeat(9_000)), 'admitted');
});
