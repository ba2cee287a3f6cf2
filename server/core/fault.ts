// The one table of things that can break: a stable code and the status it becomes. What a person reads of it: texts.ts.

/** The texts never hold a name, an address or a cause; that is `detail`, for admins. */
export const FAULTS = {
  // the request itself
  'bad-request': { status: 400 },
  'bad-host': { status: 400 },
  'headers-too-large': { status: 431 },
  'request-timeout': { status: 408 },
  'method-not-allowed': { status: 405 },
  'method-unknown': { status: 501 },
  'expectation-failed': { status: 417 },
  'version-not-supported': { status: 505 },
  'upgrade-refused': { status: 400 },
  'websocket-version': { status: 426 },
  'origin-refused': { status: 403 },
  'misdirected-request': { status: 421 },
  'loop-detected': { status: 508 },
  // routing and deciding
  'sign-in-needed': { status: 401 },
  'access-denied': { status: 403 },
  'host-unknown': { status: 404 },
  'not-found': { status: 404 },
  unavailable: { status: 503 },
  'store-down': { status: 503 },
  'handshake-refused': { status: 403 },
  overloaded: { status: 503 },
  maintenance: { status: 503 },
  'portal-down': { status: 503 },
  // the upstream
  'site-missing': { status: 502 },
  'upstream-name-not-found': { status: 502 },
  'upstream-dns-failed': { status: 502 },
  'upstream-dns-timeout': { status: 504 },
  'upstream-address-refused': { status: 502 },
  'upstream-refused': { status: 502 },
  'upstream-unreachable': { status: 502 },
  'upstream-connect-timeout': { status: 504 },
  'upstream-timeout': { status: 504 },
  'upstream-closed': { status: 502 },
  'upstream-protocol': { status: 502 },
  'upstream-tls-name': { status: 502 },
  'upstream-tls-expired': { status: 502 },
  'upstream-tls-untrusted': { status: 502 },
  'upstream-tls-failed': { status: 502 },
  'upgrade-failed': { status: 502 },
  internal: { status: 500 },
} as const satisfies Record<string, { status: number }>;

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
