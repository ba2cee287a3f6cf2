// The Debian programs that the tests run for real: which are missing, and how they come.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { runStep } from './step.ts';

/** A program that a test starts, and the Debian package that holds it. */
export const PROGRAMS: ReadonlyMap<string, string> = new Map([
  ['chromium', 'chromium'],
  ['named', 'bind9'],
  ['dig', 'bind9-dnsutils'],
  ['nslookup', 'bind9-dnsutils'],
  ['kdig', 'knot-dnsutils'],
  ['dnsmasq', 'dnsmasq-base'],
  ['dnsperf', 'dnsperf'],
  ['unbound', 'unbound'],
  ['ip', 'iproute2'],
  ['nft', 'nftables'],
  ['curl', 'curl'],
  ['nginx', 'nginx-light'],
  ['haproxy', 'haproxy'],
  ['h2load', 'nghttp2-client'],
  ['nghttpd', 'nghttp2-server'],
  ['slowhttptest', 'slowhttptest'],
  ['strace', 'strace'],
  ['websocketd', 'websocketd'],
]);

/** Installs what is missing when it may; otherwise answers with the one sentence to show. */
export async function ensurePrograms(): Promise<string | null> {
  const packages = missingPackages();
  if (packages.length === 0) return null;
  if (process.platform !== 'linux' || findProgram('apt-get') === null) {
    return `The tests need these programs, from Debian or elsewhere: ${packages.join(' ')}. Install them, then run npm test again.`;
  }
  const install = `apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (process.getuid?.() !== 0) {
    return `The tests need ${packages.join(', ')}. Run this, then npm test again:\n\n  sudo sh -c '${install}'\n`;
  }
  console.log(`Installing ${packages.join(' ')} …`);
  const { code, output } = await runStep({
    command: 'sh',
    args: ['-c', install],
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (code !== 0) return `${output}\nDebian’s packages could not be installed; apt’s own words are above.`;
  const still = missingPackages();
  return still.length === 0 ? null : `Still missing after the installation: ${still.join(' ')}.`;
}

export function findProgram(name: string): string | null {
  // A user's PATH often leaves out the folders of system programs, where named and nft live.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  for (const folder of folders) {
    const path = join(folder, name);
    if (isExecutable(path)) return path;
  }
  return null;
}

function missingPackages(): string[] {
  const names = [...PROGRAMS].filter(([program]) => findProgram(program) === null).map(([, name]) => name);
  return [...new Set(names)];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
