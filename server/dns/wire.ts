// DNS messages to and from bytes: strict on what it reads, compressing in what it writes.
import type { Edns, Header, Message, Question, ResourceRecord } from './message.ts';
import { OPCODE, TYPE, typeOf } from './message.ts';
import { ROOT } from './name.ts';
import { readData, writeData } from './rdata.ts';
import { HEADER_OCTETS, Reader } from './reader.ts';
import { Writer } from './writer.ts';

/** `header` is there when at least the first twelve octets are, so that a server can answer FORMERR. */
export type Decoded =
  | { kind: 'message'; message: Message }
  | { kind: 'malformed'; reason: string; header: Header | null };

const MAX_MESSAGE_OCTETS = 65535;

/** All of `bytes` is one message, or it is malformed, by the first thing that is wrong. Never throws. */
export function decode(bytes: Uint8Array): Decoded {
  const header = decodeHeader(bytes);
  if (header === null) return { kind: 'malformed', reason: 'shorter than a header', header };
  const reader = new Reader(bytes, 4);
  const counts = [reader.u16(), reader.u16(), reader.u16(), reader.u16()] as const;
  // RFC 9619 §4: a query never has more than one question.
  if (header.opcode === OPCODE.QUERY && counts[0] > 1) reader.fail('more than one question');
  const questions = readQuestions(reader, counts[0]);
  const extra: OptRecord[] = [];
  const answers = readRecords(reader, counts[1], null);
  const authorities = readRecords(reader, counts[2], null);
  const additionals = readRecords(reader, counts[3], extra);
  if (extra.length > 1) reader.fail('more than one OPT record'); // RFC 6891 §6.1.1
  if (reader.failure === null && reader.at !== bytes.length) reader.fail('bytes behind the message');
  if (reader.failure !== null) return { kind: 'malformed', reason: reader.failure, header };
  const opt = extra[0] ?? null;
  const rcode = opt === null ? header.rcode : header.rcode | (opt.upperRcode << 4);
  const message = { ...header, rcode, questions, answers, authorities, additionals, edns: opt?.edns ?? null };
  return { kind: 'message', message };
}

/** The flags of RFC 1035 §4.1.1 and RFC 2535 §6.1; null when there are fewer than twelve octets. */
export function decodeHeader(bytes: Uint8Array): Header | null {
  if (bytes.length < HEADER_OCTETS) return null;
  const flags = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
  return {
    id: ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0),
    isResponse: (flags & 0x8000) !== 0,
    opcode: (flags >> 11) & 0xf,
    isAuthoritative: (flags & 0x0400) !== 0,
    isTruncated: (flags & 0x0200) !== 0,
    recursionDesired: (flags & 0x0100) !== 0,
    recursionAvailable: (flags & 0x0080) !== 0,
    authenticData: (flags & 0x0020) !== 0,
    checkingDisabled: (flags & 0x0010) !== 0,
    rcode: flags & 0xf,
  };
}

/**
 * Writes a message of at most `maxOctets`. When it does not fit, additional records go first; when it still does not fit, all records go and TC is
 * set (RFC 2181 §9), so that a client comes back by TCP instead of using a part. Throws a RangeError on numbers that do not fit their field.
 */
export function encode(message: Message, maxOctets: number = MAX_MESSAGE_OCTETS): Buffer {
  const limit = Math.min(maxOctets, MAX_MESSAGE_OCTETS);
  if (message.rcode > 0xf && message.edns === null) throw new RangeError('An extended response code needs EDNS');
  const writer = new Writer();
  writer.u16(message.id);
  writer.u16(flagsOf(message));
  for (let count = 0; count < 4; count++) writer.u16(0);
  for (const question of message.questions) writeQuestion(writer, question);
  writer.setU16(4, message.questions.length);
  const room = limit - (message.edns === null ? 0 : optOctets(message.edns));
  const afterQuestions = writer.at;
  const fits = writeRecords(writer, message.answers, room) && writeRecords(writer, message.authorities, room);
  let additionalCount = 0;
  if (fits) {
    writer.setU16(6, message.answers.length);
    writer.setU16(8, message.authorities.length);
    for (const record of message.additionals) {
      if (!writeRecord(writer, record, room)) break;
      additionalCount++;
    }
  } else {
    writer.rewind(afterQuestions);
    writer.setU16(2, flagsOf({ ...message, isTruncated: true }));
  }
  if (message.edns !== null) writeOpt(writer, message.edns, message.rcode);
  writer.setU16(10, additionalCount + (message.edns === null ? 0 : 1));
  return writer.finish();
}

