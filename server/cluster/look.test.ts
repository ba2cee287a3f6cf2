// A page's look at a cluster comes to what the watch would: heartbeats first, then the port of who lives.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cluster } from '#server/core/cluster.testing.ts';
import type { NodeRow } from '#server/store/cluster-presence.ts';
import { lookAtCluster } from './look.ts';

const NOW = 1_800_000_000_000;

const row = (number: number, ageMs: number, gatewaysReady = 1): NodeRow => ({
  ...{ number, name: `gw${number}`, gateways: 1, drainingSince: null },
  presence: { startedAt: 1, beat: 9, seenAt: NOW - ageMs, state: 'running', gatewaysReady },
});

test('who is silent or not ready is not tried, whose port is closed is not up', async () => {
  const tried: string[] = [];
  const check = async (address: string) => {
    tried.push(address);
    return address !== '10.10.10.101';
  };
  const look = (nodes: NodeRow[], checkPort: number | null = 443) =>
    lookAtCluster({ cluster: cluster({ checkPort }), nodes }, NOW, check).then((found) => [...found.values()]);
  assert.deepEqual(await look([row(1, 500), row(2, 500), row(4, 500)]), ['up', 'unreachable', 'up']);
  assert.deepEqual(tried.sort(), ['10.10.10.100', '10.10.10.101', '10.10.10.103'], 'where the nodes are to each other');
  tried.length = 0;
  assert.deepEqual(await look([row(1, 3_000), row(2, 500, 0)]), ['silent', 'not-ready', 'never-seen']);
  assert.deepEqual(await look([row(1, 500), row(2, 500), row(4, 500)], null), ['up', 'up', 'up']);
  assert.deepEqual(tried, []);
});
