// Tells our own queries when they come back: each carries whom it has passed (D13).
import type { EdnsOption, Message } from './message.ts';

/** Local use (RFC 6891 §9). Only servers of our own network are told it: to others it would be a name tag. */
const LOOP_OPTION = 65_313;
const MARK_OCTETS = 8;
/** More forwarders in a row than anybody has. */
const MAX_HOPS = 8;

/** Reports whether a query has been here before, or through too many others. */
export function isLooping(query: Message, mark: Uint8Array): boolean {
  const passed = passedBy(query);
  if (passed.length >= MAX_HOPS * MARK_OCTETS) return true;
  for (let at = 0; at + MARK_OCTETS <= passed.length; at += MARK_OCTETS) {
    if (Buffer.compare(passed.subarray(at, at + MARK_OCTETS), mark) === 0) return true;
  }
  return false;
}

export function markedWith(query: Message, mark: Uint8Array): EdnsOption {
  return { code: LOOP_OPTION, value: Buffer.concat([passedBy(query), mark]) };
}

function passedBy(query: Message): Uint8Array {
  return query.edns?.options.find(({ code }) => code === LOOP_OPTION)?.value ?? new Uint8Array(0);
}
