// The promises of a cluster's settings: addresses are counted from the first one, and what contradicts itself gets a sentence at its field.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cluster, clusterSettings, SEED_SUB_CLUSTER } from './cluster.testing.ts';
import { type ClusterSettings, numbersText, parseNumbers, planCluster } from './cluster.ts';
import { countOn, parseBase } from './cluster-base.ts';

function problemOf(parts: Partial<ClusterSettings>): string {
  const planned = planCluster(clusterSettings(parts));
  if (planned.kind !== 'invalid') return planned.kind;
  return planned.problems.map(({ at, sentence }) => `${at.join('.')}: ${sentence}`).join('\n');
}

const sub = (parts: object) => ({ ...SEED_SUB_CLUSTER, ...parts });

test('TG-H1: the first address and a number give each node its address on either side', () => {
  const told = cluster().nodes.map(({ number, addresses }) => `${number} ${addresses.lan} ${addresses.nat}`);
  assert.deepEqual(told, [
    '1 192.168.1.100 10.10.10.100',
    '2 192.168.1.101 10.10.10.101',
    '4 192.168.1.103 10.10.10.103',
  ]);
});

const counted: [string, number, string][] = [
  ['192.168.1.100/24', 0, '192.168.1.100'],
  ['192.168.1.250/16', 10, '192.168.2.4'],
  ['10.0.255.255/8', 1, '10.1.0.0'],
  ['10.255.255.200/8', 54, '10.255.255.254'],
  ['2001:db8::ffff/64', 1, '2001:db8::1:0'],
  ['fd00::ffff:ffff:ffff:ffff/32', 1, 'fd00:0:0:1::'],
  ['192.168.1.254/31', 1, '192.168.1.255'],
  ['192.168.1.7/32', 0, '192.168.1.7'],
  ['192.168.1.100/24', 156, 'past 192.168.1.0/24'],
  ['192.168.1.100/24', 155, 'broadcast 192.168.1.0/24'],
  ['192.168.1.0/24', 0, 'subnet 192.168.1.0/24'],
  ['192.168.1.254/31', 2, 'past 192.168.1.254/31'],
  ['192.168.1.7/32', 1, 'past 192.168.1.7/32'],
  ['255.255.255.254/8', 2, 'past 255.0.0.0/8'],
  ['2001:db8::fffe/112', 2, 'past 2001:db8::/112'],
  ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/64', 1, 'past ffff:ffff:ffff:ffff::/64'],
];
for (const [text, steps, expected] of counted)
  test(`TG-H1: ${text} and ${steps} more: ${expected}`, () => {
    const base = parseBase(text);
    assert.ok(base);
    const result = countOn(base, steps);
    assert.equal(result.kind === 'address' ? result.address : `${result.kind} ${result.subnet}`, expected);
  });

test('TG-H1: a first address without its subnet is none', () => {
  for (const text of [
    '192.168.1.100',
    '192.168.1.100/',
    '192.168.1.100/33',
    '192.168.1.100/0',
    '192.168.1/24',
    'fd00::1/129',
    '::ffff:1.2.3.4/120',
    '1.2.3.4/24/24',
    '',
  ])
    assert.equal(parseBase(text), null, text);
});

