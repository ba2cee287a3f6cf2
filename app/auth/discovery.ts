// Discovery documents and keys of providers, fetched once in a while: anybody may begin a sign-in, and none of that may become a flood at the provider.
import { custom, type HttpOptions, Issuer } from 'openid-client';

type Discover = (address: string) => Promise<Issuer>;

const KEPT_MS = 10 * 60_000;
/** A provider that does not answer is asked again after this long, and meanwhile nobody waits for it. */
const FAILED_MS = 5_000;
const MAX_KEPT = 100;

/** One request for each address and time, however many ask; the key sets that hang on an issuer are kept with it. `now`: steady milliseconds. */
export function keepingDiscoveries(discover: Discover, now: () => number): Discover {
  const kept = new Map<string, { found: Promise<Issuer>; until: number }>();
  return (address) => {
    const known = kept.get(address);
    if (known && now() < known.until) return known.found;
    const entry = { found: discover(address), until: now() + KEPT_MS };
    entry.found.catch(() => {
      entry.until = now() + FAILED_MS;
    });
    kept.delete(address);
    kept.set(address, entry);
    for (const oldest of kept.keys()) {
      if (kept.size <= MAX_KEPT) break;
      kept.delete(oldest);
    }
    return entry.found;
  };
}

const MARK = Symbol.for('foyer.discovery');

/** How a request to a provider is made, by its URL. */
type Asking = (url: URL) => HttpOptions;
/** What openid-client looks for such a function on: the class for discovery, an issuer for its keys, a client for tokens and claims. */
type Asker = { [custom.http_options]?: Asking };

/** next-auth asks this class, anew for each step of each sign-in, and knows no other way. Done once for each copy of the class. */
export function keepDiscoveries(asking: Asking): void {
  const shared = Issuer as typeof Issuer & { [MARK]?: true };
  if (shared[MARK]) return;
  shared[MARK] = true;
  askBy(asking, Issuer, Issuer.prototype);
  const discover = Issuer.discover.bind(Issuer);
  shared.discover = keepingDiscoveries(
    async (address) => {
      const issuer = await discover(address);
      askBy(asking, issuer.Client.prototype);
      return issuer;
    },
    () => performance.now(),
  );
}

function askBy(asking: Asking, ...askers: object[]): void {
  for (const asker of askers as Asker[]) asker[custom.http_options] = asking;
}
