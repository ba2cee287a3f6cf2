// Foyer's nameserver, dnsmasq and Unbound with the same records, block list and upstream, each alone on the core under test.
import { mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { startChild } from '../e2e/system/child.ts';
import { freePort } from '../e2e/system/free-port.ts';
import { connectable } from './connectable.ts';
import { processTree } from './cpu.ts';
import { PROXY_CORE, pinned } from './machine.ts';
import { fillTemplate } from './peers/template.ts';

export const DNS_CONTENDERS = ['foyer', 'dnsmasq', 'unbound'] as const;
export type DnsContenderName = (typeof DNS_CONTENDERS)[number];
export type DnsContender = { name: DnsContenderName; port: number; pids(): number[]; stop(): Promise<void> };

const LOCAL_ZONE = 'corp.bench.example';
export const CACHED_ZONE = 'cached.bench.example';
const FOYER = join(import.meta.dirname, '..', 'bin', 'foyer.js');

/** So many local records and blocked names; `hN.corp.bench.example` and `nN.adsM.example` from 0 on. */
export type DnsContent = { records: number; blocked: number };

export const recordName = (at: number) => `h${at}.${LOCAL_ZONE}`;
export const blockedName = (at: number) => `n${at}.ads${at % 1000}.example`;
export const cachedName = (at: number) => `c${at}.${CACHED_ZONE}`;
const recordAddress = (at: number) => `10.${(at >> 16) & 0xff}.${(at >> 8) & 0xff}.${at & 0xff}`;

export async function startDnsContender(
  name: DnsContenderName,
  { records, blocked }: DnsContent,
  upstreamPort: number,
  dir: string,
): Promise<DnsContender> {
  const port = await freePort();
  const write = writing(dir);
  const all = { port, upstreamPort, dir, records: counted(records), blocked: counted(blocked), write };
  return started(name, COMMANDS[name](all), port, { FOYER_DATA_DIR: dirname(dir) });
}

/** Foyer's alone, with a file that says what is given and no more. Its compiled code is kept beside `dir` for the next one, as in a data directory. */
export async function startFoyerNameserver(
  dir: string,
  file: Record<string, unknown>,
  env: Record<string, string> = {},
): Promise<DnsContender> {
  const port = await freePort();
  return started('foyer', nameserverCommand(port, file, writing(dir)), port, { FOYER_DATA_DIR: dirname(dir), ...env });
}

/** All three listen by TCP as well, once they have read what they serve. */
async function started(
  name: DnsContenderName,
  command: readonly string[],
  port: number,
  env: Record<string, string>,
): Promise<DnsContender> {
  const child = startChild(pinned(PROXY_CORE, command), { env });
  const ended = child.exited.then(() => 'ended' as const);
  const listening = connectable(port).then(
    () => 'listening' as const,
    () => 'silent' as const,
  );
  if ((await Promise.race([listening, ended])) === 'listening')
    return { name, port, pids: () => processTree(child.pid), stop: () => child.stop() };
  await child.stop();
  throw new Error(`${name} does not listen. It said:\n${child.lines().slice(-20).join('\n')}`);
}

type Write = (file: string, lines: readonly string[]) => string;

function writing(dir: string): Write {
  mkdirSync(dir, { recursive: true });
  return (file, lines) => {
    writeFileSync(join(dir, file), `${lines.join('\n')}\n`);
    return join(dir, file);
  };
}

type Given = {
  port: number;
  upstreamPort: number;
  dir: string;
  records: readonly number[];
  blocked: readonly number[];
  write: Write;
};

const COMMANDS: Readonly<Record<DnsContenderName, (given: Given) => string[]>> = {
  foyer: ({ port, upstreamPort, records, blocked, write }) => {
    const lines = records.map((at) => ({ name: `h${at}`, type: 'A', value: recordAddress(at) }));
    const block = { files: [write('block.txt', blocked.map(blockedName))] };
    const file = {
      upstreams: [],
      zones: [{ name: CACHED_ZONE, servers: [`127.0.0.1:${upstreamPort}`] }],
      records: [{ zone: LOCAL_ZONE, lines }],
      ...(blocked.length > 0 ? { block } : {}),
    };
    return nameserverCommand(port, file, write);
  },

  dnsmasq: ({ port, upstreamPort, records, blocked, write }) => {
    const hostsFile = write(
      'hosts',
      records.map((at) => `${recordAddress(at)} ${recordName(at)}`),
    );
    const blockFile = write(
      'block.conf',
      blocked.map((at) => `local=/${blockedName(at)}/`),
    );
    const values = { port, upstreamPort, hostsFile, blockFile, cachedZone: CACHED_ZONE, user: userInfo().username };
    const file = write('dnsmasq.conf', [fillTemplate('dnsmasq.conf', values)]);
    return ['dnsmasq', '-k', '--pid-file=', '--log-facility=-', `--conf-file=${file}`];
  },

  unbound: ({ port, upstreamPort, dir, records, blocked, write }) => {
    const record = (at: number) => `local-data: "${recordName(at)}. 60 IN A ${recordAddress(at)}"`;
    const recordsFile = write('records.conf', records.map(record));
    const blockFile = write(
      'block.conf',
      blocked.map((at) => `local-zone: "${blockedName(at)}." always_nxdomain`),
    );
    const zones = { localZone: LOCAL_ZONE, cachedZone: CACHED_ZONE };
    const file = write('unbound.conf', [
      fillTemplate('unbound.conf', { port, upstreamPort, dir, recordsFile, blockFile, ...zones }),
    ]);
    return ['unbound', '-d', '-c', file];
  },
};

function nameserverCommand(port: number, file: Record<string, unknown>, write: Write): string[] {
  const path = write('nameserver.json', [JSON.stringify({ listen: [`127.0.0.1:${port}`], ...file })]);
  return [process.execPath, FOYER, 'nameserver', '--config', path];
}

function counted(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
}
