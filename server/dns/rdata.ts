// The data of one record, to and from the wire.
import { addressBytes, addressOf } from '#server/core/address.ts';
import { CLASS, type RecordData, type ServiceParam, TYPE } from './message.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** Reads exactly `length` octets. Data that does not fill them, or runs past them, fails the reader. */
export function readData(reader: Reader, type: number, recordClass: number, length: number): RecordData {
  const outerEnd = reader.end;
  if (reader.at + length > outerEnd) reader.fail('record data runs past the end');
  const end = reader.failure === null ? reader.at + length : reader.at;
  reader.end = end;
  const data =
    recordClass === CLASS.IN
      ? readKnown(reader, type, length)
      : { kind: 'unknown' as const, type, bytes: reader.take(length) };
  if (reader.failure === null && reader.at !== end) reader.fail('record data is longer than its type');
  reader.end = outerEnd;
  return data;
}

export function writeData(writer: Writer, data: RecordData): void {
  switch (data.kind) {
    case 'a':
    case 'aaaa':
      writer.raw(addressBytes(data.address));
      break;
    case 'cname':
    case 'ns':
    case 'ptr':
      writer.name(data.target, 'compressed');
      break;
    case 'soa':
      writer.name(data.mname, 'compressed');
      writer.name(data.rname, 'compressed');
      for (const value of [data.serial, data.refresh, data.retry, data.expire, data.minimum]) writer.u32(value);
      break;
    case 'mx':
      writer.u16(data.preference);
      writer.name(data.exchange, 'compressed');
      break;
    case 'txt':
      for (const string of data.strings) {
        writer.u8(string.length);
        writer.raw(string);
      }
      break;
    case 'srv':
      for (const value of [data.priority, data.weight, data.port]) writer.u16(value);
      writer.name(data.target, 'plain'); // RFC 2782, "Target"
      break;
    case 'svcb':
    case 'https':
      writer.u16(data.priority);
      writer.name(data.target, 'plain'); // RFC 9460 §2.2
      for (const param of data.params) {
        writer.u16(param.key);
        writer.u16(param.value.length);
        writer.raw(param.value);
      }
      break;
    case 'unknown':
      writer.raw(data.bytes);
      break;
    default:
      data satisfies never;
  }
}

function readKnown(reader: Reader, type: number, length: number): RecordData {
  switch (type) {
    case TYPE.A:
      return { kind: 'a', address: readAddress(reader, length, 4) };
    case TYPE.AAAA:
      return { kind: 'aaaa', address: readAddress(reader, length, 16) };
    case TYPE.CNAME:
      return { kind: 'cname', target: reader.name('allowed') };
    case TYPE.NS:
      return { kind: 'ns', target: reader.name('allowed') };
    case TYPE.PTR:
      return { kind: 'ptr', target: reader.name('allowed') };
    case TYPE.SOA:
      return {
        kind: 'soa',
        mname: reader.name('allowed'),
        rname: reader.name('allowed'),
        serial: reader.u32(),
        refresh: reader.u32(),
        retry: reader.u32(),
        expire: reader.u32(),
        minimum: reader.u32(),
      };
    case TYPE.MX:
      return { kind: 'mx', preference: reader.u16(), exchange: reader.name('allowed') };
    case TYPE.TXT:
      return { kind: 'txt', strings: readStrings(reader) };
    case TYPE.SRV:
      // RFC 3597 §4: a receiver also understands a compressed target, which RFC 2052 allowed.
      return {
        kind: 'srv',
        priority: reader.u16(),
        weight: reader.u16(),
        port: reader.u16(),
        target: reader.name('allowed'),
      };
    case TYPE.SVCB:
    case TYPE.HTTPS:
      return {
        kind: type === TYPE.SVCB ? 'svcb' : 'https',
        priority: reader.u16(),
        target: reader.name('refused'),
        params: readParams(reader),
      };
    default:
      return { kind: 'unknown', type, bytes: NAMES_OF.has(type) ? plainNames(reader, type) : reader.take(length) };
  }
}

/** How many names MD, MF, MB, MG, MR and MINFO consist of (RFC 1035 §3.3). */
const NAMES_OF: ReadonlyMap<number, number> = new Map([
  [3, 1],
  [4, 1],
  [7, 1],
  [8, 1],
  [9, 1],
  [14, 2],
]);

/** RFC 3597 §4: these may come compressed as well, and a pointer into one message means nothing in another. */
function plainNames(reader: Reader, type: number): Uint8Array {
  const names = Array.from({ length: NAMES_OF.get(type) ?? 0 }, () => reader.name('allowed'));
  const written = names.flatMap((name) => [...name.map((label) => String.fromCharCode(label.length) + label), '\0']);
  return new Uint8Array(Buffer.from(written.join(''), 'latin1'));
}

function readAddress(reader: Reader, length: number, expected: 4 | 16) {
  if (length !== expected) reader.fail('address of the wrong length');
  const bytes = reader.take(expected);
  return addressOf(reader.failure === null ? bytes : new Uint8Array(expected));
}

/** RFC 1035 §3.3.14: one or more strings. */
function readStrings(reader: Reader): Uint8Array[] {
  const strings: Uint8Array[] = [];
  do strings.push(reader.take(reader.u8()));
  while (reader.at < reader.end);
  return strings;
}

/** RFC 9460 §2.2: keys rise strictly, so one that is twice there or out of order is malformed. */
function readParams(reader: Reader): ServiceParam[] {
  const params: ServiceParam[] = [];
  let previous = -1;
  while (reader.at < reader.end) {
    const key = reader.u16();
    const value = reader.take(reader.u16());
    if (key <= previous) reader.fail('service parameters out of order');
    previous = key;
    params.push({ key, value });
  }
  return params;
}
