// What the guided publishing has been told so far. It lives in the browser tab until the app is published; no secret is ever part of it.
import { templateOf } from '#server/core/app-templates.ts';
import type { ProbeReport } from '#server/core/probe.ts';
import { type Proposal, type ProposalKey, proposals, settingsOf } from '#server/core/proposals.ts';
import type { Chosen } from '../assignee-search.tsx';

export const STEPS = ['name', 'upstream', 'settings', 'people', 'summary'] as const;
export type Step = (typeof STEPS)[number];

export type Draft = {
  template: string | null;
  name: string;
  host: string;
  description: string;
  category: string;
  siteId: string;
  scheme: 'http' | 'https';
  upstreamHost: string;
  port: string;
  trust: 'system' | 'pinned' | 'ca';
  sha256: string;
  pem: string;
  report: ProbeReport | null;
  /** What the report was made for; another upstream makes it worthless. */
  probed: string;
  off: readonly ProposalKey[];
  chosen: readonly Chosen[];
};

export const EMPTY: Draft = {
  template: null,
  name: '',
  host: '',
  description: '',
  category: '',
  siteId: '',
  scheme: 'http',
  upstreamHost: '',
  port: '',
  trust: 'system',
  sha256: '',
  pem: '',
  report: null,
  probed: '',
  off: [],
  chosen: [],
};

export function portOf({ port, scheme }: Pick<Draft, 'port' | 'scheme'>): string {
  return port.trim() || (scheme === 'https' ? '443' : '80');
}

export function upstreamText(draft: Draft): string {
  const host = draft.upstreamHost.trim();
  return `${draft.scheme}://${host.includes(':') ? `[${host}]` : host}:${portOf(draft)}`;
}

/** Says for which upstream a report is. */
export function probeKey(draft: Draft): string {
  const { siteId, trust, sha256, pem, host } = draft;
  return JSON.stringify([
    siteId,
    upstreamText(draft),
    trust,
    trust === 'pinned' ? sha256 : trust === 'ca' ? pem : '',
    host,
  ]);
}

/** The report, as long as it is about what is typed. */
export function currentReport(draft: Draft): ProbeReport | null {
  return draft.probed === probeKey(draft) ? draft.report : null;
}

export function upstreamInput(draft: Draft) {
  const { scheme, upstreamHost, trust, sha256, pem } = draft;
  const tls = trust === 'pinned' ? { kind: trust, sha256 } : trust === 'ca' ? { kind: trust, pem } : { kind: trust };
  return { scheme, host: upstreamHost.trim(), port: portOf(draft), tls: scheme === 'https' ? tls : { kind: 'system' } };
}

export function proposed(draft: Draft): Proposal[] {
  const internal = draft.upstreamHost.trim();
  const port = portOf(draft);
  const isPlain = port === (draft.scheme === 'https' ? '443' : '80');
  const internalOrigin = `${draft.scheme}://${internal}${isPlain ? '' : `:${port}`}`;
  return proposals(currentReport(draft)?.app ?? null, templateOf(draft.template), { internal, internalOrigin });
}

/** As the store's schema reads it. */
export function appInput(draft: Draft): Record<string, unknown> {
  const settings = settingsOf(proposed(draft), (key) => draft.off.includes(key));
  const { hostHeader, identityHeaders, ...traffic } = settings;
  const template = templateOf(draft.template);
  return {
    name: draft.name,
    description: draft.description,
    category: draft.category.trim(),
    icon: template ? { kind: 'shipped', name: template.icon } : { kind: 'drawn' },
    hosts: [draft.host.trim()],
    siteId: draft.siteId,
    upstream: { ...upstreamInput(draft), hostHeader },
    identityHeaders,
    traffic,
  };
}

/** The step where a mistake of the store's is mended. */
export function stepOfError(path: string): Step {
  if (/^(name|hosts|description|category)/.test(path)) return 'name';
  if (/^(siteId|upstream)/.test(path) && !path.startsWith('upstream.hostHeader')) return 'upstream';
  return path.startsWith('assignments') ? 'people' : 'settings';
}

const KEY = 'foyer-publish';
export type Kept = { draft: Draft; step: Step };

export function readKept(): Kept | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Kept | null;
    if (!kept || !STEPS.includes(kept.step)) return null;
    return { step: kept.step, draft: { ...EMPTY, ...kept.draft } };
  } catch {
    // Storage that is switched off, or holds something else: one begins anew.
    return null;
  }
}

export function keep(kept: Kept | null): void {
  try {
    if (kept) sessionStorage.setItem(KEY, JSON.stringify(kept));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Without storage a reload begins anew; nothing else is lost.
  }
}
