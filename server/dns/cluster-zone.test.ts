// The promises of a cluster's zone: exactly the available nodes, in the client's addresses, authoritative, and nothing where nobody is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Address } from '#server/core/address.ts';
import { at, cluster, SEED_SUB_CLUSTER } from '#server/core/cluster.testing.ts';
import type { ClusterSettings } from '#server/core/cluster.ts';
import { answerHere } from './answer-here.ts';
import { type ClusterState, clusterZones } from './cluster-zone.ts';
import { type Message, RCODE, TYPE } from './message.ts';
import { nameText } from './name.ts';
import { NO_NAMES } from './names.ts';
import { message, question } from './packet.testing.ts';
import { planFor } from './plan.ts';

const LAN_CLIENT = at('192.168.1.53');
const NAT_CLIENT = at('10.10.10.7');
const NAT_VIEW = { views: [{ subnets: ['10.10.10.0/24'], side: 'nat' as const }] };

function stateOf(
  up: readonly number[],
  parts: Partial<ClusterSettings> = {},
  drained: readonly number[] = [],
): ClusterState {
  return { cluster: cluster(parts), up: new Set(up), drained: new Set(drained), serial: 7 };
}

function ask(
  state: ClusterState,
  name: string,
  options: { type?: number; client?: Address; chance?: number } = {},
): Message {
  const { type = TYPE.A, client = LAN_CLIENT, chance = 0 } = options;
  const zones = clusterZones(state);
  const hosted = zones.map(({ origin, zoneFor }) => ({ origin, zoneFor: (of: Address) => zoneFor(of, chance) }));
  const asked = question(name, type);
  const query = message({ questions: [asked], recursionDesired: true });
  const names = { ...NO_NAMES, hosted };
  const plan = planFor(asked, names, true);
  assert.ok(plan.kind === 'hosted' || plan.kind === 'nobody');
  return answerHere(plan, query, asked, client, names).reply;
}

/** `NOERROR AA 5 192.168.1.100 …`, with TTLs of the answers and what the authority section holds. */
function told(state: ClusterState, name = 'internet.intern.netz', options: Parameters<typeof ask>[2] = {}): string {
  const { rcode, isAuthoritative, recursionAvailable, answers, authorities } = ask(state, name, options);
  const words = Object.entries(RCODE).flatMap(([word, code]) => (code === rcode ? [word] : []));
  if (isAuthoritative) words.push('AA');
  if (recursionAvailable) words.push('RA');
  for (const { data, ttlSeconds } of answers) {
    if (data.kind === 'a' || data.kind === 'aaaa') words.push(`${ttlSeconds}/${data.address}`);
    else if (data.kind === 'ns') words.push(`${ttlSeconds}/${nameText(data.target)}`);
    else if (data.kind === 'soa') words.push(`soa ${nameText(data.mname)} ${data.serial}`);
  }
  for (const { data, ttlSeconds } of authorities) words.push(`${data.kind}:${ttlSeconds}`);
  return words.join(' ');
}

test('TG-C3: node 2 away leaves exactly nodes 1 and 3, and back it is in the list again, authoritative, without recursion even when it is desired', () => {
  assert.equal(told(stateOf([1, 2, 4])), 'NOERROR AA 5/192.168.1.100 5/192.168.1.101 5/192.168.1.103');
  assert.equal(told(stateOf([1, 4])), 'NOERROR AA 5/192.168.1.100 5/192.168.1.103');
});

test('TG-0: a single system is one name and one address, whatever is heard of it', () => {
  const settings = { subClusters: [{ ...SEED_SUB_CLUSTER, nodes: [1], loadBalancers: [1] }] };
  assert.equal(told(stateOf([1], settings)), 'NOERROR AA 5/192.168.1.100');
});

test('TG-C5: with nobody available the name fails, and nothing else of the zone, unless the settings say to name everybody', () => {
  const name = 'internet.intern.netz';
  for (const state of [stateOf([]), stateOf([1, 2], {}, [1, 2])]) {
    assert.equal(told(state), 'SERVFAIL');
    assert.equal(told(state, name, { type: TYPE.AAAA }), 'SERVFAIL');
    assert.equal(told(state, `n1.${name}`), 'NOERROR AA 60/192.168.1.100');
    assert.equal(told(state, `n3.${name}`), 'NXDOMAIN AA soa:5');
    assert.equal(told(state, name, { type: TYPE.NS }), `NOERROR AA 60/n1.${name} 60/n2.${name}`);
    assert.equal(told(state, name, { type: TYPE.SOA }), `NOERROR AA soa n1.${name} 7`);
  }
  assert.equal(
    told(stateOf([], { whenAllDown: 'all' }, [2])),
    'NOERROR AA 5/192.168.1.100 5/192.168.1.103',
    'but nobody who is drained',
  );
});

