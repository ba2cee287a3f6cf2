// The path of a request as a row of steps: what each one found, a stable word for it, and the state that the word stands for.
import type { AddressRefusal } from './check-address.ts';
import type { Hostname } from './hostname.ts';
import type { Session } from './identity.ts';

export const PATH_STEPS = [
  'public-dns',
  'gateway-address',
  'certificate',
  'sign-in',
  'policy',
  'private-dns',
  'connect',
  'tls',
  'answer',
] as const;
export type PathStepName = (typeof PATH_STEPS)[number];

/** `skipped`: there is nothing to look at here, or an earlier step ended the way. */
export type StepState = 'good' | 'warning' | 'bad' | 'skipped';

/** Every word that a step may end with, and its state. Pages turn the words into sentences. */
export const PATH_CODES = {
  'public-dns': {
    'localhost-name': 'good',
    'leads-to-gateway': 'good',
    'leads-by-address': 'warning',
    'gateway-unnamed': 'warning',
    'public-dns-silent': 'warning',
    'public-dns-failed': 'bad',
    'name-missing': 'bad',
    'leads-nowhere': 'bad',
    'alias-loop': 'bad',
    'leads-partly': 'bad',
    'leads-elsewhere': 'bad',
    'leads-inside': 'bad',
    'target-missing': 'bad',
    'alias-gone': 'bad',
    'alias-foreign': 'bad',
    'alias-unanswered': 'bad',
  },
  'gateway-address': {
    'this-machine': 'good',
    'gateway-answers': 'good',
    'gateway-unnamed': 'warning',
    'gateway-unreached': 'warning',
    'gateway-behind': 'warning',
    'gateway-name-missing': 'bad',
    'gateway-elsewhere': 'bad',
    'gateway-down': 'bad',
  },
  certificate: {
    'plain-localhost': 'skipped',
    'certificate-good': 'good',
    'certificate-soon': 'warning',
    'certificate-untrusted': 'warning',
    'certificate-expired': 'bad',
    'certificate-early': 'bad',
    'certificate-name': 'bad',
    'certificate-unread': 'bad',
  },
  'sign-in': {
    'sign-in-ready': 'good',
    'provider-down': 'warning',
    'providers-down': 'bad',
    'no-way-in': 'bad',
  },
  policy: {
    assigned: 'good',
    maintenance: 'warning',
    'not-assigned': 'bad',
    'app-disabled': 'bad',
    'user-disabled': 'bad',
    'sign-in-again': 'bad',
    undecided: 'bad',
  },
  'private-dns': {
    'literal-address': 'skipped',
    'private-answer': 'good',
    'private-answer-stale': 'warning',
    'some-servers-fail': 'warning',
    'servers-disagree': 'warning',
    'some-names-missing': 'warning',
    'private-name-missing': 'bad',
    'private-no-address': 'bad',
    'private-dns-silent': 'bad',
    'private-dns-failed': 'bad',
    'private-dns-unproven': 'bad',
    'private-alias-loop': 'bad',
    'outside-zones': 'bad',
    'no-servers': 'bad',
    'site-missing': 'bad',
  },
  connect: {
    connected: 'good',
    'some-connected': 'warning',
    'some-not-allowed': 'warning',
    'connect-refused': 'bad',
    'connect-timeout': 'bad',
    'connect-unreachable': 'bad',
    'not-allowed': 'bad',
    'earlier-step': 'skipped',
  },
  tls: {
    'tls-off': 'skipped',
    'tls-trusted': 'good',
    'tls-soon': 'warning',
    'tls-unverified': 'warning',
    'some-tls': 'warning',
    'tls-name': 'bad',
    'tls-expired': 'bad',
    'tls-untrusted': 'bad',
    'tls-failed': 'bad',
    'earlier-step': 'skipped',
  },
  answer: {
    'answer-ok': 'good',
    'answer-redirect': 'good',
    'answer-asks': 'good',
    'answer-other': 'good',
    'answer-leads-inside': 'warning',
    'answer-host': 'warning',
    'answer-error': 'bad',
    'answer-timeout': 'bad',
    'answer-closed': 'bad',
    'answer-invalid': 'bad',
    'earlier-step': 'skipped',
  },
} as const satisfies Record<PathStepName, Record<string, StepState>>;

