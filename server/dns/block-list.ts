// Reads a list of domains in the formats that block lists come in, piece by piece, and refuses what is no list. Pure: bytes in, a set or a sentence out.
import { StringDecoder } from 'node:string_decoder';
import { domainToASCII } from 'node:url';
import { parseAddress } from '#server/core/address.ts';
import { buildDomainSet, COVERS, type Covers } from './domain-set.ts';
import { type Name, nameFromLabels } from './name.ts';
import type { DomainSet } from './names.ts';

/** Limits of one list. Longer lines are skipped; a larger file, or one with more names, is refused whole. */
export const MAX_LIST_BYTES = 64 * 1024 * 1024;
export const MAX_LIST_NAMES = 1_000_000;
const MAX_LINE_CHARACTERS = 1_024;

/** Below so many names a list is small enough to be edited by hand, where halving it is nothing strange. */
const SUDDEN_FROM_NAMES = 1_000;

/** `unsupported`: rules that DNS cannot follow, or that this reader does not, such as regular expressions; `unreadable`: no rule at all. */
export type ListCounts = { names: number; unsupported: number; unreadable: number };

export type ListResult =
  | { kind: 'list'; domains: DomainSet; counts: ListCounts }
  /** `sentence` goes on behind the name of the file: “is empty.” */
  | { kind: 'refused'; sentence: string };

export type ListReader = {
  /** A sentence as soon as the list is refused; nothing more need be pushed then. */
  push(chunk: Uint8Array): string | null;
  end(): ListResult;
};

export function createListReader(): ListReader {
  const decoder = new StringDecoder('utf8');
  const builder = buildDomainSet();
  let octets = 0;
  let rest = '';
  let isSkipping = false;
  let unsupported = 0;
  let unreadable = 0;
  let refusal: string | null = null;

  const take = (line: string) => {
    const read = readLine(line);
    if (read === 'unsupported') unsupported++;
    else if (read === 'unreadable') unreadable++;
    else for (const { name, covers } of read) builder.add(name, covers);
  };

  /** What is left of a line that is too long already is dropped as it comes. */
  const split = (text: string) => {
    const lines = text.split('\n');
    const last = lines.pop() ?? '';
    for (const [at, line] of lines.entries()) {
      const whole = at === 0 ? rest + line : line;
      if (at === 0 && isSkipping) unreadable++;
      else take(whole);
    }
    if (lines.length > 0) isSkipping = false;
    rest = lines.length > 0 ? last : rest + last;
    if (rest.length > MAX_LINE_CHARACTERS) isSkipping = true;
    if (isSkipping) rest = '';
  };

  return {
    push(chunk) {
      if (refusal !== null || chunk.length === 0) return refusal;
      refusal = octets === 0 ? noList(chunk) : null;
      octets += chunk.length;
      if (octets > MAX_LIST_BYTES) refusal ??= `is larger than ${MAX_LIST_BYTES / 1024 / 1024} MB.`;
      if (chunk.includes(0)) refusal ??= 'holds NUL bytes, so it is no text.';
      if (refusal === null) split(decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)));
      if (builder.size > MAX_LIST_NAMES) refusal ??= `holds more than ${MAX_LIST_NAMES.toLocaleString('en')} names.`;
      return refusal;
    },
    end() {
      if (refusal === null) split(`${decoder.end()}\n`);
      if (octets === 0) refusal ??= 'is empty.';
      const counts = { names: builder.size, unsupported, unreadable };
      if (unreadable > builder.size)
        refusal ??= `is no list of domains: ${unreadable} lines cannot be read, ${builder.size} ${builder.size === 1 ? 'name' : 'names'} can.`;
      return refusal === null
        ? { kind: 'list', domains: builder.finish(), counts }
        : { kind: 'refused', sentence: refusal };
    },
  };
}

/** A download that was cut off, or another list under the old name, must not take the place of a good one. `before` is null where there was none. */
export function suddenChange(before: number | null, after: number): string | null {
  if (before === null || Math.max(before, after) < SUDDEN_FROM_NAMES) return null;
  const [was, is] = [before.toLocaleString('en'), after.toLocaleString('en')];
  if (after < before / 2) return `had ${was} names and now has ${is}, less than half.`;
  if (after > before * 10) return `had ${was} names and now has ${is}, more than ten times as many.`;
  return null;
}

/** What the first bytes give away. */
function noList(chunk: Uint8Array): string | null {
  const [first = 0, second = 0] = chunk;
  if (first === 0x1f && second === 0x8b) return 'is compressed (gzip): unpack it first.';
  if (first === 0x50 && second === 0x4b) return 'is an archive (zip): unpack it first.';
  const start = Buffer.from(chunk.subarray(0, 200)).toString('utf8').replace('\ufeff', '').trimStart();
  return start.startsWith('<') ? 'is a page of HTML or XML, perhaps an error message in place of the list.' : null;
}

