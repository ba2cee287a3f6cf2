// The promise of a cluster's zone behind other people's DNS servers, on networks of their own: what BIND, Unbound, dnsmasq and Foyer hand on is where people can go.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { forwardLines } from '#server/core/forward-lines.ts';
import { address as addressIn, host } from '#server/dns/packet.testing.ts';
import { migrateStore, openStore } from '#server/store/handle.ts';
import { saveSetting } from '#server/store/settings.ts';
import { PORTAL, SYSTEM, saved } from '#server/store/testing/temporary-store.ts';
import { type Child, runCommand, startChild } from '../../e2e/system/child.ts';
import { type Machine, type Network, startNetwork } from '../../e2e/system/network.ts';
import { findProgram } from '../../tools/prerequisites.ts';

const ZONE = 'internet.intern.netz';
const PORT = '443';
const FOYER = [process.execPath, join(import.meta.dirname, '../../bin/foyer.js')];
const TESTING = join(import.meta.dirname, '../testing');
/** Until a node that died is out of a load balancer's answers, what a resolver remembers is over, and everything has started. */
const GONE_MS = 4_000;
const TTL_MS = 5_000;
const START_MS = 20_000;

test('TG-C1 to TG-C5: a viewer’s local DNS forwards the zone to two load balancers of three gateways', async (t) => {
  const world = await startWorld(t);
  if (!world) return;
  const { network, nameserver, cluster } = world;
  const nodes = await network.addMachine('cluster');
  const office = await network.addMachine('office');
  const viewer = await network.addMachine('viewer');
  await network.connect(
    'lan',
    [nodes, ['192.168.1.100/24', '192.168.1.101/24', '192.168.1.103/24']],
    [office, range('192.168.1', 53, 61)],
  );
  await network.connect('desk', [viewer, ['192.168.2.10/24']], [office, ['192.168.2.1/24']]);
  await route(nodes, '192.168.1.53');
  await route(viewer, '192.168.2.1');
  await forwarding(office);
  const running = await cluster(nodes, '192.168.1', {});

  const balancers = ['192.168.1.100', '192.168.1.101'];
  const resolvers: Record<string, string> = {
    'BIND, forward': '192.168.1.53',
    'BIND, static-stub': '192.168.1.54',
    'BIND, stub': '192.168.1.55',
    'Unbound, forward-zone': '192.168.1.56',
    'Unbound, stub-zone': '192.168.1.57',
    dnsmasq: '192.168.1.58',
    'Foyer, all': '192.168.1.60',
  };
  const one = '192.168.1.61';
  const list = balancers.join('; ');
  await Promise.all([
    startBind(world, office, '192.168.1.53', linesFor('BIND', balancers)),
    startBind(world, office, '192.168.1.54', [`zone "${ZONE}" { type static-stub; server-addresses { ${list}; }; };`]),
    startBind(world, office, '192.168.1.55', [`zone "${ZONE}" { type stub; masters { ${list}; }; };`]),
    startUnbound(world, office, '192.168.1.56', linesFor('Unbound', balancers)),
    startUnbound(world, office, '192.168.1.57', [
      `server: domain-insecure: "${ZONE}." private-domain: "${ZONE}."`,
      `stub-zone: name: "${ZONE}." ${balancers.map((balancer) => `stub-addr: ${balancer}`).join(' ')}`,
    ]),
    startDnsmasq(world, office, ['192.168.1.58'], linesFor('dnsmasq', balancers)),
    nameserver(office, { listen: ['192.168.1.60'], zones: [{ name: ZONE, servers: balancers }] }),
    nameserver(office, { listen: [one], zones: [{ name: ZONE, servers: balancers, select: 'one' }] }),
  ]);
  const everywhere = async (wanted: string, withinMs: number, what: string) => {
    const each = Object.entries(resolvers).map(([name, at]) =>
      eventually(() => told(viewer, at), wanted, withinMs, `${name}: ${what}`),
    );
    await Promise.all(each);
  };

  await everywhere('192.168.1.100 192.168.1.101 192.168.1.103', START_MS, 'TG-C1: it has no data of its own and asks');
  await t.test(
    'TG-C3: a load balancer itself answers with authority and offers no recursion, also where it is desired',
    async () => {
      for (const at of balancers) {
        const answer = await dig(viewer, at, ZONE);
        assert.match(answer, /status: NOERROR/);
        assert.match(answer, /flags: qr aa rd;/);
        assert.deepEqual(ttlsOf(answer), [5, 5, 5]);
      }
    },
  );
  await t.test('names of nodes, no data and no name arrive as such, and no TTL is raised', async () => {
    for (const [name, at] of Object.entries(resolvers)) {
      assert.match(await dig(viewer, at, `n4.${ZONE}`), /192\.168\.1\.103/, name);
      assert.match(await dig(viewer, at, ZONE, 'AAAA'), /status: NOERROR[\s\S]*ANSWER: 0/, name);
      assert.match(await dig(viewer, at, ZONE, 'TXT'), /status: NOERROR[\s\S]*ANSWER: 0/, name);
      assert.match(await dig(viewer, at, `www.${ZONE}`), /status: NXDOMAIN/, name);
      for (const ttl of ttlsOf(await dig(viewer, at, ZONE))) assert.ok(ttl <= 5, `${name}: ${ttl}`);
    }
  });
  await t.test(
    'TG-C3: node 2 is killed: exactly nodes 1 and 3 are left, everywhere; back, it is in the list again',
    async () => {
      await running.nodes.get(2)?.stop('SIGKILL');
      await eventually(() => told(viewer, '192.168.1.100'), '192.168.1.100 192.168.1.103', GONE_MS, 'load balancer 1');
      await everywhere('192.168.1.100 192.168.1.103', 2 * TTL_MS, 'without node 2');
    },
  );
  await t.test(
    'TG-C4: a local DNS that chooses gives one each time, all of the available ones over many, and no other',
    async () => {
      const answers = await Promise.all(Array.from({ length: 40 }, () => told(viewer, one)));
      assert.deepEqual(new Set(answers), new Set(['192.168.1.100', '192.168.1.103']));
    },
  );
  await t.test('TG-C5: the viewer connects to the address that it was told', async () => {
    for (const address of new Set([await told(viewer, one), await told(viewer, one), '192.168.1.103']))
      assert.match(
        await greeting(viewer, address),
        new RegExp(`^node ${address === '192.168.1.103' ? 4 : 1} for 192\\.168\\.2\\.10`),
      );
  });
  await running.startNode(2);
  await everywhere('192.168.1.100 192.168.1.101 192.168.1.103', START_MS, 'with node 2 again');
  await t.test('TG-C2: the first load balancer is down: the other is asked', async () => {
    await running.servers.get(1)?.stop('SIGKILL');
    await delay(TTL_MS + 500);
    await everywhere('192.168.1.100 192.168.1.101 192.168.1.103', START_MS, 'by load balancer 2 alone');
  });
  await t.test('TG-C5: both load balancers are down: SERVFAIL, and never an address', async () => {
    await running.servers.get(2)?.stop('SIGKILL');
    await everywhere('SERVFAIL', START_MS, 'nobody to ask');
  });
});

