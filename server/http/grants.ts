// Reads and writes grant cookies; remembers what it opened, since a browser sends the same one with every request.
import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { App } from '#server/core/app.ts';
import {
  type Grant,
  type GrantKey,
  grantKey,
  grantTag,
  type OpenedGrant,
  openGrant,
  sealGrant,
  tagFor,
} from '#server/core/grant.ts';
import type { Hostname } from '#server/core/hostname.ts';
import { ownText } from '#server/core/own-text.ts';
import { NONCE_BYTES } from '#server/core/seal.ts';
import type { Snapshot } from '#server/core/snapshot.ts';
import type { SignedAssertion } from './assertion.ts';
import { GRANT_COOKIE, readCookie } from './cookies.ts';

const MAX_REMEMBERED = 200_000;
const TAGS_PER_SLICE = 200;

/** A grant that was opened, and what its person was signed for the app last. One for each that is remembered. */
export type Seat = { readonly kind: 'grant'; readonly grant: Grant; signed: SignedAssertion | null };

type Owner = { appId: string; host: Hostname };
export type ReadGrant = Seat | Exclude<OpenedGrant, { kind: 'grant' }> | { kind: 'none' };

/** Tag → whose grants carry it. */
type Owners = ReadonlyMap<string, Owner>;

export class Grants {
  readonly #secret: Buffer;
  readonly #keys = new Map<string, GrantKey>();
  readonly #opened = new Map<string, Seat>();
  readonly #over = new Set<string>();
  readonly #owners = new WeakMap<Snapshot, Promise<Owners>>();

  constructor(secret: Buffer) {
    this.#secret = secret;
  }

  /** The grant that a request carries for this app and host. */
  read(headers: readonly string[], app: App, host: Hostname, now: number): ReadGrant {
    const value = readCookie(headers, GRANT_COOKIE);
    if (value === null) return { kind: 'none' };
    // Sealed for one app and host: nobody else's opens here, remembered or not.
    const known = this.#opened.get(value);
    if (known?.grant.appId === app.id && known.grant.host === host && now < known.grant.expiresAt) return known;
    // A clock that is set back revives none that was seen to be over.
    if (this.#over.has(value)) return { kind: 'expired', over: null };
    const opened = openGrant(this.#key(app.id, host), value, app.id, host, now);
    if (opened.kind === 'grant') return this.#remember(value, opened.grant);
    if (opened.kind === 'expired' && opened.over !== null) this.#forget(value);
    return opened;
  }

  seal(grant: Grant): string {
    return sealGrant(this.#key(grant.appId, grant.host), randomBytes(NONCE_BYTES), grant);
  }

  /** A grant that is genuine but of another app or host than the one it was brought to: a replay. Null otherwise. */
  async readForeign(headers: readonly string[], snapshot: Snapshot, now: number): Promise<Grant | null> {
    const value = readCookie(headers, GRANT_COOKIE);
    if (value === null) return null;
    const owner = (await this.#ownersIn(snapshot)).get(grantTag(value));
    if (!owner) return null;
    const opened = openGrant(this.#key(owner.appId, owner.host), value, owner.appId, owner.host, now);
    return opened.kind === 'grant' ? opened.grant : null;
  }

  #ownersIn(snapshot: Snapshot): Promise<Owners> {
    const known = this.#owners.get(snapshot);
    if (known) return known;
    const owners = this.#indexOwners(snapshot);
    this.#owners.set(snapshot, owners);
    return owners;
  }

  /** One lookup for a bad cookie however many apps there are; made once a snapshot, in slices, since a tag takes 12 µs. */
  async #indexOwners(snapshot: Snapshot): Promise<Owners> {
    const owners: Map<string, Owner> = new Map();
    for (const [host, { id }] of snapshot.appsByHost) {
      owners.set(tagFor(this.#secret, id, host), { appId: id, host });
      if (owners.size % TAGS_PER_SLICE === 0) await nextTurn();
    }
    return owners;
  }

  #key(appId: string, host: Hostname): GrantKey {
    const id = `${host} ${appId}`;
    const known = this.#keys.get(id);
    if (known) return known;
    const key = grantKey(this.#secret, appId, host);
    if (this.#keys.size >= MAX_REMEMBERED) this.#keys.clear();
    this.#keys.set(id, key);
    return key;
  }

  #forgetOldest(): void {
    const oldest = this.#opened.keys().next().value;
    if (oldest !== undefined) this.#opened.delete(oldest);
  }

  #forget(value: string): void {
    this.#opened.delete(value);
    if (this.#over.size >= MAX_REMEMBERED) this.#over.clear();
    this.#over.add(ownText(value));
  }

  #remember(value: string, grant: Grant): Seat {
    if (this.#opened.size >= MAX_REMEMBERED) this.#forgetOldest();
    const seat: Seat = { kind: 'grant', grant, signed: null };
    this.#opened.set(ownText(value), seat);
    return seat;
  }
}
