// The one table of things that can break: a stable code, the status it becomes, and the sentence a person reads.

type FaultRow = { status: number; title: string; sentence: string };

/** Public sentences: what happened and what to do. They never hold a name, an address or a cause; that is `detail`, for admins. */
export const FAULTS = {
  // the request itself
  'bad-request': {
    status: 400,
    title: 'This request could not be understood',
    sentence:
      'The request is malformed, so nothing was forwarded. Reload the page; if it stays, report the support id.',
  },
  'bad-host': {
    status: 400,
    title: 'This address could not be understood',
    sentence: 'The request names no valid host. Open the app from your launcher.',
  },
  'headers-too-large': {
    status: 431,
    title: 'This request carries too many headers',
    sentence: 'The headers are larger or more than the gateway takes. Clear this site’s cookies and try again.',
  },
  'request-timeout': {
    status: 408,
    title: 'The request took too long to arrive',
    sentence: 'Nothing was forwarded. Check your connection and try again.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'This method is not allowed',
    sentence: 'The gateway does not pass this method to apps.',
  },
  'method-unknown': {
    status: 501,
    title: 'This method is unknown',
    sentence: 'The gateway does not know this method and passes it to no app.',
  },
  'expectation-failed': {
    status: 417,
    title: 'This expectation cannot be met',
    sentence: 'Only “Expect: 100-continue” is understood.',
  },
  'version-not-supported': {
    status: 505,
    title: 'This HTTP version is not supported',
    sentence: 'Use HTTP/1.1 or HTTP/2.',
  },
  'upgrade-refused': {
    status: 400,
    title: 'This upgrade is not a valid WebSocket handshake',
    sentence: 'The connection was closed and nothing was forwarded.',
  },
  'websocket-version': {
    status: 426,
    title: 'This WebSocket version is not supported',
    sentence: 'Use WebSocket version 13.',
  },
  'origin-refused': {
    status: 403,
    title: 'This connection comes from another site',
    sentence: 'The app accepts connections only from its own pages. Open the app from your launcher.',
  },
  'misdirected-request': {
    status: 421,
    title: 'This connection belongs to another app',
    sentence: 'The certificate of this connection does not cover that name. Reload the page.',
  },
  'loop-detected': {
    status: 508,
    title: 'This request goes round in circles',
    sentence: 'The app’s upstream leads back to this gateway. Tell the person who runs the app.',
  },
  // routing and deciding
  'sign-in-needed': {
    status: 401,
    title: 'Sign in to use this app',
    sentence: 'Open the app in a browser tab and sign in.',
  },
  'access-denied': {
    status: 403,
    title: 'You may not open this app',
    sentence: 'Ask an administrator, and tell them the support id.',
  },
  'host-unknown': {
    status: 404,
    title: 'There is no app at this address',
    sentence: 'Check the address, or open the app from your launcher.',
  },
  'not-found': {
    status: 404,
    title: 'There is nothing here',
    sentence: 'Check the address, or go back to your launcher.',
  },
  unavailable: {
    status: 503,
    title: 'Access cannot be decided right now',
    sentence:
      'The gateway cannot confirm its rules, so nobody is let in. It tries again by itself; reload in a minute.',
  },
  'store-down': {
    status: 503,
    title: 'Sign-in is not possible right now',
    sentence: 'The store does not answer. Open apps go on working; try again in a minute.',
  },
  'handshake-refused': {
    status: 403,
    title: 'This sign-in step was refused',
    sentence: 'It did not come from the portal, or it was used before. Open the app again.',
  },
  overloaded: {
    status: 503,
    title: 'Too many requests at once',
    sentence: 'The gateway is at its limit. Try again in a few seconds.',
  },
  maintenance: {
    status: 503,
    title: 'This app is closed for maintenance',
    sentence: 'The people who run it are working on it. Try again later.',
  },
  'portal-down': {
    status: 503,
    title: 'The portal does not answer',
    sentence: 'It is restarted by itself. Open apps go on working; reload in a few seconds.',
  },
  // the upstream
  'site-missing': {
    status: 502,
    title: 'This app has no network yet',
    sentence: 'The app’s site is missing or disabled. An administrator has to choose one.',
  },
  'upstream-name-not-found': {
    status: 502,
    title: 'The app could not be found',
    sentence: 'The private network does not know this app’s name. Tell the person who runs the app.',
  },
  'upstream-dns-failed': {
    status: 502,
    title: 'The app could not be found',
    sentence: 'The private network’s name service gave no usable answer. Try again in a minute.',
  },
  'upstream-dns-timeout': {
    status: 504,
    title: 'The app could not be found in time',
    sentence: 'The private network’s name service did not answer. Try again in a minute.',
  },
  'upstream-address-refused': {
    status: 502,
    title: 'The app leads to a place that is not allowed',
    sentence: 'Its name leads outside the app’s network, so the gateway did not connect. Tell an administrator.',
  },
  'upstream-refused': {
    status: 502,
    title: 'The app does not accept connections',
    sentence: 'The gateway reached its network, but the app is not running. Try again in a minute.',
  },
  'upstream-unreachable': {
    status: 502,
    title: 'The app’s network cannot be reached',
    sentence: 'There is no route to the app right now. Try again in a minute.',
  },
  'upstream-connect-timeout': {
    status: 504,
    title: 'The app did not answer',
    sentence: 'The gateway could not connect in time. Try again in a minute.',
  },
  'upstream-timeout': {
    status: 504,
    title: 'The app took too long',
    sentence: 'It accepted the request but sent no answer in time. Try again.',
  },
  'upstream-closed': {
    status: 502,
    title: 'The app closed the connection',
    sentence: 'It ended before it answered. Try again.',
  },
  'upstream-protocol': {
    status: 502,
    title: 'The app gave an answer that cannot be trusted',
    sentence: 'The answer is not valid HTTP, so it was not passed on. Tell the person who runs the app.',
  },
  'upstream-tls-name': {
    status: 502,
    title: 'The app’s certificate is not trusted',
    sentence: 'The gateway could not verify the app and did not connect. Tell an administrator.',
  },
  'upstream-tls-expired': {
    status: 502,
    title: 'The app’s certificate is not trusted',
    sentence: 'The gateway could not verify the app and did not connect. Tell an administrator.',
  },
  'upstream-tls-untrusted': {
    status: 502,
    title: 'The app’s certificate is not trusted',
    sentence: 'The gateway could not verify the app and did not connect. Tell an administrator.',
  },
  'upstream-tls-failed': {
    status: 502,
    title: 'No secure connection to the app',
    sentence: 'The gateway and the app could not agree on a secure connection. Tell an administrator.',
  },
  'upgrade-failed': {
    status: 502,
    title: 'The app did not accept the live connection',
    sentence: 'Its answer to the WebSocket handshake is not valid. Tell the person who runs the app.',
  },
  internal: {
    status: 500,
    title: 'Something broke here',
    sentence: 'It was logged. Try again; if it stays, report the support id.',
  },
} as const satisfies Record<string, FaultRow>;

export type FaultCode = keyof typeof FAULTS;

/** Something broke. `detail` and `cause` are private: for the log and for admins. Compare by `code`, never by class. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly detail: string;

  constructor(code: FaultCode, options: { detail?: string; cause?: unknown } = {}) {
    super(options.detail ? `${code}: ${options.detail}` : code, { cause: options.cause });
    this.name = 'Fault';
    this.code = code;
    this.detail = options.detail ?? '';
  }

  get status(): number {
    return FAULTS[this.code].status;
  }
}

/** Any thrown value as a fault; what is not one is `internal`, with the value as its cause. */
export function asFault(thrown: unknown): Fault {
  if (isFault(thrown)) return thrown;
  return new Fault('internal', { detail: thrown instanceof Error ? thrown.message : String(thrown), cause: thrown });
}

/** Reports whether a value is a fault, also one made by another instance of this module. */
export function isFault(value: unknown): value is Fault {
  return (
    value instanceof Error &&
    'code' in value &&
    typeof value.code === 'string' &&
    value.code in FAULTS &&
    'detail' in value
  );
}
