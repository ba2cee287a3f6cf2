// Hundreds of thousands of domain names in two arrays: which rule covers a name, found label by label without allocating.

import { MAX_NAME_OCTETS, type Name, nameText } from './name.ts';
import { type DomainSet, NO_DOMAINS } from './names.ts';

/** What a rule covers: the name alone, all that lies below it, or both. */
export const COVERS = { name: 1, below: 2, both: 3 } as const;
export type Covers = (typeof COVERS)[keyof typeof COVERS];

export type DomainSetBuilder = {
  /** How many different names there are so far. */
  readonly size: number;
  /** A name that comes again covers what all its rules cover. The root is no rule: it would be every name there is. */
  add(name: Name, covers: Covers): void;
  /** The builder is not to be used after this. */
  finish(): DomainSet;
};

const FIRST_SLOTS = 64;
const FIRST_OCTETS = 1_024;
/** Octet count and what is covered, before each name's own octets. */
const ENTRY_HEAD = 2;
const COVERS_AT = 1;

/**
 * An open hash table. Each entry is its length, what it covers, and the name's labels from the top down, lower case, each behind its length: the
 * hash of `example.com` is a step on the way to that of `ads.example.com`.
 */
export function buildDomainSet(): DomainSetBuilder {
  let hashes = new Uint32Array(FIRST_SLOTS);
  /** Where the entry begins, plus one; 0 for a free slot. */
  let entries = new Uint32Array(FIRST_SLOTS);
  let octets = new Uint8Array(FIRST_OCTETS);
  let end = 0;
  let size = 0;

  const slotOf = (name: Name, first: number, hash: number): number => {
    const mask = entries.length - 1;
    let slot = hash & mask;
    for (let entry = entries[slot]; entry !== 0 && entry !== undefined; entry = entries[slot]) {
      if (hashes[slot] === hash && isEntryOf(octets, entry - 1, name, first)) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  };

  const growTable = () => {
    const [oldHashes, oldEntries] = [hashes, entries];
    hashes = new Uint32Array(oldEntries.length * 2);
    entries = new Uint32Array(oldEntries.length * 2);
    const mask = entries.length - 1;
    for (const [at, entry] of oldEntries.entries()) {
      if (entry === 0) continue;
      const hash = oldHashes[at] ?? 0;
      let slot = hash & mask;
      while (entries[slot] !== 0) slot = (slot + 1) & mask;
      hashes[slot] = hash;
      entries[slot] = entry;
    }
  };

  const makeRoom = () => {
    if (end + ENTRY_HEAD + MAX_NAME_OCTETS <= octets.length) return;
    const larger = new Uint8Array(Math.ceil(octets.length * 1.5) + MAX_NAME_OCTETS);
    larger.set(octets);
    octets = larger;
  };

  const match = (name: Name): string | null => {
    let hash = HASH_SEED;
    for (let first = name.length - 1; first >= 0; first--) {
      hash = hashLabel(hash, name[first] ?? '');
      const entry = entries[slotOf(name, first, spread(hash))] ?? 0;
      if (entry === 0) continue;
      const covers = octets[entry - 1 + COVERS_AT] ?? 0;
      if (first === 0 ? covers & COVERS.name : covers & COVERS.below) return ruleText(name, first);
    }
    return null;
  };

  return {
    get size() {
      return size;
    },
    add(name, covers) {
      if (name.length === 0) return;
      let hash = HASH_SEED;
      for (let at = name.length - 1; at >= 0; at--) hash = hashLabel(hash, name[at] ?? '');
      if (size * 2 >= entries.length) growTable();
      const slot = slotOf(name, 0, spread(hash));
      const entry = entries[slot] ?? 0;
      if (entry !== 0) {
        octets[entry - 1 + COVERS_AT] = (octets[entry - 1 + COVERS_AT] ?? 0) | covers;
        return;
      }
      makeRoom();
      hashes[slot] = spread(hash);
      entries[slot] = end + 1;
      end = writeEntry(octets, end, name, covers);
      size++;
    },
    finish() {
      octets = octets.slice(0, end);
      return size === 0 ? NO_DOMAINS : { size, match };
    },
  };
}

/** Whoever asks why is told in which list the rule stands. */
export function namedSet(domains: DomainSet, list: string): DomainSet {
  if (domains.size === 0) return NO_DOMAINS;
  return {
    size: domains.size,
    match(name) {
      const rule = domains.match(name);
      return rule === null ? null : `${rule} in ${list}`;
    },
  };
}

/** Several lists as one; the first that covers a name says by which rule. */
export function unionOf(sets: readonly DomainSet[]): DomainSet {
  const filled = sets.filter((set) => set.size > 0);
  const [only] = filled;
  if (only === undefined) return NO_DOMAINS;
  if (filled.length === 1) return only;
  return {
    size: filled.reduce((sum, set) => sum + set.size, 0),
    match(name) {
      for (const set of filled) {
        const rule = set.match(name);
        if (rule !== null) return rule;
      }
      return null;
    },
  };
}

function ruleText(name: Name, first: number): string {
  const text = nameText(name.slice(first) as readonly string[] as Name).toLowerCase();
  return first === 0 ? text : `*.${text}`;
}

function writeEntry(octets: Uint8Array, start: number, name: Name, covers: Covers): number {
  let at = start + ENTRY_HEAD;
  for (let label = name.length - 1; label >= 0; label--) {
    const text = name[label] ?? '';
    octets[at++] = text.length;
    for (let i = 0; i < text.length; i++) octets[at++] = folded(text.charCodeAt(i));
  }
  octets[start] = at - start - ENTRY_HEAD;
  octets[start + COVERS_AT] = covers;
  return at;
}

/** Reports whether the entry is the name without the labels before `first`. */
function isEntryOf(octets: Uint8Array, start: number, name: Name, first: number): boolean {
  let at = start + ENTRY_HEAD;
  const end = at + (octets[start] ?? 0);
  for (let label = name.length - 1; label >= first; label--) {
    const text = name[label] ?? '';
    if (at >= end || octets[at++] !== text.length) return false;
    for (let i = 0; i < text.length; i++) if (octets[at++] !== folded(text.charCodeAt(i))) return false;
  }
  return at === end;
}

/** RFC 4343: only A–Z fold. */
function folded(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code | 0x20 : code;
}

const HASH_SEED = 0x811c9dc5;
const HASH_PRIME = 0x01000193;

/** FNV-1a, the label's length first. */
function hashLabel(hash: number, label: string): number {
  let next = Math.imul(hash ^ label.length, HASH_PRIME);
  for (let i = 0; i < label.length; i++) next = Math.imul(next ^ folded(label.charCodeAt(i)), HASH_PRIME);
  return next;
}

/** The low bits choose the slot, so the high ones have to reach them. */
function spread(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}
