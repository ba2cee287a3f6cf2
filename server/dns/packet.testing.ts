// Messages for tests, with every field that does not matter filled in.
import assert from 'node:assert/strict';
import { type Address, parseAddress } from '#server/core/address.ts';
import type { Endpoint } from '#server/core/app.ts';
import { type Hostname, parseHostname } from '#server/core/hostname.ts';
import { CLASS, type Message, type Question, type RecordData, type ResourceRecord, TYPE } from './message.ts';
import { type Name, parseName } from './name.ts';

export function name(text: string): Name {
  const parsed = parseName(text);
  assert.ok(parsed, text);
  return parsed;
}

export function host(text: string): Hostname {
  const parsed = parseHostname(text);
  assert.ok(parsed, text);
  return parsed;
}

export function address(text: string): Address {
  const parsed = parseAddress(text);
  assert.ok(parsed, text);
  return parsed;
}

export function endpoint(text: string, port: number): Endpoint {
  return { address: address(text), port };
}

export function question(text: string, type: number = TYPE.A): Question {
  return { name: name(text), type, class: CLASS.IN };
}

export function message(parts: Partial<Message>): Message {
  return {
    id: 0,
    isResponse: false,
    opcode: 0,
    isAuthoritative: false,
    isTruncated: false,
    recursionDesired: true,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: 0,
    questions: [],
    answers: [],
    authorities: [],
    additionals: [],
    edns: null,
    ...parts,
  };
}

/** A reply to a query, with the sections given. */
export function replyTo(query: Message, parts: Partial<Message>): Message {
  return message({ id: query.id, isResponse: true, recursionAvailable: true, questions: query.questions, ...parts });
}

export function record(owner: string, data: RecordData, ttlSeconds = 60): ResourceRecord {
  return { name: name(owner), class: CLASS.IN, ttlSeconds, data };
}

export function a(owner: string, text: string, ttlSeconds?: number): ResourceRecord {
  return record(owner, { kind: text.includes(':') ? 'aaaa' : 'a', address: address(text) }, ttlSeconds);
}

export function alias(owner: string, target: string, ttlSeconds?: number): ResourceRecord {
  return record(owner, { kind: 'cname', target: name(target) }, ttlSeconds);
}

export function soa(zone: string, minimum: number, ttlSeconds = 3600): ResourceRecord {
  const numbers = { serial: 1, refresh: 1, retry: 1, expire: 1, minimum };
  return record(
    zone,
    { kind: 'soa', mname: name(`ns.${zone}`), rname: name(`hostmaster.${zone}`), ...numbers },
    ttlSeconds,
  );
}
