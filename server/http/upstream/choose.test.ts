// The promises of the choice between endpoints: even, sticky, and undisturbed by the fate of others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashText, score } from './choose.ts';

const endpoints = ['10.0.0.1:80', '10.0.0.2:80', '10.0.0.3:80', '10.0.0.3:81'].map((text) => ({
  text,
  hash: hashText(text),
}));

function best(key: string, among = endpoints): string {
  const hash = hashText(key);
  return among.reduce((a, b) => (score(hash, b.hash) > score(hash, a.hash) ? b : a)).text;
}

test('U8: keys spread evenly, and when an endpoint goes only its own keys move', () => {
  const keys = Array.from({ length: 8_000 }, (_, at) => `018f0000-0000-7000-8000-${String(at).padStart(12, '0')}`);
  const before = keys.map((key) => best(key));
  for (const { text } of endpoints) {
    const share = before.filter((chosen) => chosen === text).length / keys.length;
    assert(share > 0.22 && share < 0.28, `${text}: ${share}`);
  }
  const without = endpoints.slice(1);
  keys.forEach((key, at) => {
    if (before[at] !== endpoints[0]?.text) assert.equal(best(key, without), before[at]);
  });
});
