// What a bench needs of its machine: two cores, the peers' programs, and file descriptors enough for thousands of connections.
import { availableParallelism } from 'node:os';
import { runCommand } from '../e2e/system/child.ts';
import { findProgram } from '../tools/prerequisites.ts';

/** The proxy under test has a core to itself; what loads it and what stands behind it share another. */
export const PROXY_CORE = 0;
export const LOAD_CORE = 1;

const PACKAGES: Readonly<Record<string, string>> = {
  nginx: 'nginx-light',
  haproxy: 'haproxy',
  caddy: 'caddy',
  h2load: 'nghttp2-client',
  dnsperf: 'dnsperf',
  dnsmasq: 'dnsmasq-base',
  unbound: 'unbound',
  taskset: 'util-linux',
};
const OPEN_FILES = 65_536;

/** Throws one sentence that names what is missing and how it comes. */
export function requireMachine(programs: readonly (keyof typeof PACKAGES)[]): void {
  if (process.platform !== 'linux') throw new Error('The benches read CPU time from /proc: run them on Linux.');
  if (availableParallelism() < 2)
    throw new Error('The benches need two cores: one for the proxy under test, one for the load and the origin.');
  const missing = [...programs, 'taskset'].filter((program) => findProgram(program) === null);
  if (missing.length === 0) return;
  const packages = missing.map((program) => PACKAGES[program]).join(' ');
  throw new Error(
    `This bench needs ${missing.join(', ')}: sudo apt-get install -y --no-install-recommends ${packages}`,
  );
}

/** A command that runs on one core, with room for many open files; the process it starts keeps the pid. */
export function pinned(core: number, command: readonly string[]): string[] {
  return ['taskset', '-c', String(core), ...roomy(command)];
}

/** As many open files as the bench wants, or as many as its user may have. */
export function roomy(command: readonly string[]): string[] {
  return ['sh', '-c', `ulimit -n ${OPEN_FILES} 2>/dev/null || ulimit -n "$(ulimit -Hn)"; exec "$@"`, 'sh', ...command];
}

/** Moves a running process, with all its threads. */
export async function pin(core: number, pid: number): Promise<void> {
  await runCommand(['taskset', '-acp', String(core), String(pid)]);
}
