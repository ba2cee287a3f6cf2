// The promise of discovery: however many begin a sign-in, a provider is asked once, and one that is down is neither asked nor waited for all the time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Issuer } from 'openid-client';
import { keepingDiscoveries } from './discovery.ts';

function counted(outcome: (address: string) => Promise<Issuer>) {
  const asked: string[] = [];
  const clock = { now: 0 };
  const discover = keepingDiscoveries(
    (address) => {
      asked.push(address);
      return outcome(address);
    },
    () => clock.now,
  );
  return { asked, clock, discover };
}

test('C18: ten thousand sign-ins in ten minutes are one request to the provider, also when they begin at once', async () => {
  const { asked, clock, discover } = counted(async (issuer) => new Issuer({ issuer }));
  const issuers = await Promise.all(Array.from({ length: 10_000 }, () => discover('https://a.example')));
  assert.equal(new Set(issuers).size, 1);
  clock.now = 9 * 60_000;
  await discover('https://a.example');
  assert.deepEqual(asked, ['https://a.example']);
  clock.now = 11 * 60_000;
  await discover('https://a.example');
  assert.equal(asked.length, 2, 'what changed at the provider is seen in ten minutes');
});

test('C18: a provider that fails is asked every five seconds at most, and used once it answers', async () => {
  let isDown = true;
  const { asked, clock, discover } = counted(async (issuer) => {
    if (isDown) throw new Error('down');
    return new Issuer({ issuer });
  });
  for (let attempt = 0; attempt < 1_000; attempt += 1) await assert.rejects(discover('https://a.example'), /down/);
  assert.equal(asked.length, 1);
  isDown = false;
  clock.now = 5_001;
  assert.equal((await discover('https://a.example')).metadata.issuer, 'https://a.example');
  assert.equal(asked.length, 2);
});

test('C18: providers are known by their address, and the table of them is bounded', async () => {
  const { asked, discover } = counted(async (issuer) => new Issuer({ issuer }));
  for (let n = 0; n < 500; n += 1)
    assert.equal((await discover(`https://${n}.example`)).metadata.issuer, `https://${n}.example`);
  await discover('https://499.example');
  assert.equal(asked.length, 500);
  await discover('https://0.example');
  assert.equal(asked.length, 501);
});
