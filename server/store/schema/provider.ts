// An OpenID Connect provider as the form gives it.
import { z } from 'zod';
import { hostname, listOf, nameWithoutColon, read } from './field.ts';

export type ProviderInput = z.output<typeof providerInput>;

/** Visible ASCII and blanks inside (RFC 6749 appendix A); blanks around it come from copying. */
const text = (least: number, most: number) =>
  read(
    (value) => (value.length >= least && /^[\x20-\x7e]*$/.test(value) ? value : null),
    'This is missing or was not copied whole. Copy it from the provider again.',
    most,
  );

/** Compared byte for byte with the `iss` of tokens (OpenID Connect Core §3.1.3.7), so it is kept as it was written. */
const issuer = read(
  readIssuer,
  'This is no issuer. Copy it from the provider: an https address without query, such as https://login.corp.example.',
  500,
);

const scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, 'This is no scope. Write words such as openid.');

export const providerInput = z.strictObject({
  name: nameWithoutColon(80),
  issuer,
  clientId: text(1, 500),
  /** Absent or empty: the stored one stays. */
  clientSecret: text(0, 2000).optional(),
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
