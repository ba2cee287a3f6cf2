// What administrators are shown of a cluster's answers is what its zone says (server/dns/cluster-zone.test.ts).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cluster, SEED_SUB_CLUSTER } from './cluster.testing.ts';
import type { ClusterSettings } from './cluster.ts';
import { viewAnswers } from './cluster-choice.ts';

const VIEWS = [{ subnets: ['10.0.0.0/8', '192.168.0.0/16', '198.51.100.0/24'], side: 'lan' as const }];

test('each view is shown with its own addresses; a delegated cluster’s outside with public ones alone', () => {
  const nat = ['203.0.113.20/24', 'fd00::20/64'];
  const parts = { subClusters: [{ ...SEED_SUB_CLUSTER, nat }], views: VIEWS, otherwise: 'nat' as const };
  assert.deepEqual(shown(parts), [
    'lan 198.51.100.0 192.168.0.0 10.0.0.0: 192.168.1.100 192.168.1.101',
    'nat: 203.0.113.20 fd00::20 203.0.113.21 fd00::21',
  ]);
  assert.deepEqual(shown({ ...parts, delegated: true }), [
    'lan outside 198.51.100.0:',
    'lan 192.168.0.0 10.0.0.0: 192.168.1.100 192.168.1.101',
    'nat: 203.0.113.20 fd00::20 203.0.113.21 fd00::21',
    'nat outside: 203.0.113.20 203.0.113.21',
  ]);
});

test('a view within another one is shown with its own side, and one of both kinds of clients twice', () => {
  const views = [
    { subnets: ['10.0.0.0/8'], side: 'nat' as const },
    { subnets: ['10.0.0.0/24'], side: 'lan' as const },
  ];
  assert.deepEqual(shown({ views }), [
    'lan 10.0.0.0: 192.168.1.100 192.168.1.101',
    'nat 10.0.0.0: 10.10.10.100 10.10.10.101',
    'lan: 192.168.1.100 192.168.1.101',
  ]);
  for (const subnet of ['0.0.0.0/0', '192.0.0.0/8'])
    assert.deepEqual(
      shown({ delegated: true, views: [{ subnets: [subnet], side: 'nat' }] }).filter((row) => row.startsWith('nat')),
      [`nat ${subnet.split('/')[0]}: 10.10.10.100 10.10.10.101`, `nat outside ${subnet.split('/')[0]}:`],
    );
});

test('that nobody is available is another thing than that nobody has a public address', () => {
  const parts = { delegated: true, otherwise: 'lan' as const };
  assert.deepEqual(shown(parts), ['lan: 192.168.1.100 192.168.1.101', 'lan outside:']);
  assert.deepEqual(shown(parts, []), ['lan nobody:', 'lan outside:']);
});

/** Of nodes 1 and 2 that are up. */
function shown(parts: Partial<ClusterSettings>, up: readonly number[] = [1, 2]): string[] {
  return viewAnswers(cluster(parts), new Set(up), new Set()).map(({ addresses, isOutside, kind, side, subnets }) => {
    const who = [side, ...(kind === 'nobody' ? ['nobody'] : []), ...(isOutside ? ['outside'] : [])];
    return [`${[...who, ...subnets.map(({ address }) => address)].join(' ')}:`, ...addresses].join(' ');
  });
}
