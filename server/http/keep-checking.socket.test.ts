// The promise of health checks that need no request: an ill address is known before anybody comes, and who has no check is asked nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hostname } from '#server/core/hostname.ts';
import { httpServer, startGateway } from './gateway.testing.ts';
import { keepChecking } from './keep-checking.ts';
import { until } from './upstream/client.testing.ts';

test('U8: apps with a health check are checked from the start, as their first request would be sent; others are not', async (t) => {
  const seen: string[] = [];
  const port = await httpServer(t, (request, response) => {
    seen.push(`${request.headers.host} ${request.url}`);
    response.statusCode = 500;
    response.end();
  });
  const healthCheck = { path: '/health', everyMs: 60_000 };
  const { context } = await startGateway(t, {
    apps: [
      { id: 'wiki', hosts: ['wiki.test', 'kb.test'], upstream: port, traffic: { healthCheck } },
      {
        ...{ id: 'board', hosts: ['board.test'], upstream: port, traffic: { healthCheck } },
        hostHeader: { kind: 'fixed', value: 'board.internal' as Hostname },
      },
      { id: 'plain', hosts: ['plain.test'], upstream: port },
      { id: 'off', hosts: ['off.test'], upstream: port, enabled: false, traffic: { healthCheck } },
    ],
  });
  const views = () => context.upstreams.view();
  for (let i = 0; i < 3; i += 1) keepChecking(context);
  await until(() => views().length === 2 && views().every(({ endpoints }) => endpoints[0]?.state === 'failing'));
  assert.deepEqual(
    views()
      .map(({ owner }) => owner)
      .sort(),
    ['board', 'wiki'],
  );
  const { hosts } = context.snapshot().appsById.get('wiki') ?? assert.fail();
  assert.deepEqual(seen.map((each) => each.replace(/:[0-9]+/, '')).sort(), [
    'board.internal /health',
    `${hosts[0]} /health`,
  ]);
});
