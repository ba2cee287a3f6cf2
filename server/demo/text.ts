// What the demo prints when it is ready: where, as whom, in which browser.
import { userInfo } from 'node:os';
import type { Environment } from '#server/config.ts';
import { appOrigin, type Portal } from '#server/core/snapshot.ts';
import { APPS, HOSTS, USERS } from './names.ts';
import type { SampleNetwork } from './network.ts';

export type DemoFacts = {
  portal: Portal;
  network: Pick<SampleNetwork, 'endpoints' | 'shared'>;
  caFile: string | null;
  logFile: string;
  env: Environment;
};

export function readyText({ portal, network, caFile, logFile, env }: DemoFacts): string {
  const people = [
    ['Sign in as', 'Password', 'Sees'],
    ...USERS.map(({ email, password, role, apps }) => [
      email,
      password,
      `${sees(apps.length)}${role === 'admin' ? ', and administers Foyer' : ''}`,
    ]),
  ];
  const places = APPS.map((app) => {
    const { address, port } = network.endpoints[app];
    return [appOrigin(portal, HOSTS[app][0]), `really at ${address} port ${port}`];
  });
  const { address, port } = network.endpoints.nameserver;
  const parts = [
    `Foyer is ready: ${portal.origin}`,
    table(people),
    `${table(places)}\n  Only the private DNS server knows where: ${address} port ${port}, zone corp.internal.`,
    network.shared ? '  This system has only 127.0.0.1, so the parts of the sample network differ by port alone.' : '',
    caFile ? trust(caFile) : browsers(),
    overSsh(portal.port, env),
    `  Log: ${logFile}\n  Ctrl-C ends all of it.`,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function sees(apps: number): string {
  return apps === APPS.length ? 'every app' : `${apps} app${apps === 1 ? '' : 's'}`;
}

/** What was really tried; see e2e/. */
function browsers(): string {
  return '  Tried in Chromium on Linux. Safari and Firefox may refuse sign-in cookies on http://*.localhost:\n  for those, start with npm run demo -- --https';
}

function trust(caFile: string): string {
  return [
    '  Tried in Chromium on Linux. A browser warns, and starts no service worker, until it trusts the demo’s own authority,',
    `  which is good for names under localhost alone: ${caFile}`,
    `    Chromium on Linux: certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n foyer-demo -i ${caFile}`,
    `    macOS: security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db ${caFile}`,
    '    Firefox: Settings, Certificates, View Certificates, Authorities, Import',
  ].join('\n');
}

function overSsh(port: number, env: Environment): string {
  const [, , serverAddress, serverPort] = (env.SSH_CONNECTION ?? '').split(' ');
  if (!serverAddress) return '';
  const on = serverPort && serverPort !== '22' ? `-p ${serverPort} ` : '';
  return `  You are here over SSH. On your own machine, run this and open the address there:\n    ssh -L ${port}:127.0.0.1:${port} ${on}${userInfo().username}@${serverAddress}`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map(
      (row) =>
        `  ${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('   ')
          .trimEnd()}`,
    )
    .join('\n');
}