type OptRecord = { edns: Edns; upperRcode: number };

function readQuestions(reader: Reader, count: number): Question[] {
  const questions: Question[] = [];
  for (let at = 0; at < count && reader.failure === null; at++)
    questions.push({ name: reader.name('allowed'), type: reader.u16(), class: reader.u16() });
  return questions;
}

/** An OPT record goes to `opts`; where `opts` is null it may not be (RFC 6891 §6.1.1). */
function readRecords(reader: Reader, count: number, opts: OptRecord[] | null): ResourceRecord[] {
  const records: ResourceRecord[] = [];
  for (let at = 0; at < count && reader.failure === null; at++) {
    const name = reader.name('allowed');
    const type = reader.u16();
    const recordClass = reader.u16();
    const ttlSeconds = reader.u32();
    const length = reader.u16();
    if (type !== TYPE.OPT) {
      records.push({ name, class: recordClass, ttlSeconds, data: readData(reader, type, recordClass, length) });
      continue;
    }
    if (opts === null || name.length > 0) reader.fail('OPT record out of place');
    opts?.push(readOpt(reader, recordClass, ttlSeconds, length));
  }
  return records;
}

/** RFC 6891 §6.1.2 and §6.1.3: the class is the payload size, the TTL holds the upper code bits, version and DO. */
function readOpt(reader: Reader, udpPayloadSize: number, flags: number, length: number): OptRecord {
  const end = reader.at + length;
  if (end > reader.end) reader.fail('record data runs past the end');
  const options: { code: number; value: Uint8Array }[] = [];
  while (reader.failure === null && reader.at < end)
    options.push({ code: reader.u16(), value: reader.take(reader.u16()) });
  if (reader.failure === null && reader.at !== end) reader.fail('EDNS option runs past its record');
  const edns = { udpPayloadSize, version: (flags >>> 16) & 0xff, dnssecOk: (flags & 0x8000) !== 0, options };
  return { edns, upperRcode: flags >>> 24 };
}

function flagsOf(header: Header): number {
  return (
    (header.isResponse ? 0x8000 : 0) |
    ((header.opcode & 0xf) << 11) |
    (header.isAuthoritative ? 0x0400 : 0) |
    (header.isTruncated ? 0x0200 : 0) |
    (header.recursionDesired ? 0x0100 : 0) |
    (header.recursionAvailable ? 0x0080 : 0) |
    (header.authenticData ? 0x0020 : 0) |
    (header.checkingDisabled ? 0x0010 : 0) |
    (header.rcode & 0xf)
  );
}

function writeQuestion(writer: Writer, question: Question): void {
  writer.name(question.name, 'compressed');
  writer.u16(question.type);
  writer.u16(question.class);
}

/** Reports whether all records fit below `room`; those before the first that does not are written. */
function writeRecords(writer: Writer, records: readonly ResourceRecord[], room: number): boolean {
  for (const record of records) if (!writeRecord(writer, record, room)) return false;
  return true;
}

/** Reports whether the record fits below `room`; one that does not leaves the writer where it was. */
function writeRecord(writer: Writer, record: ResourceRecord, room: number): boolean {
  const start = writer.at;
  writer.name(record.name, 'compressed');
  writer.u16(typeOf(record.data));
  writer.u16(record.class);
  writer.u32(record.ttlSeconds);
  const data = writer.startCounted();
  writeData(writer, record.data);
  writer.endCounted(data);
  if (writer.at <= room) return true;
  writer.rewind(start);
  return false;
}

function optOctets({ options }: Edns): number {
  let octets = 11;
  for (const option of options) octets += 4 + option.value.length;
  return octets;
}

function writeOpt(writer: Writer, edns: Edns, rcode: number): void {
  writer.name(ROOT, 'plain');
  writer.u16(TYPE.OPT);
  writer.u16(edns.udpPayloadSize);
  writer.u8((rcode >> 4) & 0xff);
  writer.u8(edns.version);
  writer.u16(edns.dnssecOk ? 0x8000 : 0);
  const data = writer.startCounted();
  for (const option of edns.options) {
    writer.u16(option.code);
    writer.u16(option.value.length);
    writer.raw(option.value);
  }
  writer.endCounted(data);
}