test('TG-N1 to TG-N8: behind address translation the translator’s dnsmasq is told LAN addresses, and they lead to the gateways', async (t) => {
  const world = await startWorld(t);
  if (!world) return;
  const { network, nameserver, cluster } = world;
  const nodes = await network.addMachine('cluster');
  const translator = await network.addMachine('translator');
  const office = await network.addMachine('office');
  const viewer = await network.addMachine('viewer');
  await network.connect(
    'dmz',
    [nodes, ['10.10.10.100/24', '10.10.10.101/24', '10.10.10.103/24', '10.10.10.7/24']],
    [translator, ['10.10.10.1/24']],
  );
  const inside = ['192.168.1.1/24', '192.168.1.100/24', '192.168.1.101/24', '192.168.1.103/24', '192.168.1.110/24'];
  await network.connect('lan', [office, ['192.168.1.53/24']], [translator, inside]);
  await network.connect('desk', [viewer, ['192.168.2.10/24']], [translator, ['192.168.2.1/24']]);
  await route(nodes, '10.10.10.1');
  await route(office, '192.168.1.1');
  await route(viewer, '192.168.2.1');
  await forwarding(translator);
  await runCommand([...translator.enter, 'nft', TRANSLATION]);
  // Whoever else is on the side of the gateways is told their addresses there; the translator is not.
  const running = await cluster(nodes, '10.10.10', {
    nat: '10.10.10.100/24',
    views: [
      { subnets: ['10.10.10.0/24'], side: 'nat' },
      { subnets: ['10.10.10.1/32'], side: 'lan' },
    ],
  });
  const outside = linesFor('dnsmasq', ['10.10.10.100', '10.10.10.101']);
  await startDnsmasq(world, translator, ['192.168.1.100', '192.168.1.101'], outside);
  const zones = [{ name: ZONE, servers: ['10.10.10.100', '10.10.10.101'], select: 'one' }];
  await nameserver(translator, { listen: ['192.168.1.110'], zones });
  await startBind(world, office, '192.168.1.53', linesFor('BIND', ['192.168.1.100', '192.168.1.101']));
  const internal = () => told(viewer, '192.168.1.53');

  await eventually(
    internal,
    '192.168.1.100 192.168.1.101 192.168.1.103',
    START_MS,
    'TG-N1, TG-N2, TG-N3: internal DNS, translator, load balancer',
  );
  await running.nodes.get(2)?.stop('SIGKILL');
  await eventually(
    internal,
    '192.168.1.100 192.168.1.103',
    GONE_MS + 2 * TTL_MS,
    'TG-N4: LAN addresses of nodes 1 and 3',
  );
  await t.test('TG-N4: another view gets the other side', async () => {
    assert.equal(await told(nodes, '10.10.10.100', '10.10.10.7'), '10.10.10.100 10.10.10.103');
    assert.equal(await told(translator, '10.10.10.100'), '192.168.1.100 192.168.1.103');
  });
  await t.test(
    'TG-N1 to TG-N6: foyer nameserver as the translator hands on one of them at a time, and no other',
    async () => {
      const answers = await Promise.all(Array.from({ length: 40 }, () => told(office, '192.168.1.110')));
      assert.deepEqual(new Set(answers), new Set(['192.168.1.100', '192.168.1.103']));
      for (const ttl of ttlsOf(await dig(office, '192.168.1.110', ZONE))) assert.ok(ttl <= 5, String(ttl));
    },
  );
  await t.test('TG-N5, TG-N6: addresses are handed on as they are, and no TTL is raised on the way', async () => {
    for (const [asker, at] of [
      [translator, '10.10.10.100'],
      [office, '192.168.1.100'],
      [office, '192.168.1.101'],
      [viewer, '192.168.1.53'],
    ] as const) {
      const answer = await dig(asker, at, ZONE);
      assert.equal(addressesOf(answer), '192.168.1.100 192.168.1.103', at);
      for (const ttl of ttlsOf(answer)) assert.ok(ttl <= 5, `${at}: ${ttl}`);
    }
  });
  await t.test('TG-N7, TG-N8: the viewer connects to 192.168.1.103 and is at 10.10.10.103', async () => {
    assert.match(await greeting(viewer, '192.168.1.103'), /^node 4 for 192\.168\.2\.10/);
    const packets = await runCommand([...translator.enter, 'nft', 'list', 'ruleset']);
    assert.match(packets, /192\.168\.1\.103 tcp dport 443 counter packets [1-9]\d* .* dnat to 10\.10\.10\.103/);
  });
});

