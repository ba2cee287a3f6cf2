// Where this machine is itself, as the dialer's checks have it: the same object while nothing of it changed.
import { isDeepStrictEqual } from 'node:util';
import type { Endpoint } from '#server/core/app.ts';
import type { OwnHost } from '#server/core/check-address.ts';
import { machineAddresses } from '#server/machine-addresses.ts';

/** A machine's addresses change without telling, and asking the kernel for them costs as much as several requests. */
const AGAIN_MS = 1_000;

/** `listeners`: where Foyer itself listens. */
export function watchOwnHost({ listeners, now }: { listeners(): readonly Endpoint[]; now(): number }): () => OwnHost {
  const read = (): OwnHost => ({ listeners: [...listeners()], addresses: machineAddresses() });
  let known = read();
  let readAt = now();
  return () => {
    const age = now() - readAt;
    // A clock that was set back would keep it for as long.
    if (age >= 0 && age < AGAIN_MS) return known;
    readAt = now();
    const found = read();
    if (!isDeepStrictEqual(found, known)) known = found;
    return known;
  };
}
