// The nameserver's sockets: port 53 or the high port in its place, exchanged when the file names others.
import type { Address } from '#server/core/address.ts';
import type { Endpoint } from '#server/core/app.ts';
import { endpointText } from '#server/core/dns-server.ts';
import type { Engine } from '#server/dns/engine.ts';
import {
  DnsListenError,
  type DnsOverTls,
  type DnsOverTlsServer,
  type DnsServer,
  startDnsOverTls,
  startDnsServer,
} from '#server/dns/listen.ts';
import type { Logger } from '#server/log.ts';

/** Who answers, and says who has to wait. */
type Asked = Pick<Engine, 'answer' | 'hold'>;

/** `orElse` is taken in the address's place where this machine does not have that: only for one that nobody named. */
export type DnsListenAddress = Endpoint & { orElse?: Address };

export type WantedListeners = {
  plain: readonly DnsListenAddress[];
  tls: { listen: readonly Endpoint[]; pair: DnsOverTls } | null;
};

export type DnsListeners = {
  /** What is open already goes on, with the newest certificate. A sentence where something cannot be opened: all is as it was. */
  use(wanted: WantedListeners): Promise<string | null>;
  /** Where queries are taken by UDP and TCP: the real ports. */
  plain(): readonly Endpoint[];
  close(): Promise<void>;
};

/** `wanted` is what the file says; the server may have the high port instead. */
type Open = { wanted: DnsListenAddress } & (
  | { kind: 'plain'; server: DnsServer }
  | { kind: 'tls'; server: DnsOverTlsServer; pair: DnsOverTls }
);

export const DNS_PORT = 53;
/** Where systemd-resolved and others can be pointed when somebody else has port 53. */
export const HIGH_PORT = 15_353;

export function createDnsListeners({ answer, hold }: Asked, log: Logger): DnsListeners {
  let open: readonly Open[] = [];

  const openOne = async (wanted: DnsListenAddress, pair: DnsOverTls | null): Promise<Open> => {
    const one: Open =
      pair === null
        ? { kind: 'plain', wanted, server: await openPlain(wanted, { answer, hold }, log) }
        : { kind: 'tls', wanted, pair, server: await startDnsOverTls({ ...wanted, answer, hold, tls: pair }) };
    const address = endpointText(one.server);
    log.info({ address, ...(pair && { transport: 'tls' }) }, 'DNS resolver started');
    return one;
  };

  /** Null where all could be opened. */
  const exchange = async (kept: readonly Open[], fresh: readonly Fresh[]): Promise<string | null> => {
    const gone = open.filter((each) => !kept.includes(each));
    // One address cannot be taken beside all addresses, nor the other way round.
    const inTheWay = gone.filter(({ server }) => fresh.some(({ at }) => at.port === server.port));
    await closeAll(inTheWay);
    const opened: Open[] = [];
    const problem = await sentenceOf(async () => {
      for (const { at, pair } of fresh) opened.push(await openOne(at, pair));
    });
    if (problem === null) {
      open = [...kept, ...opened];
      await closeAll(gone.filter((each) => !inTheWay.includes(each)));
      return null;
    }
    await closeAll(opened);
    const back: Open[] = [];
    const lost = await sentenceOf(async () => {
      for (const each of inTheWay) back.push(await openOne(each.wanted, each.kind === 'tls' ? each.pair : null));
    });
    open = [...open.filter((each) => !inTheWay.includes(each)), ...back];
    return lost === null ? problem : `${problem} ${lost}`;
  };

  return {
    use({ plain, tls }) {
      const wanted: Fresh[] = [
        ...plain.map((at) => ({ at, pair: null })),
        ...(tls?.listen ?? []).map((at) => ({ at, pair: tls?.pair ?? null })),
      ];
      const openAs = ({ at, pair }: Fresh) =>
        open.find((each) => (each.kind === 'tls') === (pair !== null) && isOpenFor(each, at));
      for (const each of wanted) {
        const same = openAs(each);
        if (same?.kind !== 'tls' || each.pair === null) continue;
        same.server.renew(each.pair);
        same.pair = each.pair;
      }
      return exchange(
        wanted.flatMap((each) => openAs(each) ?? []),
        wanted.filter((each) => openAs(each) === undefined),
      );
    },
    plain: () =>
      open.filter(({ kind }) => kind === 'plain').map(({ server: { address, port } }) => ({ address, port })),
    close: () => closeAll(open),
  };
}

type Fresh = { at: DnsListenAddress; pair: DnsOverTls | null };

async function openPlain({ address, port, orElse }: DnsListenAddress, asked: Asked, log: Logger): Promise<DnsServer> {
  try {
    return await startDnsServer({ address, port, ...asked });
  } catch (error) {
    if (!(error instanceof DnsListenError)) throw error;
    // Of 127.0.0.0/8, macOS has 127.0.0.1 alone.
    if (error.code === 'EADDRNOTAVAIL' && orElse !== undefined) {
      log.info({ address, reason: error.message }, `Cannot bind to the usual address, trying ${orElse}`);
      return openPlain({ address: orElse, port }, asked, log);
    }
    if (port !== DNS_PORT || !isPortTrouble(error)) throw error;
    log.warn({ address, reason: error.message }, 'Cannot bind to port 53, trying high port');
    return openHigh(address, asked, error);
  }
}

async function openHigh(address: Address, asked: Asked, first: DnsListenError): Promise<DnsServer> {
  try {
    return await startDnsServer({ address, port: HIGH_PORT, ...asked });
  } catch (error) {
    if (!(error instanceof DnsListenError)) throw error;
    throw new NoPortError(
      `${first.message} ${error.message} Free one of the two, or name another address or port under "listen".`,
    );
  }
}

class NoPortError extends Error {}

/** What keeps sockets from being opened, as a sentence; null where nothing does. */
async function sentenceOf(work: () => Promise<void>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof NoPortError) return error.message;
    if (!(error instanceof DnsListenError)) throw error;
    const mend = MENDS[error.code];
    return mend === undefined ? error.message : `${error.message} ${mend}`;
  }
}

const MENDS: Partial<Record<string, string>> = {
  EADDRINUSE: 'End that one, or name another address or port under "listen".',
  EACCES: 'Give it the right (CAP_NET_BIND_SERVICE), or name another port under "listen".',
  EADDRNOTAVAIL: 'Name one of its own under "listen".',
};

/** An address that this machine does not have is none on another port either. */
function isPortTrouble({ code }: DnsListenError): boolean {
  return code === 'EADDRINUSE' || code === 'EACCES';
}

/** The address that stands in for another is none that somebody named. */
function isOpenFor({ wanted, server }: Open, { address, port, orElse }: DnsListenAddress): boolean {
  const isSame = wanted.address === address && wanted.port === port;
  return isSame && (wanted.orElse === orElse || server.address === address);
}

async function closeAll(listeners: readonly Open[]): Promise<void> {
  await Promise.all(listeners.map(({ server }) => server.close()));
}
