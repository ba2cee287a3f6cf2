// Reads one record written as in a zone file: a name, a type and its value.
import { familyOf, parseAddress } from '#server/core/address.ts';
import { CLASS, type RecordData, type ResourceRecord } from './message.ts';
import { type Name, nameFromLabels, parseName } from './name.ts';

export type RecordTextResult = { kind: 'record'; record: ResourceRecord } | { kind: 'invalid'; problem: string };

const MAX_TTL_SECONDS = 2 ** 31 - 1;

export function readRecordText(
  line: { name: string; type: string; value: string; ttlSeconds?: number },
  origin: Name,
  defaultTtlSeconds: number,
): RecordTextResult {
  const { ttlSeconds = defaultTtlSeconds } = line;
  const name = readName(line.name, origin);
  if (name === null) return { kind: 'invalid', problem: `${line.name} is no name` };
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < 0 || ttlSeconds > MAX_TTL_SECONDS)
    return { kind: 'invalid', problem: `${line.name} has no valid TTL` };
  const data = readValue(line.type, line.value.trim(), origin);
  if (data === null)
    return { kind: 'invalid', problem: `${line.name} has a value that is no ${line.type}: ${line.value}` };
  return { kind: 'record', record: { name, class: CLASS.IN, ttlSeconds, data } };
}

function readName(text: string, origin: Name): Name | null {
  if (text === '@') return origin;
  const name = parseName(text);
  if (name === null || isAbsolute(text)) return name;
  return nameFromLabels([...name, ...origin]);
}

function isAbsolute(text: string): boolean {
  const backslashes = /(\\*)\.$/.exec(text)?.[1];
  return backslashes !== undefined && backslashes.length % 2 === 0;
}

function readValue(type: string, value: string, origin: Name): RecordData | null {
  const words = value.split(/\s+/);
  switch (type) {
    case 'A':
    case 'AAAA': {
      const address = parseAddress(value);
      if (address === null || familyOf(address) !== (type === 'A' ? 4 : 6)) return null;
      return { kind: type === 'A' ? 'a' : 'aaaa', address };
    }
    case 'CNAME':
    case 'NS':
    case 'PTR': {
      const target = readName(value, origin);
      const kind = ({ CNAME: 'cname', NS: 'ns', PTR: 'ptr' } as const)[type];
      return target === null ? null : { kind, target };
    }
    case 'TXT':
      return { kind: 'txt', strings: chunksOf(Buffer.from(value)) };
    case 'MX': {
      const [preference] = readNumbers(words, 1);
      const exchange = readName(words[1] ?? '', origin);
      return preference === undefined || exchange === null || words.length !== 2
        ? null
        : { kind: 'mx', preference, exchange };
    }
    case 'SRV': {
      const [priority, weight, port] = readNumbers(words, 3);
      const target = readName(words[3] ?? '', origin);
      if (priority === undefined || weight === undefined || port === undefined || target === null || words.length !== 4)
        return null;
      return { kind: 'srv', priority, weight, port, target };
    }
    default:
      return null;
  }
}

/** The first `count` words as 16-bit numbers, or none at all. */
function readNumbers(words: readonly string[], count: number): number[] {
  const numbers = words.slice(0, count).map(Number);
  return numbers.every((value) => Number.isInteger(value) && value >= 0 && value <= 0xffff) ? numbers : [];
}

/** RFC 1035 §3.3: a character string holds at most 255 octets. */
function chunksOf(bytes: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += 255) chunks.push(bytes.subarray(at, at + 255));
  return chunks;
}
