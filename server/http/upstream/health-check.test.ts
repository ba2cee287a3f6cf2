// The promise of health checks that time decides: every address has its turn, whatever the others do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '#server/core/fault.ts';
import { endpoint, targetOf } from './client.testing.ts';
import { HealthCheck } from './health-check.ts';
import { Lane } from './lane.ts';

const START = 1_000_000;
const SWEEP_MS = 250;

test('addresses that do not answer never keep the others from being checked', async () => {
  const silent = [81, 82, 83, 84];
  const ports = [...silent, 85, 86];
  const asked = new Map(ports.map((port) => [port, 0]));
  const target = targetOf(ports, {
    connect: async ([to], { signal } = {}) => {
      const port = to?.port ?? 0;
      asked.set(port, (asked.get(port) ?? 0) + 1);
      const refused = new Fault('upstream-refused', { detail: '' });
      if (!silent.includes(port)) throw refused;
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(refused)));
    },
  });
  const owner = { freed: () => {}, gone: () => {} };
  const lanes = ports.map((port) => new Lane(endpoint(port), owner, START));
  const clock = { now: START };
  const check = new HealthCheck({ target, lanes }, () => clock.now);
  check.settings = { path: '/health', everyMs: 1_000 };
  check.host = 'wiki.test';
  for (; clock.now < START + 20_000; clock.now += SWEEP_MS) {
    check.sweep(clock.now);
    // What has ended makes room before the next sweep.
    await new Promise((resolve) => setImmediate(resolve));
  }
  check.stop();
  for (const [port, times] of asked) assert.ok(times >= 8, `${port} was asked ${times} times in 20 s`);
});
