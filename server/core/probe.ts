// What a probe of an upstream finds out before its app is published: values for a page, and for the settings that are proposed from them.
import type { UpstreamTls } from './app.ts';
import type { Hostname } from './hostname.ts';
import type { PathStepOf, ShownCertificate } from './path.ts';

export type ProbeRequest = {
  siteId: string;
  scheme: 'http' | 'https';
  host: string;
  port: number;
  /** What is trusted already, from an earlier look. */
  tls: UpstreamTls;
  /** The app's first public name. */
  publicHost: Hostname;
  /** Paths of WebSockets that are known of the app. */
  webSocketPaths: readonly string[];
  clientAddress: string;
  /** Each person has one probe at a time. */
  viewerId: string;
};

/** Where a redirect leads: within the app, to its internal name, to its public name, from http to https, or to somebody else. */
export type Leads = 'within' | 'internal' | 'public' | 'to-https' | 'elsewhere';

export type ProbeHop = { status: number; location: string; leads: Leads };

/** The first page under one Host, with the redirects on the way that stayed at this upstream. */
export type ProbedPage = {
  host: string;
  /** Null: there was no answer, see `fault`. */
  status: number | null;
  fault: string | null;
  path: string;
  title: string;
  server: string;
  hops: readonly ProbeHop[];
};

export type ProbedLogin = { kind: 'none' | 'form' | 'basic' | 'negotiate' } | { kind: 'elsewhere'; host: string };

/** What was asked of an upstream that answers. */
export type ProbedApp = {
  asPublic: ProbedPage;
  /** Null where there is no other name to ask for. */
  asInternal: ProbedPage | null;
  /** Which Host the app answers well; `different`: both, but not with the same page. */
  wants: 'either' | 'public' | 'internal' | 'different' | 'neither';
  /** It leads http to https at this port of its own; null when it does not. */
  httpsPort: number | null;
  /** It refuses requests whose Origin is the public one. */
  refusesOrigin: boolean;
  /** Links of the first page to names that only the private network knows. */
  internalLinks: readonly { host: string; count: number }[];
  webSocket: { path: string; outcome: 'accepted' | 'origin-refused' } | null;
  /** The address of a service worker of its own. */
  serviceWorker: string | null;
  login: ProbedLogin;
};

export type ProbeReport = {
  privateDns: PathStepOf<'private-dns'>;
  connect: PathStepOf<'connect'>;
  tls: PathStepOf<'tls'>;
  /** As it was shown, trusted or not. */
  certificate: ShownCertificate | null;
  /** Null when nothing could be asked. */
  app: ProbedApp | null;
  tookMs: number;
};

export type ProbeEnd = { kind: 'probed'; report: ProbeReport } | { kind: 'busy' };
