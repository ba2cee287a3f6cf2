// Foyer's own unguessable names for apps: what each app's is, and which app a name belongs to.
import { createHmac } from 'node:crypto';
import type { Address } from './address.ts';
import { type Hostname, isWithin, parseHostname } from './hostname.ts';
import { deriveKey, type SealKey } from './seal.ts';

/** What an administrator decides about aliases. The zone is delegated to `nameServers`; aliases lead to `addresses`. */
export type AliasSetting = {
  zone: Hostname | null;
  addresses: readonly Address[];
  nameServers: readonly Hostname[];
};

/** The alias of every app while a zone is delegated. `apps` is `byApp` the other way round. */
export type Aliases = Omit<AliasSetting, 'zone'> & {
  zone: Hostname;
  byApp: ReadonlyMap<string, Hostname>;
  apps: ReadonlyMap<Hostname, string>;
};

/** 160 bits in 32 letters: nobody finds another app's by trying. */
const LABEL_BYTES = 20;
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

export function aliasKey(secret: Buffer): SealKey {
  return deriveKey(secret, 'alias');
}

/** The same for an app as long as `round` is, whatever the app is called: an HMAC-SHA-256 in lower-case base32 (RFC 4648 §6). */
export function aliasLabel(key: SealKey, appId: string, round: number): string {
  return base32(createHmac('sha256', key).update(`${appId}\0${round}`).digest().subarray(0, LABEL_BYTES));
}

/** Null while no zone is delegated. `rounds`: how often each app has been given a new alias. `labelOf`: as `aliasLabel` has it. */
export function aliasesOf(
  setting: AliasSetting,
  rounds: ReadonlyMap<string, number>,
  labelOf: (appId: string, round: number) => string,
): Aliases | null {
  const { zone } = setting;
  if (zone === null) return null;
  const byApp = new Map<string, Hostname>();
  const apps = new Map<Hostname, string>();
  for (const [appId, round] of rounds) {
    // The label is one, and the schema leaves room for it before the zone.
    const alias = `${labelOf(appId, round)}.${zone}` as Hostname;
    byApp.set(appId, alias);
    apps.set(alias, appId);
  }
  return { ...setting, zone, byApp, apps };
}

/** Where a name leads by what Foyer knows: to this app, to another one, to an alias that nobody has (any more), or out of the zone. */
export function aliasOwner(
  aliases: Aliases | null,
  name: Hostname,
  appId: string | null,
): 'own' | 'other' | 'nobody' | 'outside' {
  if (aliases === null || !isWithin(name, aliases.zone)) return 'outside';
  const owner = aliases.apps.get(name);
  if (owner === undefined) return 'nobody';
  return owner === appId ? 'own' : 'other';
}

/** Whose aliases the records of a way lead to, the worst of them; null where none is in the zone. */
export function aliasOnWay(
  aliases: Aliases | null,
  hops: readonly { type: string; value: string }[],
  appId: string | null,
): 'own' | 'other' | 'nobody' | null {
  const owners = hops.flatMap(({ type, value }) => {
    const target = type === 'CNAME' ? parseHostname(value) : null;
    return target ? [aliasOwner(aliases, target, appId)] : [];
  });
  return (['other', 'nobody', 'own'] as const).find((owner) => owners.includes(owner)) ?? null;
}

/** What an app's public names are CNAMEs of; null where neither a zone is delegated nor the gateway has a name. */
export function publicTarget<Name extends string>(
  aliases: Aliases | null,
  appId: string | null,
  gatewayName: Name | null,
): Name | Hostname | null {
  return (appId === null ? undefined : aliases?.byApp.get(appId)) ?? gatewayName;
}

function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += BASE32[(value >>> (bits - 5)) & 31];
    value &= 31;
  }
  return bits === 0 ? text : text + BASE32[(value << (5 - bits)) & 31];
}
