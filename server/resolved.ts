// Points systemd-resolved at us: which server a link's queries go to, and which domains go there at all.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Endpoint } from './core/app.ts';
import { endpointText } from './core/dns-server.ts';
import type { Logger } from './log.ts';

export type ResolvedLink = { link: string; domains: readonly string[] };

const run = promisify(execFile);
const TIMEOUT_MS = 5_000;

export type ResolvedFollower = {
  /** The link's queries go to the server from now on; a link that was pointed at us before and is no longer wanted goes back. */
  use(wanted: ResolvedLink | null, server: Endpoint | null): Promise<void>;
  stop(): Promise<void>;
};

/** What fails is said and harms nobody: the nameserver answers all the same. */
export function followResolved(log: Logger): ResolvedFollower {
  let pointed: { link: string; words: string } | null = null;
  return {
    async use(wanted, server) {
      const words = wanted === null || server === null ? '' : [endpointText(server), ...wanted.domains].join(' ');
      if (pointed !== null && pointed.link !== wanted?.link) await leave(pointed.link, log);
      if (wanted === null || server === null) pointed = null;
      else if (pointed?.link !== wanted.link || pointed.words !== words) {
        await point(wanted, server, log);
        pointed = { link: wanted.link, words };
      }
    },
    async stop() {
      if (pointed !== null) await leave(pointed.link, log);
      pointed = null;
    },
  };
}

/** systemd 246 and later take a port. */
async function point({ link, domains }: ResolvedLink, server: Endpoint, log: Logger): Promise<void> {
  const at = endpointText(server);
  try {
    await resolvectl('dns', link, at);
    await resolvectl('domain', link, ...domains);
    log.info({ link, address: at }, 'systemd-resolved asks us');
  } catch (error) {
    log.error({ link, alarm: true }, `systemd-resolved could not be told to ask us at ${at}: ${wordsOf(error)}`);
  }
}

/** The link is as it was before anybody set servers for it. */
async function leave(link: string, log: Logger): Promise<void> {
  try {
    await resolvectl('revert', link);
  } catch (error) {
    log.error(
      { link, alarm: true },
      `systemd-resolved still asks us: ${wordsOf(error)} Run resolvectl revert ${link}.`,
    );
  }
}

function resolvectl(...args: readonly string[]): Promise<unknown> {
  return run('resolvectl', args, { timeout: TIMEOUT_MS });
}

function wordsOf(error: unknown): string {
  const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
  if (code === 'ENOENT') return 'there is no resolvectl on this machine.';
  return stderr.trim() || (error instanceof Error ? error.message : String(error));
}
