// Each setting as forms and rows give it. A row that cannot be read counts as none: the setting is at its default.
import { z } from 'zod';
import { accentProblem, PLAIN_BRAND, parseAccent } from '#server/core/brand.ts';
import { isWithin } from '#server/core/hostname.ts';
import { cluster } from './cluster.ts';
import { address, hostname, lineOrNone, listOf } from './field.ts';
import { machineSettings } from './machine.ts';
import { supportContact } from './support.ts';

/** A small picture of Foyer's making, in base64, with room. */
const LONGEST_LOGO = 150_000;

const accent = z
  .string()
  .nullable()
  .transform((text, context) => {
    if (text === null || text.trim() === '') return null;
    const hex = parseAccent(text);
    const problem = hex && accentProblem(hex);
    if (hex && !problem) return hex;
    context.addIssue({
      code: 'custom',
      message: problem
        ? `Text in this colour is hard to read (contrast ${problem.ratio.toFixed(1)}, at least 4.5 is needed). ${problem.instead} is the nearest that can be read.`
        : 'This is no colour. Write one such as #3451c7.',
    });
    return z.NEVER;
  });

const brand = z.strictObject({
  company: lineOrNone(60).default(PLAIN_BRAND.company),
  accent: accent.default(PLAIN_BRAND.accent),
  support: supportContact.default(PLAIN_BRAND.support),
  logo: z
    .string()
    .max(LONGEST_LOGO, 'This picture is too large.')
    .regex(/^data:image\/webp;base64,[A-Za-z0-9+/]+=*$/, 'This is no picture that Foyer encoded.')
    .nullable()
    .default(PLAIN_BRAND.logo),
});

/** Below a month, whoever looks for what happened finds nothing; above ten years, nobody looks. */
const AUDIT_DAYS = { least: 30, most: 3_650 } as const;
const USAGE_DAYS = { least: 2, most: 1_100 } as const;

const days = ({ least, most }: { least: number; most: number }, usual: number) =>
  z
    .number(`Write a number of days, from ${least} to ${most}.`)
    .int(`Write a number of days, from ${least} to ${most}.`)
    .min(least, `Keep it for ${least} days at least.`)
    .max(most, `Keep it for ${most} days at most.`)
    .default(usual);

/** How long what happened is kept, in days. */
const retention = z.strictObject({ auditDays: days(AUDIT_DAYS, 400), usageDays: days(USAGE_DAYS, 90) });

/** A label of 32 letters and its dot stand before it. */
const LONGEST_ALIAS_ZONE = 253 - 33;

const aliasZone = hostname.refine((zone) => zone.length <= LONGEST_ALIAS_ZONE, {
  message: 'This zone is too long for names below it. Use a shorter one.',
});

/** Where aliases are: nowhere, or in a zone whose name servers are Foyer's, with the public addresses of the gateways behind them. */
const aliases = z
  .strictObject({
    zone: aliasZone.nullable().default(null),
    addresses: listOf(address, 16).default([]),
    nameServers: listOf(hostname, 8).default([]),
  })
  .superRefine(({ addresses, nameServers, zone }, context) => {
    const issue = (path: PropertyKey[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (zone === null) return;
    if (addresses.length === 0) issue(['addresses'], 'Aliases lead to the gateways. Add the public address of one.');
    if (nameServers.length === 0)
      issue(['nameServers'], 'The zone has a name server. Add the name that it is delegated to.');
    for (const [at, name] of nameServers.entries()) {
      if (isWithin(name, zone))
        issue(['nameServers', at], 'A name in the zone itself cannot be found first. Use one outside of it.');
    }
  });

export const SETTINGS = { brand, retention, aliases, machines: machineSettings, cluster };

export type SettingKey = keyof typeof SETTINGS;
export type SettingValue<Key extends SettingKey> = z.output<(typeof SETTINGS)[Key]>;