test('TG-N4: a client is told the side of its narrowest view: LAN by default, NAT in a view of its own', () => {
  const state = stateOf([1, 4], NAT_VIEW);
  assert.equal(told(state), 'NOERROR AA 5/192.168.1.100 5/192.168.1.103');
  assert.equal(told(state, undefined, { client: NAT_CLIENT }), 'NOERROR AA 5/10.10.10.100 5/10.10.10.103');
  const narrow = { views: [...NAT_VIEW.views, { subnets: ['10.10.10.7/32'], side: 'lan' as const }] };
  assert.equal(told(stateOf([1], narrow), undefined, { client: NAT_CLIENT }), 'NOERROR AA 5/192.168.1.100');
  assert.equal(
    told(stateOf([1], NAT_VIEW), undefined, { client: at('::ffff:10.10.10.7') }),
    'NOERROR AA 5/10.10.10.100',
  );
});

test('F7: a name that is delegated tells nobody outside a private address, and the nodes that are up all the others', () => {
  const name = 'internet.intern.netz';
  const outside = { client: at('198.51.100.7') };
  const group = { ...SEED_SUB_CLUSTER, nat: ['203.0.113.100/24'] };
  const views = [{ subnets: ['10.0.0.0/8', '192.168.0.0/16'], side: 'lan' as const }];
  const parts: Partial<ClusterSettings> = { delegated: true, subClusters: [group], views, otherwise: 'nat' };
  const state = stateOf([1, 4], parts);
  assert.equal(told(state), 'NOERROR AA 5/192.168.1.100 5/192.168.1.103');
  assert.equal(told(state, name, outside), 'NOERROR AA 5/203.0.113.100 5/203.0.113.103');
  assert.equal(told(state, `n2.${name}`, outside), 'NOERROR AA 60/203.0.113.101');
  assert.equal(told(stateOf([], parts), name, outside), 'SERVFAIL');
  const lan = { delegated: true };
  assert.equal(told(stateOf([1, 4], lan), name, outside), 'NOERROR AA soa:5', 'nobody outside gets to any node');
  assert.equal(told(stateOf([1, 4], lan), `n1.${name}`, outside), 'NXDOMAIN AA soa:5');
  assert.equal(told(stateOf([1, 4], lan)), 'NOERROR AA 5/192.168.1.100 5/192.168.1.103');
  const berlin = { ...group, label: 'berlin', nodes: [5], loadBalancers: [], firstNumber: 5, nat: ['10.10.20.100/24'] };
  const mixed = { ...parts, subClusters: [group, { ...berlin, lan: ['192.168.2.100/24'] }], selection: 'one' as const };
  for (const chance of [0, 0.5, 0.99])
    assert.match(told(stateOf([1, 4, 5], mixed), name, { ...outside, chance }), /^NOERROR AA 5\/203\.0\.113\.10[03]$/);
  assert.deepEqual(
    clusterZones(state).map(({ isPublic }) => isPublic),
    [true],
  );
});

test('TG-X1: the drain flag takes a node out of answers', () => {
  assert.equal(told(stateOf([1, 2, 4], {}, [2])), 'NOERROR AA 5/192.168.1.100 5/192.168.1.103');
});

test('SOA, NS, the nodes’ own names, no data and no name are as a resolver wants them', () => {
  const state = stateOf([1, 4]);
  const name = 'internet.intern.netz';
  assert.equal(told(state, name, { type: TYPE.SOA }), 'NOERROR AA soa n1.internet.intern.netz 7');
  assert.equal(
    told(state, name, { type: TYPE.NS }),
    'NOERROR AA 60/n1.internet.intern.netz 60/n2.internet.intern.netz',
  );
  assert.equal(told(state, `n2.${name}`), 'NOERROR AA 60/192.168.1.101');
  assert.equal(told(state, `n4.${name}`), 'NOERROR AA 60/192.168.1.103');
  assert.equal(told(state, name, { type: TYPE.AAAA }), 'NOERROR AA soa:5');
  assert.equal(told(state, name, { type: TYPE.TXT }), 'NOERROR AA soa:5');
  assert.equal(told(state, `n3.${name}`), 'NXDOMAIN AA soa:5');
  assert.equal(told(state, `www.${name}`), 'NXDOMAIN AA soa:5');
  assert.equal(told(state, 'intern.netz'), 'REFUSED');
});