type Rule = { name: Name; covers: Covers };
type ReadLine = readonly Rule[] | 'unsupported' | 'unreadable';

function readLine(text: string): ReadLine {
  if (text.length > MAX_LINE_CHARACTERS) return 'unreadable';
  const line = text.replace('\ufeff', '').trim();
  if (line === '' || line.startsWith('!') || line.startsWith('[')) return [];
  // `example.com##.banner` hides a part of a page; a comment's sign stands at the start or behind a blank.
  if (/^[^\s#]*#[@?$%]?#/.test(line) && !line.startsWith('#')) return 'unsupported';
  const rule = line.replace(/(^|\s)#.*$/, '').trim();
  if (rule === '') return [];
  if (rule.startsWith('@@') || (rule.startsWith('/') && rule.endsWith('/'))) return 'unsupported';
  if (rule.startsWith('|')) return adblockRule(rule);
  if (/^(address|local|server)=/.test(rule)) return dnsmasqRule(rule);
  const words = rule.split(/\s+/);
  const [first = ''] = words;
  if (words.length > 1) return hostsRule(first, words.slice(1));
  if (parseAddress(first) !== null) return 'unsupported';
  return domainRule(first);
}

/** `||example.com^` is the domain and all below it. What says more (`$…`, a path, a star within) means something else, and is not guessed at. */
function adblockRule(rule: string): ReadLine {
  const text = /^\|\|([^^|/$*]+)\^$/.exec(rule)?.[1];
  const below = /^\|\|\*\.([^^|/$*]+)\^$/.exec(rule)?.[1];
  if (text === undefined && below === undefined) return 'unsupported';
  return ruleFor(text ?? below ?? '', text === undefined ? COVERS.below : COVERS.both);
}

/**
 * dnsmasq(8): `/a/b/` names domains with all below them. `address` with an address is an answer, and no block unless that leads nowhere. `server`
 * and `local` with anything behind send questions to a server, and `#` to the usual ones: what is an exception from a block in a list.
 */
function dnsmasqRule(rule: string): ReadLine {
  const [, option, domains, target = ''] = /^([a-z]+)=\/(.+)\/([^/]*)$/.exec(rule) ?? [];
  if (domains === undefined) return 'unreadable';
  const blocks = target === '' || (option === 'address' && (target === '#' || isNowhere(target)));
  if (!blocks) return 'unsupported';
  return combined(domains.split('/').map((domain) => ruleFor(domain, COVERS.both)));
}

/** A hosts file names hosts: each covers itself alone, as in AdGuard Home and Pi-hole. */
function hostsRule(literal: string, names: readonly string[]): ReadLine {
  if (parseAddress(literal.split('%')[0] ?? '') === null) return 'unreadable';
  const hosts = names.filter((name) => !OWN_NAMES.has(name.toLowerCase()));
  if (hosts.length === 0) return [];
  if (!isNowhere(literal)) return 'unsupported';
  return combined(hosts.map((host) => (host.includes('.') ? ruleFor(host, COVERS.name) : 'unsupported')));
}

/** `*.example.com` is all below it; `example.com` and `.example.com` are the domain too. A single word is more likely a stray one than a top-level domain. */
function domainRule(word: string): ReadLine {
  if (word.startsWith('*.')) return word.indexOf('*', 1) > 0 ? 'unsupported' : ruleFor(word.slice(2), COVERS.below);
  if (word.includes('*')) return 'unsupported';
  const text = word.startsWith('.') ? word.slice(1) : word;
  return text.replace(/\.$/, '').includes('.') ? ruleFor(text, COVERS.both) : 'unreadable';
}

function ruleFor(text: string, covers: Covers): ReadLine {
  const ascii = /^[\x21-\x7e]*$/.test(text) ? text.toLowerCase() : domainToASCII(text);
  const plain = ascii.endsWith('.') ? ascii.slice(0, -1) : ascii;
  if (!/^[a-z0-9_.-]+$/.test(plain)) return 'unreadable';
  const name = nameFromLabels(plain.split('.'));
  return name === null ? 'unreadable' : [{ name, covers }];
}

/** Part of a line is worth as much as the line: the first that is no rule says what it is. */
function combined(read: readonly ReadLine[]): ReadLine {
  const problem = read.find((each) => typeof each === 'string');
  return problem ?? read.flatMap((each) => (typeof each === 'string' ? [] : each));
}

function isNowhere(text: string): boolean {
  return text === '0.0.0.0' || text === '::' || text === '::1' || /^127\.\d+\.\d+\.\d+$/.test(text);
}

/** What every hosts file says of the machine itself. */
const OWN_NAMES: ReadonlySet<string> = new Set([
  'localhost',
  'localhost.localdomain',
  'local',
  'broadcasthost',
  'ip6-localhost',
  'ip6-loopback',
  'ip6-localnet',
  'ip6-mcastprefix',
  'ip6-allnodes',
  'ip6-allrouters',
  'ip6-allhosts',
  '0.0.0.0',
]);
