// The fields that several forms share, each with its own sentence.
import { z } from 'zod';
import { type Address, parseAddress } from '#server/core/address.ts';
import type { DnsServerAddress, Endpoint } from '#server/core/app.ts';
import { dnsPort } from '#server/core/dns-server.ts';
import { type Hostname, parseHostname } from '#server/core/hostname.ts';
import { isId } from '../id.ts';

/** A schema that reads text by one of core's parsers. */
export function read<T>(parse: (text: string) => T | null, sentence: string, maxLength = 255): z.ZodType<T> {
  return z.string().transform((text, context) => {
    const value = text.length <= maxLength ? parse(text.trim()) : null;
    if (value !== null) return value;
    context.addIssue({ code: 'custom', message: sentence });
    return z.NEVER;
  });
}

/** One line of text that a person reads: trimmed, without control characters. */
export function line(maxLength: number): z.ZodType<string> {
  return trimmed(maxLength).pipe(plainLine(maxLength).min(1, 'This is empty. Give it a name.'));
}

/** One line, or nothing at all. */
export function lineOrNone(maxLength: number): z.ZodType<string> {
  return trimmed(maxLength).pipe(plainLine(maxLength));
}

function trimmed(maxLength: number) {
  return z
    .string()
    .max(maxLength * 4)
    .transform((text) => text.normalize('NFC').trim());
}

function plainLine(maxLength: number) {
  return z
    .string()
    .max(maxLength, `This is too long. Use at most ${maxLength} characters.`)
    .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u, 'This holds a line break or a control character. Use one plain line.');
}

/** The name of a group or a provider: apps read `provider:group`, see group-name.ts. */
export function nameWithoutColon(maxLength: number): z.ZodType<string> {
  return line(maxLength).refine((name) => !/[:：]/.test(name), {
    message: 'A colon stands between a provider and its group. Choose a name without one.',
  });
}

/** Several lines of text, or none. */
export function paragraph(maxLength: number): z.ZodType<string> {
  return z
    .string()
    .max(maxLength, `This is too long. Use at most ${maxLength} characters.`)
    .regex(/^[^\p{Cs}\0]*$/u, 'This holds a character that is no text. Remove it.')
    .transform((text) => text.trim());
}

export const id: z.ZodType<string> = read(
  (text) => (isId(text) ? text : null),
  'This is not the id of anything here. Choose from the list.',
);

export const hostname: z.ZodType<Hostname> = read(
  parseHostname,
  'This is no host name. Write a name such as wiki.corp.example, without scheme, port or path.',
);

export const address: z.ZodType<Address> = read(
  parseAddress,
  'This is no IP address. Write one such as 192.168.1.20 or fd00::20.',
);

/** A number, or the digits of one as a form sends them. */
export const port: z.ZodType<number> = z.preprocess(
  (value) => (typeof value === 'string' && /^\s*\d{1,5}\s*$/.test(value) ? Number(value) : value),
  z
    .int('A port is a whole number from 1 to 65535.')
    .min(1, 'A port is a whole number from 1 to 65535.')
    .max(65535, 'A port is a whole number from 1 to 65535.'),
);

export const endpoint: z.ZodType<Endpoint> = z.strictObject({ address, port });

const tlsName: z.ZodType<Hostname> = read(
  parseHostname,
  'This is no name that a certificate proves. Write the server’s own name behind the #, for example 9.9.9.9#dns.quad9.net.',
);

/** Without a port it is 53, and 853 where there is a name to prove. */
export const dnsServer: z.ZodType<DnsServerAddress> = z
  .strictObject({ address, port: port.optional(), tlsName: tlsName.optional() })
  .transform(({ address, port, tlsName }) => ({
    address,
    port: port ?? dnsPort(tlsName),
    ...(tlsName === undefined ? {} : { tlsName }),
  }));

/** A list without repetitions. `key` tells when two entries are the same. */
export function listOf<T>(entry: z.ZodType<T>, most: number, key: (entry: T) => string = String): z.ZodType<T[]> {
  return z
    .array(entry)
    .max(most, `These are too many. The most is ${most}.`)
    .superRefine((entries, context) => {
      const seen = new Set<string>();
      for (const [at, each] of entries.entries()) {
        if (seen.has(key(each)))
          context.addIssue({ code: 'custom', path: [at], message: 'This is listed twice. Remove one.' });
        seen.add(key(each));
      }
    });
}
