// Points systemd-resolved at us: which server a link's queries go to, and which domains go there at all.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Endpoint } from '#server/core/app.ts';
import { endpointText } from '#server/core/dns-server.ts';
import type { Logger } from '#server/log.ts';

export type ResolvedLink = { link: string; domains: readonly string[] };

const run = promisify(execFile);
const TIMEOUT_MS = 5_000;

export type ResolvedFollower = {
  /**
   * The link's queries go to the server from now on; a link that was pointed at us before and is no longer wanted goes back. What failed before is
   * tried again; `isLook`: by the clock, when the same failure is no news.
   */
  use(wanted: ResolvedLink | null, server: Endpoint | null, options?: { isLook: boolean }): Promise<void>;
  stop(): Promise<void>;
};

/** What fails is said and harms nobody: the nameserver answers all the same. */
export function followResolved(log: Logger): ResolvedFollower {
  /** What was told with success, so that only this is taken back. */
  let pointed: { link: string; words: string } | null = null;
  let wasGone = false;
  let failure: string | null = null;

  const stop = async () => {
    if (pointed === null) return;
    const { link } = pointed;
    pointed = null;
    await leave(link, log);
  };

  const point = async ({ link, domains }: ResolvedLink, at: string): Promise<string | null> => {
    // systemd 246 and later take a port.
    const atServer = await resolvectl('dns', link, at);
    if (atServer !== null) return atServer;
    pointed = { link, words: wordsOf(at, domains) };
    const atDomains = await resolvectl('domain', link, ...domains);
    // A server without its domains would be asked for others' names.
    if (atDomains !== null) await stop();
    return atDomains;
  };

  return {
    async use(wanted, server, { isLook } = { isLook: false }) {
      const isThere = wanted !== null && existsSync(`/sys/class/net/${wanted.link}`);
      // A link that comes back comes without what it was told before.
      if (isThere && wasGone) pointed = null;
      wasGone = !isThere;
      if (pointed !== null && (server === null || pointed.link !== wanted?.link)) await stop();
      if (wanted === null || server === null) return;
      const { link, domains } = wanted;
      const at = endpointText(server);
      if (pointed?.words === wordsOf(at, domains)) return;
      const before = failure;
      failure = await point(wanted, at);
      if (failure === null) log.info({ link, address: at }, 'systemd-resolved asks us');
      else if (!isLook || failure !== before)
        log.error(
          { link, alarm: true },
          `systemd-resolved could not be told to ask us at ${at}: ${failure} It is tried again every minute.`,
        );
    },
    stop,
  };
}

/** The link is as it was before anybody set servers for it; one that is gone took them with it. */
async function leave(link: string, log: Logger): Promise<void> {
  const problem = await resolvectl('revert', link);
  if (problem === null || !existsSync(`/sys/class/net/${link}`)) return;
  log.error({ link, alarm: true }, `systemd-resolved still asks us: ${problem} Run resolvectl revert ${link}.`);
}

function wordsOf(at: string, domains: readonly string[]): string {
  return [at, ...domains].join(' ');
}

/** Null where that was done; else why not, as a sentence. */
async function resolvectl(...args: readonly string[]): Promise<string | null> {
  try {
    await run('resolvectl', args, { timeout: TIMEOUT_MS });
    return null;
  } catch (error) {
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
    if (code === 'ENOENT') return 'there is no resolvectl on this machine.';
    const said = stderr.trim() || (error instanceof Error ? error.message : String(error));
    return said.endsWith('.') ? said : `${said}.`;
  }
}
