// An OpenID Connect provider as the form gives it.
import { z } from 'zod';
import { hostname, line, listOf, read } from './field.ts';

export type ProviderInput = z.output<typeof providerInput>;

const text = (most: number) =>
  z
    .string()
    .max(most, `This is too long. Use at most ${most} characters.`)
    .regex(/^[\x21-\x7e]*$/, 'This holds a blank or a character that does not belong here. Copy it again.');

/** Compared byte for byte with the `iss` of tokens (OpenID Connect Core §3.1.3.7), so it is kept as it was written. */
const issuer = read(
  readIssuer,
  'This is no issuer. Copy it from the provider: an https address without query, such as https://login.corp.example.',
  500,
);

const scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, 'This is no scope. Write words such as openid.');

export const providerInput = z.strictObject({
  name: line(80),
  issuer,
  clientId: text(500).min(1, 'The client id is missing. Copy it from the provider.'),
  /** Absent or empty: the stored one stays. */
  clientSecret: text(2000).optional(),
  groupsClaim: z
    .string()
    .regex(/^[^\p{C}\s]{1,200}$/u, 'This is no name of a claim. Write one such as groups, or leave it empty.')
    .nullable()
    .default(null),
  allowedEmailDomains: listOf(hostname, 200).default([]),
  scopes: listOf(scope, 20)
    .refine((scopes) => scopes.includes('openid'), {
      message: 'The scope openid is missing; without it there is no sign-in. Add it.',
    })
    .default(['openid', 'email', 'profile']),
  enabled: z.boolean().default(true),
});

/** Plain http only where nobody is between: on this machine. */
function readIssuer(value: string): string | null {
  if (!/^[\x21-\x7e]+$/.test(value) || !URL.canParse(value) || /[?#]/.test(value)) return null;
  const { protocol, hostname: host, username, password } = new URL(value);
  if (username || password) return null;
  const isHere = /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(host);
  return protocol === 'https:' || (protocol === 'http:' && isHere) ? value : null;
}