/** `step-failed`: looking itself broke, which says nothing about the way. `step-late`: it took longer than a trace may. */
export type PathCode<S extends PathStepName> = keyof (typeof PATH_CODES)[S] | 'step-failed' | 'step-late';

export function stateOf<S extends PathStepName>(step: S, code: PathCode<S>): StepState {
  if (code === 'step-failed') return 'warning';
  if (code === 'step-late') return 'bad';
  return (PATH_CODES[step] as Record<string, StepState>)[code as string] ?? 'bad';
}

/** One record on the way from a name to addresses. */
export type DnsHop = { name: string; type: 'CNAME' | 'A' | 'AAAA'; value: string; ttlSeconds: number };

/** How a public name was found. `servers` were asked; `hops` are in the order of the way. */
export type PublicLookup = {
  name: string;
  kind: 'found' | 'missing' | 'no-address' | 'loop' | 'failed' | 'silent' | 'localhost';
  hops: readonly DnsHop[];
  addresses: readonly string[];
  servers: readonly string[];
  /** The alias on the way that does not exist: whoever takes that name takes this one. */
  missingTarget: string | null;
};

/** `target` is what the name should be a CNAME of: the app's alias, or the gateway's name. `alias`: whose alias it leads to, if to any. */
export type PublicDnsFacts = {
  lookup: PublicLookup;
  gatewayName: string | null;
  gatewayAddresses: readonly string[];
  target: string | null;
  alias: 'own' | 'other' | 'nobody' | null;
};

/** What answers at one address when the app is asked for there. `ours`: this very installation, told by its keys. */
export type GatewayKnock = {
  address: string;
  port: number;
  outcome: 'ours' | 'foreign' | 'app-unknown' | 'silent';
  detail: string;
  tookMs: number;
};

export type GatewayFacts = {
  gatewayName: string | null;
  lookup: PublicLookup | null;
  /** At its public addresses, and at its own listener on this machine. */
  outside: readonly GatewayKnock[];
  inside: GatewayKnock | null;
  /** The name is one of this machine by itself. */
  isLocalhost: boolean;
};

/** Times are epoch milliseconds. `chain` names the authorities above it. */
export type ShownCertificate = {
  subject: string;
  issuer: string;
  names: readonly string[];
  validFrom: number;
  validTo: number;
  sha256: string;
  chain: readonly string[];
  protocol: string;
};

export type CertificateFacts = {
  scheme: 'http' | 'https';
  host: string;
  at: string | null;
  certificate: ShownCertificate | null;
  coversHost: boolean;
  /** Why this machine does not trust it; null when it does. */
  distrust: string | null;
  detail: string;
  checkedAt: number;
};

export type ProviderKnock = {
  name: string;
  issuer: string;
  outcome: 'answers' | 'silent' | 'bad-answer' | 'wrong-issuer';
  detail: string;
  tookMs: number;
};

export type SignInFacts = { localAccounts: boolean; providers: readonly ProviderKnock[] };

export type PolicyFacts = {
  person: { name: string; email: string } | null;
  reason: string;
  by: { kind: 'everyone' } | { kind: 'person' } | { kind: 'group'; name: string } | null;
  until: number | null;
  maintenance: string | null;
};

/** What a name came to, from one server or from all of them as the gateway asks. `outcome` is the answer's kind, or why there is none. */
export type PrivateAnswer = {
  host: string;
  outcome: string;
  addresses: readonly string[];
  /** Aliases that were followed. */
  chain: readonly string[];
  server: string | null;
  ttlSeconds: number | null;
  /** When gateways were given it (epoch ms), where no server gives an answer now and they go on with this one. */
  heldSince: number | null;
  tookMs: number;
};

