// The three proxies of a differential run, each before an upstream of its own: Foyer, nginx and HAProxy.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild } from '../../../e2e/system/child.ts';
import { freePort } from '../../../e2e/system/free-port.ts';
import { findProgram } from '../../../tools/prerequisites.ts';
import { certificatesForTests } from '../certificates.testing.ts';
import { type Ends, startGateway } from '../gateway.testing.ts';
import { type EchoUpstream, startEchoUpstream } from './echo-upstream.testing.ts';

export const PEERS = ['nginx', 'haproxy'] as const;
export type Peer = (typeof PEERS)[number];

export type Intermediary = {
  name: 'foyer' | Peer;
  port: number;
  tlsPort: number;
  upstream: EchoUpstream;
  /** What signs a person in, as `name=value`; null where nobody has to. Over TLS a gateway of its own answers. */
  grant: string | null;
  tlsGrant: string | null;
};

/** Short enough that a request which never becomes whole ends the case, long enough for a busy machine. */
const PATIENCE_MS = 1_000;

export async function startProxies(t: Ends): Promise<Intermediary[]> {
  const dir = mkdtempSync(join(tmpdir(), 'foyer-differential-'));
  const children: Child[] = [];
  t.after(async () => {
    await Promise.all(children.map((child) => child.stop()));
    rmSync(dir, { recursive: true });
  });
  const { first } = await certificatesForTests();
  writeFileSync(join(dir, 'certificate.pem'), first.cert);
  writeFileSync(join(dir, 'key.pem'), first.key);
  writeFileSync(join(dir, 'both.pem'), `${first.cert}\n${first.key}`);

  const configure = (file: string, values: Record<string, string | number>): string => {
    const template = readFileSync(join(import.meta.dirname, file), 'utf8');
    const path = join(dir, file);
    const filled = template.replace(/@([A-Z_]+)@/g, (word, key) => String(values[key] ?? word));
    writeFileSync(path, filled);
    return path;
  };
  const peer = async (
    name: Peer,
    file: string,
    args: (path: string) => string[],
    up: RegExp,
  ): Promise<Intermediary> => {
    const upstream = await startEchoUpstream(t);
    const [port, tlsPort] = [await freePort(), await freePort()];
    const path = configure(file, { DIR: dir, PORT: port, TLS_PORT: tlsPort, UPSTREAM: upstream.port });
    const child = startChild([findProgram(name) ?? name, ...args(path)], {});
    children.push(child);
    await child.line(up);
    return { name, port, tlsPort, upstream, grant: null, tlsGrant: null };
  };
  return [
    await foyer(t),
    await peer('nginx', 'nginx.conf', (path) => ['-p', dir, '-c', path], /start worker process \d+/),
    await peer('haproxy', 'haproxy.cfg', (path) => ['-W', '-db', '-f', path], /Loading success|New worker/),
  ];
}

async function foyer(t: Ends): Promise<Intermediary> {
  const upstream = await startEchoUpstream(t);
  const options = {
    apps: [{ id: 'wiki', hosts: ['wiki.test'] as const, upstream: upstream.port }],
    limits: {
      headersTimeoutMs: PATIENCE_MS,
      requestBodyIdleMs: PATIENCE_MS,
      upstreamHeadersTimeoutMs: 2 * PATIENCE_MS,
      upstreamBodyIdleMs: 2 * PATIENCE_MS,
    },
  };
  const plain = await startGateway(t, options);
  const secure = await startGateway(t, { ...options, scheme: 'https' });
  return {
    name: 'foyer',
    port: plain.port,
    tlsPort: secure.port,
    upstream,
    grant: plain.cookie(plain.signIn(), 'wiki.test'),
    tlsGrant: secure.cookie(secure.signIn(), 'wiki.test'),
  };
}
