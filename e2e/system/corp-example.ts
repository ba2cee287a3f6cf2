// The network of the agentless seed: a browser and public DNS outside, Foyer in between, private DNS and private apps behind.
//
//   outside 203.0.113.50, public DNS .53  ──  gateway 203.0.113.20 | 192.168.1.2  ──  site: DNS 192.168.1.53, wiki 192.168.1.20
import { createHash, X509Certificate } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from '@playwright/test';
import { createAuthority, issueCertificate } from '#server/certs/authority.ts';
import { type Hostname, parseHostname } from '#server/core/hostname.ts';
import { findProgram } from '../../tools/prerequisites.ts';
import { CHROMIUM_ARGS } from '../chromium-args.ts';
import { type Child, runCommand, startChild } from './child.ts';
import { type Foyer, foyerCommand, startFoyer } from './foyer.ts';
import { type NameServer, startNameServer } from './name-server.ts';
import { type Machine, type Network, startNetwork } from './network.ts';

export const PORTAL_URL = 'https://portal.corp.example';
const GATEWAY_NAME = 'gw.corp.example';
export const GATEWAY_ADDRESS = '203.0.113.20';
export const WIKI_ADDRESS = '192.168.1.20';

export type CorpExample = {
  foyer: Foyer;
  publicDns: NameServer;
  privateDns: NameServer;
  /** A browser that runs outside and knows nothing but the public DNS. */
  browser: Browser;
  /** Runs a command outside, beside the browser. */
  outside(...command: readonly string[]): Promise<string>;
  curl(...args: readonly string[]): Promise<string>;
  /** What `foyer doctor` says on the gateway's machine. */
  doctor(): Promise<readonly string[]>;
  stop(): Promise<void>;
};

export async function startCorpExample(): Promise<CorpExample> {
  const started = new AsyncDisposableStack();
  try {
    return await start(started);
  } catch (error) {
    await started.disposeAsync();
    throw error;
  }
}

async function start(started: AsyncDisposableStack): Promise<CorpExample> {
  const scratch = mkdtempSync(join(tmpdir(), 'foyer-corp-'));
  started.defer(() => rmSync(scratch, { recursive: true }));
  const network = await startNetwork();
  started.defer(network.stop);
  const { outside, gateway, site } = await cable(network);
  const publicDns = await startNameServer(outside, '203.0.113.53', 'corp.example', [
    `gw A ${GATEWAY_ADDRESS}`,
    ...['portal', 'wiki', 'payroll', 'broken'].map((name) => `${name} CNAME gw`),
  ]);
  started.defer(publicDns.stop);
  const privateDns = await startNameServer(site, '192.168.1.53', 'corp.internal', [
    `wiki A ${WIKI_ADDRESS}`,
    'payroll A 192.168.1.21',
    'broken A 192.168.1.22',
  ]);
  started.defer(privateDns.stop);
  const wiki = await startPrivateApp(site, WIKI_ADDRESS);
  started.defer(() => wiki.stop());
  const certificates = await makeCertificates(scratch);
  const settings = {
    FOYER_GATEWAY_NAME: GATEWAY_NAME,
    FOYER_LISTEN: `${GATEWAY_ADDRESS}:443,http://${GATEWAY_ADDRESS}:80`,
    FOYER_TLS_CERTS: `${certificates.certFile}:${certificates.keyFile}`,
    FOYER_GATEWAYS: '2',
  };
  const foyer = await startFoyer(PORTAL_URL, settings, gateway);
  started.defer(async () => void (await foyer.stop()));
  const browser = await launchBrowser(outside, scratch, certificates.keyHash);
  started.defer(() => browser.close());
  const run = (...command: readonly string[]) => runCommand([...outside.enter, ...command]);
  const curl = [findProgram('curl') ?? 'curl', '--silent', '--show-error', '--cacert', certificates.caFile];
  return {
    foyer,
    publicDns,
    privateDns,
    browser,
    outside: run,
    curl: (...args) => run(...curl, ...args),
    async doctor() {
      const env = { ...settings, FOYER_PORTAL_URL: PORTAL_URL, FOYER_DATA_DIR: foyer.dataDir };
      const doctor = startChild([...gateway.enter, ...foyerCommand('doctor')], { env });
      await doctor.exited;
      return doctor.lines();
    },
    stop: () => started.disposeAsync(),
  };
}

async function cable(network: Network): Promise<Record<'outside' | 'gateway' | 'site', Machine>> {
  const outside = await network.addMachine('outside', { dns: '203.0.113.53' });
  const gateway = await network.addMachine('gateway', { dns: '203.0.113.53' });
  const site = await network.addMachine('site', { dns: '192.168.1.53' });
  await network.connect(
    'public0',
    [outside, ['203.0.113.50/24', '203.0.113.53/24']],
    [gateway, [`${GATEWAY_ADDRESS}/24`]],
  );
  const siteAddresses = ['192.168.1.53', WIKI_ADDRESS, '192.168.1.21', '192.168.1.22'].map(
    (address) => `${address}/24`,
  );
  await network.connect('private0', [gateway, ['192.168.1.2/24']], [site, siteAddresses]);
  return { outside, gateway, site };
}

async function startPrivateApp(machine: Machine, address: string): Promise<Child> {
  const app = startChild([
    ...machine.enter,
    process.execPath,
    join(import.meta.dirname, 'private-app.ts'),
    address,
    '8080',
  ]);
  await app.line(/^listening$/);
  return app;
}

type Certificates = { caFile: string; certFile: string; keyFile: string; keyHash: string };

async function makeCertificates(folder: string): Promise<Certificates> {
  const files = {
    caFile: join(folder, 'ca.pem'),
    certFile: join(folder, 'cert.pem'),
    keyFile: join(folder, 'key.pem'),
  };
  const authority = await createAuthority('Corp Example test authority', hostname('corp.example'), Date.now());
  const names = ['portal', 'wiki', 'payroll', 'broken', 'unknown', 'gw'].map((label) =>
    hostname(`${label}.corp.example`),
  );
  const [first = hostname(GATEWAY_NAME), ...rest] = names;
  const { certPem, keyPem } = await issueCertificate(authority, [first, ...rest], Date.now());
  writeFileSync(files.caFile, authority.certPem);
  writeFileSync(files.certFile, certPem);
  writeFileSync(files.keyFile, keyPem, { mode: 0o600 });
  const spki = new X509Certificate(certPem).publicKey.export({ type: 'spki', format: 'der' });
  return { ...files, keyHash: createHash('sha256').update(spki).digest('base64') };
}

/** A wrapper takes the place of the browser's program and enters the machine first. */
async function launchBrowser(machine: Machine, folder: string, trustedKeyHash: string): Promise<Browser> {
  const wrapper = join(folder, 'browser');
  writeFileSync(wrapper, `#!/bin/sh\nexec ${machine.enter.join(' ')} ${findProgram('chromium')} "$@"\n`);
  chmodSync(wrapper, 0o755);
  // Exactly this key is trusted: as if the test authority had been installed, and nothing else.
  const trust = `--ignore-certificate-errors-spki-list=${trustedKeyHash}`;
  return chromium.launch({ executablePath: wrapper, args: [...CHROMIUM_ARGS, trust] });
}

function hostname(text: string): Hostname {
  const parsed = parseHostname(text);
  if (!parsed) throw new Error(`${text} is no host name`);
  return parsed;
}