test('IPv6: AAAA beside A where both first addresses are there', () => {
  const state = stateOf([1, 4], { subClusters: [{ ...SEED_SUB_CLUSTER, lan: ['192.168.1.100/24', 'fd00::100/64'] }] });
  assert.equal(told(state, undefined, { type: TYPE.AAAA }), 'NOERROR AA 5/fd00::100 5/fd00::103');
  assert.equal(told(state), 'NOERROR AA 5/192.168.1.100 5/192.168.1.103');
});

test('a sub-cluster has a name of its own, with its own nodes and servers', () => {
  const berlin = {
    label: 'berlin',
    nodes: [5, 6],
    loadBalancers: [],
    firstNumber: 5,
    lan: ['192.168.2.100/24'],
    nat: [],
  };
  const state = stateOf([1, 5], { subClusters: [{ ...SEED_SUB_CLUSTER, nat: [] }, berlin] });
  assert.equal(told(state), 'NOERROR AA 5/192.168.1.100 5/192.168.2.100');
  assert.equal(told(state, 'berlin.internet.intern.netz'), 'NOERROR AA 5/192.168.2.100');
  assert.equal(
    told(state, 'berlin.internet.intern.netz', { type: TYPE.NS }),
    'NOERROR AA 60/n1.internet.intern.netz 60/n2.internet.intern.netz',
  );
  const nobodyThere = { ...state, up: new Set([1]) };
  assert.equal(told(nobodyThere), 'NOERROR AA 5/192.168.1.100');
  assert.equal(told(nobodyThere, 'berlin.internet.intern.netz'), 'SERVFAIL', 'nobody in Berlin');
});

test('TG-C4: one at a time is every available node as often as the others, and nobody else', () => {
  const state = stateOf([1, 4], { selection: 'one' });
  const answers = [0, 0.49, 0.5, 0.99].map((chance) => told(state, undefined, { chance }));
  const [first, last] = ['NOERROR AA 5/192.168.1.100', 'NOERROR AA 5/192.168.1.103'];
  assert.deepEqual(answers, [first, first, last, last]);
});

test('TG-C4: by hash, clients keep their node, spread over all of them, and only those of a node that goes move', () => {
  const clients = Array.from({ length: 600 }, (_, index) => at(`10.1.${index >> 8}.${index & 0xff}`));
  const nodeOf = (up: readonly number[], client: Address) =>
    told(stateOf(up, { selection: 'hash' }), undefined, { client });
  const before = clients.map((client) => nodeOf([1, 2, 4], client));
  for (const address of ['192.168.1.100', '192.168.1.101', '192.168.1.103'])
    assert.ok(before.filter((answer) => answer.endsWith(`/${address}`)).length > 150, address);
  for (const [index, client] of clients.entries()) {
    const after = nodeOf([1, 4], client);
    if (before[index]?.endsWith('.101')) assert.ok(!after.endsWith('.101'));
    else assert.equal(after, before[index]);
  }
});

test('TG-C4, TG-C5: whatever is up, drained, selected and asked from where, nobody else is ever named', () => {
  const numbers = fc.subarray([1, 2, 4]);
  const selection = fc.constantFrom('all', 'one', 'hash');
  fc.assert(
    fc.property(
      numbers,
      numbers,
      selection,
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.nat(255),
      (up, drained, selection, chance, octet) => {
        const state = stateOf(up, { selection: selection as 'all', ...NAT_VIEW }, drained);
        const standing = up.filter((number) => !drained.includes(number));
        const client = at(`10.10.10.${octet}`);
        if (standing.length === 0) return assert.equal(told(state, undefined, { client, chance }), 'SERVFAIL');
        const named = ask(state, 'internet.intern.netz', { client, chance }).answers.map(({ data }) =>
          data.kind === 'a' ? Number(data.address.split('.')[3]) - 99 : 0,
        );
        assert.ok(named.length === (selection === 'all' ? standing.length : 1));
        assert.ok(named.every((number) => standing.includes(number)));
      },
    ),
  );
});
