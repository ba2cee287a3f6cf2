// What the API answers when it does not do what was asked: one table of stable codes, and the document of RFC 9457 they become.

type ProblemRow = { status: number; title: string; detail: string };

export const API_PROBLEMS = {
  'request-malformed': {
    status: 400,
    title: 'This request could not be understood',
    detail: 'Nothing was done. Check the request against the API’s document.',
  },
  'json-malformed': {
    status: 400,
    title: 'The body is no plain JSON',
    detail: 'Nothing was done. Send one JSON value in UTF-8.',
  },
  'token-in-url': {
    status: 400,
    title: 'A token does not belong into a URL',
    detail:
      'URLs end up in logs and histories. Revoke this token, make another one, and send it as `Authorization: Bearer …`.',
  },
  'token-missing': {
    status: 401,
    title: 'A token is needed here',
    detail: 'Send an API token as `Authorization: Bearer …`. A browser’s session opens nothing here.',
  },
  'token-damaged': {
    status: 401,
    title: 'This is not a whole token',
    detail: 'Its checksum does not fit, so a part is missing or mistyped. Copy it again.',
  },
  'token-refused': {
    status: 401,
    title: 'This token is not valid',
    detail:
      'It is unknown, has expired, was revoked, or its owner may not sign in any more. Make another one in the portal.',
  },
  'scope-missing': {
    status: 403,
    title: 'This token may not do that',
    detail: 'It lacks a scope. Make a token that has it.',
  },
  forbidden: {
    status: 403,
    title: 'The token’s owner may not do that',
    detail: 'A token never does more than its owner may at the time.',
  },
  'not-found': {
    status: 404,
    title: 'There is nothing here',
    detail: 'It does not exist, or not for this token’s owner.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'This method does nothing here',
    detail: 'The Allow header lists those that do.',
  },
  conflict: { status: 409, title: 'This does not go together with what there is', detail: 'Nothing was changed.' },
  'length-needed': {
    status: 411,
    title: 'The body’s length is missing',
    detail: 'Send a Content-Length; bodies in chunks are not taken.',
  },
  'changed-meanwhile': {
    status: 412,
    title: 'It has changed since you read it',
    detail: 'Nothing was changed. Read it again, and send its new ETag as If-Match.',
  },
  'body-too-large': { status: 413, title: 'The body is too large', detail: 'The most is 512 KiB.' },
  'media-type': {
    status: 415,
    title: 'This is not the media type that is taken here',
    detail: 'Send `Content-Type: application/json`, without a Content-Encoding.',
  },
  invalid: {
    status: 422,
    title: 'Some fields are not as they have to be',
    detail: 'Nothing was changed. `errors` says what to do about each.',
  },
  'version-needed': {
    status: 428,
    title: 'Say which version you are changing',
    detail: 'Send the ETag that you read as If-Match, or `If-Match: *` to change whatever is there now.',
  },
  'too-many-tokens': {
    status: 429,
    title: 'Too many tokens that are not valid',
    detail: 'They came from your address. Wait as long as Retry-After says; valid tokens go on working.',
  },
  'too-many-calls': {
    status: 429,
    title: 'This machine asks too often',
    detail: 'Wait as long as Retry-After says. A heartbeat each second is the most.',
  },
} as const satisfies Record<string, ProblemRow>;

export type ApiProblemCode = keyof typeof API_PROBLEMS;

/** `pointer`: where in the body (RFC 6901, as a fragment); `parameter`: which of the query. */
export type FieldProblem = { detail: string } & ({ pointer: string } | { parameter: string });

export type ProblemExtra = { detail?: string; errors?: readonly FieldProblem[]; scopes?: readonly string[] };

export const PROBLEM_TYPE = 'application/problem+json';

export function problemBody(code: ApiProblemCode, supportId: string | null, extra: ProblemExtra = {}): string {
  const { status, title, detail } = API_PROBLEMS[code];
  return `${JSON.stringify({ type: `urn:foyer:${code}`, title, status, detail, ...extra, ...(supportId ? { supportId } : {}) })}\n`;
}

/** RFC 6750 §3: what a program without a good enough token is told in `WWW-Authenticate`; null where that is not the matter. */
export function challengeOf(code: ApiProblemCode, scopes: readonly string[] = []): string | null {
  switch (code) {
    case 'token-missing':
      return 'Bearer realm="foyer"';
    case 'token-damaged':
    case 'token-refused':
      return 'Bearer realm="foyer", error="invalid_token"';
    case 'scope-missing':
      return `Bearer realm="foyer", error="insufficient_scope", scope="${scopes.join(' ')}"`;
    default:
      return null;
  }
}