/** What a gateway holds of a name, by its number. `staleSince` is when its time ended, if it is used all the same. Times are epoch ms. */
export type HeldAnswer = {
  gateway: number;
  host: string;
  outcome: string;
  addresses: readonly string[];
  answeredAt: number | null;
  staleSince: number | null;
};

/** A DNS server that a gateway does not ask since then (epoch ms), and why. */
export type PassedOver = { gateway: number; server: string; reason: string; since: number };

export type PrivateDnsFacts = {
  site: string | null;
  zones: readonly string[];
  /** As the gateway asks; none for a literal address. */
  answers: readonly PrivateAnswer[];
  literals: readonly string[];
  held: readonly HeldAnswer[];
  passedOver: readonly PassedOver[];
  /** Each server by itself. */
  servers: readonly { server: string; answers: readonly PrivateAnswer[] }[];
};

export type ConnectAttempt = {
  host: string;
  address: string;
  port: number;
  outcome: 'connected' | 'refused' | 'timeout' | 'unreachable' | 'not-allowed';
  refusal: AddressRefusal | null;
  tookMs: number;
};

export type ConnectFacts = { attempts: readonly ConnectAttempt[] };

export type TlsAttempt = {
  address: string;
  port: number;
  servername: string;
  outcome: 'trusted' | 'name' | 'expired' | 'untrusted' | 'failed';
  detail: string;
  certificate: ShownCertificate | null;
  tookMs: number;
};

export type TlsFacts = {
  trust: 'off' | 'system' | 'ca' | 'pinned' | 'unverified';
  attempts: readonly TlsAttempt[];
  checkedAt: number;
};

/** `host` is the Host header that was sent; `fault` is what the gateway would have answered in its own name. */
export type AnswerFacts = {
  target: string;
  host: string;
  status: number | null;
  location: string | null;
  /** The Location names the upstream's own host, and the app's settings do not turn that into the public name. */
  leadsInside: boolean;
  fault: string | null;
  detail: string;
};

export type StepFacts = {
  'public-dns': PublicDnsFacts;
  'gateway-address': GatewayFacts;
  certificate: CertificateFacts;
  'sign-in': SignInFacts;
  policy: PolicyFacts;
  'private-dns': PrivateDnsFacts;
  connect: ConnectFacts;
  tls: TlsFacts;
  answer: AnswerFacts;
};

/** `facts` are null where there was nothing to look at, or looking broke. */
export type PathStepOf<S extends PathStepName> = {
  step: S;
  state: StepState;
  code: PathCode<S>;
  tookMs: number;
  facts: StepFacts[S] | null;
};
export type PathStep = { [S in PathStepName]: PathStepOf<S> }[PathStepName];

/** The steps behind the gateway: nothing of them is for people who only open the app. */
export const PRIVATE_STEPS: ReadonlySet<PathStepName> = new Set(['private-dns', 'connect', 'tls', 'answer']);

export function hasFailed(step: Pick<PathStep, 'state'>): boolean {
  return step.state === 'bad';
}

/** What is to be looked at. `host` is one of the app's; `route` the place in its routes, -1 for its own upstream. */
export type TraceRequest = {
  appId: string;
  host: Hostname;
  route: number;
  /** Whom policy is asked about. */
  session: Session;
  /** Who looks: each person has one trace at a time. */
  viewerId: string;
  clientAddress: string;
  supportId: string;
  signal: AbortSignal;
};

/** For a person who opens the app: everybody's look at it is the same, but for policy. */
export type SharedTraceRequest = Pick<
  TraceRequest,
  'appId' | 'host' | 'viewerId' | 'clientAddress' | 'supportId' | 'signal'
>;

/** `replaced`: the same person began another one. `busy`: too many run, of this person or in this process. */
export type TraceEnd = { kind: 'done'; tookMs: number } | { kind: 'replaced' | 'busy' | 'gone' };
