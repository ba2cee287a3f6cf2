// Machines as they register themselves, and the settings of their names.
import { z } from 'zod';
import { addressBytes, familyOf, parseRange } from '#server/core/address.ts';
import type { Hostname } from '#server/core/hostname.ts';
import { isMachineName } from '#server/core/machine.ts';
import type { Portal } from '#server/core/snapshot.ts';
import { address, hostname, lineOrNone, listOf, read } from './field.ts';

const machineName = read(
  (text) => (isMachineName(text) ? text : null),
  'This is no name for a machine. Use up to 63 letters, digits and hyphens, such as Win-A.',
);

/** What a machine says of itself. */
const itself = { version: lineOrNone(40).default(''), os: lineOrNone(80).default('') };

export const machineInput = z.strictObject({ name: machineName, ...itself });
export const machineNameInput = z.strictObject({ name: machineName });
/** `have`: the version of the names that it knows; with the present one they are not sent again. */
export const heartbeatInput = z.strictObject({ have: z.string().max(100).nullable().default(null), ...itself });
export const resolveInput = z.strictObject({
  name: z
    .string()
    .max(255)
    .regex(/^[\x21-\x7e]+$/, 'This is no name. Write one such as Win-A.'),
});

/** Shared address space (RFC 6598) and private networks (RFC 1918): addresses that are nobody's outside. */
const TAKEABLE = ['100.64.0.0/10', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map(parseRange);
const DEFAULT_MACHINE_RANGE = '100.64.0.0/10';
const LONGEST_PREFIX = 28;

const range = read(
  (text) => (isMachineRange(text) ? text : null),
  'Machines get no addresses from here. Write a range within 100.64.0.0/10, 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, no smaller than /28.',
);

function isMachineRange(text: string): boolean {
  const parsed = parseRange(text);
  if (!parsed || familyOf(parsed.address) !== 4 || parsed.prefix > LONGEST_PREFIX) return false;
  const bytes = Buffer.from(addressBytes(parsed.address));
  return TAKEABLE.some((allowed) => {
    if (!allowed || parsed.prefix < allowed.prefix) return false;
    const shift = 2 ** (32 - allowed.prefix);
    const first = Buffer.from(addressBytes(allowed.address)).readUInt32BE(0);
    return Math.floor(bytes.readUInt32BE(0) / shift) === Math.floor(first / shift);
  });
}

const recordName = read(
  (text) => (text.split('.').every(isMachineName) && text.length <= 120 ? text : null),
  'This is no name below the zone. Write one such as printer, without the zone.',
);
const record = z.strictObject({ name: recordName, address });

/** Top-level domains that everybody uses, and the endings that other protocols answer for (RFC 6761, RFC 6762, RFC 8375). */
const OTHERS = new Set(
  'com net org edu gov mil int arpa info biz dev app name local localhost test invalid example onion alt'.split(' '),
);

/** One that is somebody else's would take away all below it; country codes have two letters (RFC 1591 §2). */
const ending = hostname.refine((name) => name.includes('.') || (name.length > 2 && !OTHERS.has(name)), {
  message: 'Other names end so, and would not be found any more. Choose an ending of your own, such as ztna.',
});

const zone = hostname.refine((name) => name.includes('.'), {
  message: 'A zone has two parts at least. Write one of your own, such as yourorg.zt.net.',
});

const seconds = 'Write a number of seconds, from 5 to 300.';
const hours = 'Write a number of hours, from 1 to 8760.';

export const machineSettings = z.strictObject({
  /** Null: `machines.<portal host>`. */
  zone: zone.nullable().default(null),
  search: listOf(ending, 8).default(['ztna' as never]),
  range: range.default(DEFAULT_MACHINE_RANGE),
  heartbeatSeconds: z.int(seconds).min(5, seconds).max(300, seconds).default(30),
  /** After so long without a heartbeat a machine's name is answered no more; null: it stays until it is removed. */
  listedHours: z.int(hours).min(1, hours).max(8760, hours).nullable().default(null),
  records: listOf(record, 500, (each) => `${each.name.toLowerCase()} ${each.address}`).default([]),
});

export type MachineSettings = z.output<typeof machineSettings>;

export function zoneOf(settings: Pick<MachineSettings, 'zone'>, portal: Pick<Portal, 'hostname'>): Hostname {
  return settings.zone ?? (`machines.${portal.hostname}` as Hostname);
}