const TRANSLATION = `table ip translation {
  chain arriving {
    type nat hook prerouting priority dstnat;
    ip daddr 192.168.1.100 tcp dport ${PORT} counter dnat to 10.10.10.100
    ip daddr 192.168.1.101 tcp dport ${PORT} counter dnat to 10.10.10.101
    ip daddr 192.168.1.103 tcp dport ${PORT} counter dnat to 10.10.10.103
  }
}`;

type World = {
  network: Network;
  folder: string;
  /** A program of server/testing in a machine, when it is ready. */
  start(machine: Machine, program: string, args: readonly string[]): Promise<Child>;
  /** `foyer nameserver` with a file, when it answers. */
  nameserver(machine: Machine, file: object, env?: Record<string, string>): Promise<Child>;
  keep(child: Child): Child;
  /** Nodes 1, 2 and 4, the first two load balancers, each in processes of its own. */
  cluster(machine: Machine, net: string, options: { nat?: string; views?: object[] }): Promise<Cluster>;
};
type Cluster = {
  nodes: ReadonlyMap<number, Child>;
  servers: ReadonlyMap<number, Child>;
  startNode(number: number): Promise<void>;
};

async function startWorld(t: TestContext): Promise<World | null> {
  const children: Child[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'foyer-cluster-'));
  let network: Network | null = null;
  t.after(async () => {
    await Promise.all(children.map((child) => child.stop('SIGKILL')));
    await network?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  try {
    network = await startNetwork();
    await network.addMachine('try');
  } catch (error) {
    t.skip(`There may be no network namespaces here: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
  const keep = (child: Child) => {
    children.push(child);
    return child;
  };
  const start: World['start'] = async (machine, program, args) => {
    const child = keep(startChild([...machine.enter, process.execPath, join(TESTING, program), ...args]));
    await child.line(/^ready$/);
    return child;
  };
  const nameserver: World['nameserver'] = async (machine, file, env = {}) => {
    const config = join(mkdtempSync(join(folder, 'nameserver-')), 'nameserver.json');
    writeFileSync(config, JSON.stringify({ upstreams: [], ...file }));
    const child = keep(startChild([...machine.enter, ...FOYER, 'nameserver', '--config', config], { env }));
    await child.line(/DNS resolver started/);
    return child;
  };
  return {
    network,
    folder,
    start,
    nameserver,
    keep,
    cluster: async (machine, net, { nat, views = [] }) => {
      const dataDir = join(folder, 'data');
      await migrateStore({ dataDir, now: Date.now });
      const store = await openStore({ dataDir, secret: Buffer.alloc(32, 1), portal: PORTAL, now: Date.now });
      const group = { nodes: [1, 2, 4], loadBalancers: [1, 2], lan: ['192.168.1.100/24'], nat: nat ? [nat] : [] };
      const settings = { name: ZONE, subClusters: [group], views, checkPort: Number(PORT) };
      saved(await saveSetting(store, SYSTEM, 'cluster', settings));
      await store.close();
      const addressOf = (number: number) => `${net}.${99 + number}`;
      const nodes = new Map<number, Child>();
      const startNode = async (number: number) => {
        nodes.set(number, await start(machine, 'cluster-node.ts', [dataDir, String(number), addressOf(number), PORT]));
      };
      await Promise.all([1, 2, 4].map(startNode));
      const servers = new Map<number, Child>();
      const env = { FOYER_PORTAL_URL: 'http://portal.localhost:8080', FOYER_DATA_DIR: dataDir };
      for (const number of [1, 2])
        servers.set(
          number,
          await nameserver(machine, { listen: [addressOf(number)] }, { ...env, FOYER_CLUSTER_NODE: String(number) }),
        );
      return { nodes, servers, startNode };
    },
  };
}

/** As the page of gateways shows them. */
function linesFor(program: string, servers: readonly string[]): readonly string[] {
  const endpoints = servers.map((server) => ({ address: addressIn(server), port: 53 }));
  return forwardLines([host(ZONE)], endpoints).find((each) => each.program === program)?.lines ?? [];
}

async function startBind(
  { folder, keep }: World,
  machine: Machine,
  at: string,
  lines: readonly string[],
): Promise<void> {
  const directory = mkdtempSync(join(folder, 'bind-'));
  const config = join(directory, 'named.conf');
  writeFileSync(
    config,
    `options { directory "${directory}"; pid-file none; session-keyfile none; lock-file none; listen-on { ${at}; }; listen-on-v6 { none; };
       query-source address ${at}; allow-query { any; }; allow-recursion { any; }; recursion yes; dnssec-validation no; empty-zones-enable no; notify no;
       servfail-ttl 0; };
     controls { };
     ${lines.join('\n')}\n`,
  );
  const named = keep(startChild([...machine.enter, findProgram('named') ?? 'named', '-g', '-n', '1', '-c', config]));
  await named.line(/ running$/);
}

async function startUnbound(
  { folder, keep }: World,
  machine: Machine,
  at: string,
  lines: readonly string[],
): Promise<void> {
  const config = join(mkdtempSync(join(folder, 'unbound-')), 'unbound.conf');
  writeFileSync(
    config,
    `server:\n chroot: ""\n username: ""\n pidfile: ""\n use-syslog: no\n logfile: ""\n verbosity: 1\n num-threads: 1\n interface: ${at}
 outgoing-interface: ${at}\n do-ip6: no\n access-control: 0.0.0.0/0 allow\n module-config: "iterator"\n cache-max-negative-ttl: 1
remote-control:\n control-enable: no
${lines.join('\n')}\n`,
  );
  const unbound = keep(startChild([...machine.enter, findProgram('unbound') ?? 'unbound', '-d', '-c', config]));
  await unbound.line(/start of service/);
}

/** With its guard against rebinding on, so that the line that lets the zone past it is needed. */
async function startDnsmasq(
  { folder, keep }: World,
  machine: Machine,
  at: readonly string[],
  lines: readonly string[],
): Promise<void> {
  const config = join(mkdtempSync(join(folder, 'dnsmasq-')), 'dnsmasq.conf');
  const own = ['no-resolv', 'no-hosts', 'bind-interfaces', 'pid-file', 'user=root', 'stop-dns-rebind'];
  const listening = at.map((address) => `listen-address=${address}`);
  writeFileSync(config, `${[...own, ...listening, ...lines].join('\n')}\n`);
  const options = ['--keep-in-foreground', '--log-facility=-', `--conf-file=${config}`];
  const dnsmasq = keep(startChild([...machine.enter, findProgram('dnsmasq') ?? 'dnsmasq', ...options]));
  await dnsmasq.line(/using nameserver/);
}

/** The addresses in order, or the code that stands for none; `SERVFAIL` too where nobody answers at all. */
async function told(machine: Machine, at: string, from?: string): Promise<string> {
  const answer = await dig(machine, at, ZONE, 'A', from);
  const addresses = addressesOf(answer);
  return addresses === '' ? (/status: (\w+)/.exec(answer)?.[1] ?? 'SERVFAIL') : addresses;
}

/** Asks again as a machine's own resolver does. */
async function dig(machine: Machine, at: string, name: string, type = 'A', from?: string): Promise<string> {
  const source = from ? ['-b', from] : [];
  const child = startChild([...machine.enter, 'dig', '+tries=3', '+time=2', ...source, `@${at}`, name, type]);
  await child.exited;
  return child.lines().join('\n');
}

function addressesOf(answer: string): string {
  return [...answer.matchAll(/\sIN\s+A\s+([0-9.]+)$/gm)]
    .map(([, address = '']) => address)
    .sort()
    .join(' ');
}

function ttlsOf(answer: string): number[] {
  return [...answer.matchAll(/^internet\.intern\.netz\.\s+(\d+)\s+IN\s+A\s/gm)].map(([, ttl]) => Number(ttl));
}

async function greeting(machine: Machine, address: string): Promise<string> {
  return runCommand([...machine.enter, 'bash', '-c', `exec 3<>/dev/tcp/${address}/${PORT}; head -n 1 <&3`]);
}

async function eventually(look: () => Promise<string>, wanted: string, withinMs: number, what: string): Promise<void> {
  const from = performance.now();
  for (;;) {
    const found = await look();
    if (found === wanted) return;
    assert.ok(performance.now() - from < withinMs, `${what}: ${found}, not ${wanted}`);
    await delay(50);
  }
}

async function route(machine: Machine, via: string): Promise<void> {
  await runCommand([...machine.enter, 'ip', 'route', 'add', 'default', 'via', via]);
}

async function forwarding(machine: Machine): Promise<void> {
  await runCommand([...machine.enter, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward']);
}

function range(net: string, from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, at) => `${net}.${from + at}/24`);
}
