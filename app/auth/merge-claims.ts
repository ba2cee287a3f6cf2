// The signed ID token and the userinfo answer as one set of claims.

export type Claims = { sub: string; iss: string } & Record<string, unknown>;

/**
 * The token's claims win. The e-mail and whether it is verified come from one of the two, never the address of one with the
 * word of the other (OpenID Connect Core §5.1: `email_verified` speaks of the `email` beside it).
 */
export function mergeClaims(token: Claims, userinfo: Record<string, unknown>): Claims {
  const { email: _email, email_verified: _verified, ...rest } = { ...userinfo, ...token };
  const { email, email_verified } = token.email === undefined ? userinfo : token;
  return { ...rest, sub: token.sub, iss: token.iss, email, email_verified };
}
