// A small Internet for tests: a home machine with Quad9's two addresses behind a cable, each a real Unbound that speaks DNS over TLS, and counters on the way out.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, runCommand, startChild } from '../e2e/system/child.ts';
import { type Machine, startNetwork } from '../e2e/system/network.ts';
import { findProgram } from '../tools/prerequisites.ts';
import { createAuthority } from './certificates.testing.ts';

export const QUAD9 = ['9.9.9.9', '149.112.112.112'] as const;
export const SYSTEM_DNS = '192.0.2.253';

/** Packets that tried to leave the home machine, whether they were let out or not. */
export type Outgoing = { dot: number; udp53: number; tcp53: number };

export type SmallInternet = {
  home: Machine;
  /** The PEM file of the authority that certifies dns.quad9.net here. */
  caFile: string;
  folder: string;
  /** The names that a server was asked for since the last time. */
  asked(server: string): string[];
  outgoing(): Promise<Outgoing>;
  /** Each is a rule's condition, `ip daddr 9.9.9.9 tcp dport 853`: what matches is dropped silently on its way out of the home machine. */
  drop(...conditions: readonly string[]): Promise<void>;
  dropNothing(): Promise<void>;
  /** Runs a command at home; what it prints, whatever its exit code. */
  atHome(...command: readonly string[]): Promise<string>;
  stop(): Promise<void>;
};

/** Why there can be no networks here, or null. */
export function noNetworks(): string | null {
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const { status } = spawnSync('unshare', [...user, '--net', '--mount', 'true']);
  return status === 0 ? null : 'network namespaces are not allowed here';
}

/** `systemDns`: what the home machine's own resolv.conf names. */
export async function startSmallInternet({ systemDns = SYSTEM_DNS } = {}): Promise<SmallInternet> {
  const started = new AsyncDisposableStack();
  try {
    return await start(started, systemDns);
  } catch (error) {
    await started.disposeAsync();
    throw error;
  }
}

async function start(started: AsyncDisposableStack, systemDns: string): Promise<SmallInternet> {
  const folder = mkdtempSync(join(tmpdir(), 'foyer-internet-'));
  started.defer(() => rmSync(folder, { recursive: true }));
  const network = await startNetwork();
  started.defer(network.stop);
  const home = await network.addMachine('home', { dns: systemDns });
  const outside = await network.addMachine('outside');
  const servers = [...QUAD9, SYSTEM_DNS];
  await network.connect(
    'up0',
    [home, ['192.0.2.1/24']],
    [outside, ['192.0.2.254/24', ...servers.map((at) => `${at}/32`)]],
  );
  await runCommand([...home.enter, 'ip', 'route', 'add', 'default', 'via', '192.0.2.254']);
  await nft(home, COUNTERS);
  const caFile = await writeCertificates(folder);
  const running = new Map<string, Child>();
  for (const address of servers) {
    const server = await startResolver(outside, address, folder);
    started.defer(() => server.stop());
    running.set(address, server);
  }
  const heard = new Map<string, number>();
  return {
    home,
    caFile,
    folder,
    asked(server) {
      const names = (running.get(server)?.lines() ?? []).flatMap(
        (line) => /info: \S+ (\S+)\. [A-Z0-9]+ IN$/.exec(line)?.[1] ?? [],
      );
      const from = heard.get(server) ?? 0;
      heard.set(server, names.length);
      return names.slice(from);
    },
    async outgoing() {
      const { nftables } = JSON.parse(await runCommand([...home.enter, nftProgram(), '-j', 'list', 'counters']));
      const counters: { counter?: { name: string; packets: number } }[] = nftables;
      const of = (name: string) =>
        counters.find(({ counter }) => counter?.name === name)?.counter?.packets ?? Number.NaN;
      return { dot: of('dot'), udp53: of('udp53'), tcp53: of('tcp53') };
    },
    drop: (...conditions) => nft(home, conditions.map((each) => `add rule inet test blocked ${each} drop`).join('\n')),
    dropNothing: () => nft(home, 'flush chain inet test blocked'),
    atHome: (...command) => printed([...home.enter, ...command]),
    stop: () => started.disposeAsync(),
  };
}

/** What goes to the machine itself is not on its way out; counted is what tried, before it is dropped. */
const COUNTERS = `table inet test {
  counter dot { }
  counter udp53 { }
  counter tcp53 { }
  chain blocked { }
  chain out {
    type filter hook output priority 0;
    oifname "lo" accept
    tcp dport 853 counter name dot
    udp dport 53 counter name udp53
    tcp dport 53 counter name tcp53
    jump blocked
  }
}`;

async function nft(machine: Machine, rules: string): Promise<void> {
  const child = startChild([...machine.enter, nftProgram(), '-f', '-'], { input: rules });
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`nft: ${child.lines().join('\n')}`);
}

function nftProgram(): string {
  return findProgram('nft') ?? 'nft';
}

async function writeCertificates(folder: string): Promise<string> {
  const authority = await createAuthority('Test authority');
  const leaf = await authority.issue({ names: ['dns.quad9.net'] });
  writeFileSync(join(folder, 'ca.pem'), authority.pem);
  writeFileSync(join(folder, 'quad9.pem'), leaf.cert);
  writeFileSync(join(folder, 'quad9.key'), leaf.key);
  return join(folder, 'ca.pem');
}

/** Every name under example.com and google.com has an address; `who.example.com` tells which server answered, as TXT. */
async function startResolver(machine: Machine, address: string, folder: string): Promise<Child> {
  const file = join(folder, `${address}.conf`);
  writeFileSync(
    file,
    `server:
  interface: ${address}@53
  interface: ${address}@853
  tls-port: 853
  tls-service-key: "${join(folder, 'quad9.key')}"
  tls-service-pem: "${join(folder, 'quad9.pem')}"
  access-control: 0.0.0.0/0 allow
  directory: ""
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  log-queries: yes
  do-daemonize: no
  num-threads: 1
  module-config: "iterator"
  local-zone: "." static
  local-zone: "example.com." redirect
  local-data: "example.com. 60 IN A 203.0.113.80"
  local-zone: "google.com." redirect
  local-data: "google.com. 60 IN A 203.0.113.81"
  local-zone: "example.org." redirect
  local-data: "example.org. 60 IN A 203.0.113.82"
  local-zone: "corp.example." redirect
  local-data: "corp.example. 60 IN A 203.0.113.20"
  local-data: "corp.example. 60 IN MX 10 mail.example.com."
  local-zone: "example.net." static
  local-data: "alias.example.net. 60 IN CNAME ads.example.org."
  local-data: "service.example.net. 60 IN HTTPS 1 ads.example.org. alpn=h2"
  local-data: "mail.example.net. 60 IN MX 10 ads.example.org."
  local-data: "rebind.example.net. 60 IN A 192.168.1.1"
  local-zone: "8.8.8.8.in-addr.arpa." static
  local-data: "8.8.8.8.in-addr.arpa. 60 IN PTR ads.example.org."
  local-data: 'who.example.net. 1 IN TXT "${address}"'
remote-control:
  control-enable: no
`,
  );
  const unbound = startChild([...machine.enter, findProgram('unbound') ?? 'unbound', '-d', '-c', file]);
  await unbound.line(/start of service/);
  return unbound;
}

async function printed(command: readonly string[]): Promise<string> {
  const child = startChild(command);
  await child.exited;
  return child.lines().join('\n');
}