const refused: [string, Partial<ClusterSettings>, string][] = [
  [
    'TG-H1: a node past the end of the subnet',
    { subClusters: [sub({ nodes: [1, 2, 157] })] },
    'subClusters.0.lan: Node 157 would lie behind the end of 192.168.1.0/24. Choose another first address, or a larger subnet.\nsubClusters.0.nat: Node 157 would lie behind the end of 10.10.10.0/24. Choose another first address, or a larger subnet.',
  ],
  [
    'TG-X1: one load balancer more than the ceiling',
    { maxLoadBalancers: 3, subClusters: [sub({ nodes: [1, 2, 3, 4], loadBalancers: [1, 2, 3, 4] })] },
    'subClusters.0.loadBalancers: These are 4 load balancers, and the ceiling is 3.',
  ],
  [
    'TG-X1: one sub-cluster more than the ceiling',
    { maxSubClusters: 9, subClusters: subClusters(10) },
    'subClusters: These are 10 sub-clusters, and the ceiling is 9.',
  ],
  [
    'a number that is there twice',
    {
      subClusters: [
        sub({}),
        sub({ label: 'b', nodes: [4], loadBalancers: [], lan: ['172.16.0.1/24'], nat: ['172.17.0.1/24'] }),
      ],
    },
    'subClusters.1.nodes: Node 4 is there twice. Each node has its own number.',
  ],
  [
    'an address that two nodes would have',
    {
      subClusters: [
        sub({ nat: [] }),
        sub({ label: 'b', nodes: [5], loadBalancers: [], firstNumber: 5, lan: ['192.168.1.101/24'], nat: [] }),
      ],
    },
    'subClusters: Nodes 2 and 5 would both be 192.168.1.101. Choose other first addresses.',
  ],
  [
    'a load balancer that is no node',
    { subClusters: [sub({ loadBalancers: [3] })] },
    'subClusters.0.loadBalancers: Node 3 is no node of this sub-cluster. Add it there first.',
  ],
  [
    'no load balancer',
    { subClusters: [sub({ loadBalancers: [] })] },
    'subClusters.0.loadBalancers: No node is a load balancer. Name those that answer DNS for this name, such as 1, 2.',
  ],
  ['no node', { subClusters: [] }, 'subClusters: There is no node. Add a sub-cluster with its nodes.'],
  [
    'a label that is a node’s',
    { subClusters: [sub({ label: 'n7' })] },
    'subClusters.0.label: n7 is the name of a node. Choose another label.',
  ],
  [
    'a view of a side without addresses',
    { subClusters: [sub({ nat: [] })], views: [{ subnets: ['10.10.10.0/24'], side: 'nat' }] },
    'subClusters.0.nat: A view tells NAT addresses, and there is none here. Write the first node’s, such as 10.10.10.100/24.',
  ],
  [
    'a subnet in two views',
    {
      views: [
        { subnets: ['10.0.0.0/8'], side: 'nat' },
        { subnets: ['10.0.0.0/8'], side: 'lan' },
      ],
    },
    'views.1.subnets.0: 10.0.0.0/8 is in two places. Keep one of them.',
  ],
  [
    'a subnet with host bits',
    { views: [{ subnets: ['10.0.0.1/8'], side: 'nat' }] },
    'views.0.subnets.0: This is no subnet. Write the network with zero host bits, such as 10.10.10.0/24.',
  ],
  [
    'two first addresses of one IP version',
    { subClusters: [sub({ lan: ['192.168.1.100/24', '192.168.2.100/24'] })] },
    'subClusters.0.lan: These are two first addresses of IPv4. Keep one of them.',
  ],
  [
    'a node before the first address',
    { subClusters: [sub({ firstNumber: 2 })] },
    'subClusters.0.nodes: Node 1 comes before node 2, which has the first address. Lower the number of the first address.',
  ],
];
for (const [what, parts, expected] of refused)
  test(`${what} is refused with a sentence`, () => assert.equal(problemOf(parts), expected));

test('TG-X1: as many as the ceilings say are taken, and without ceilings more', () => {
  assert.equal(problemOf({ maxSubClusters: 9, maxLoadBalancers: 3, subClusters: subClusters(9) }), 'cluster');
  assert.equal(problemOf({ subClusters: subClusters(10) }), 'cluster');
  assert.equal(problemOf({ name: null, subClusters: [] }), 'none');
});

test('numbers are read and written as runs', () => {
  assert.deepEqual(parseNumbers('1-3, 7 9–10'), [1, 2, 3, 7, 9, 10]);
  assert.equal(numbersText([10, 1, 2, 3, 7, 9]), '1-3, 7, 9-10');
  for (const text of ['0', '3-1', 'one', '1-9999', '-1']) assert.equal(parseNumbers(text), null, text);
});

function subClusters(count: number) {
  return Array.from({ length: count }, (_, index) => {
    const nodes = [1, 2, 3, 4].map((number) => number + index * 4);
    const [firstNumber = 1] = nodes;
    return sub({
      label: `s${index}`,
      nodes,
      loadBalancers: nodes.slice(0, 3),
      firstNumber,
      lan: [`192.168.${index}.100/24`],
      nat: [`10.10.${index}.100/24`],
    });
  });
}

test('B5: a name that leaves no room for its nodes is refused, and makes no zone that cannot be', () => {
  const long = ['a', 'b', 'c'].map((letter) => letter.repeat(62)).join('.');
  const name = (last: number) => `${long}.${'d'.repeat(last)}` as ClusterSettings['name'];
  assert.equal(problemOf({ name: name(253 - 3 - 189) }), 'cluster');
  assert.match(problemOf({ name: name(253 - 2 - 189) }), /^name: Names of nodes and sub-clusters lie below this one/);
  const labelled = { subClusters: [sub({ label: 'berlin' })] };
  assert.match(problemOf({ ...labelled, name: name(253 - 3 - 189) }), /^name: Names of nodes/);
});
