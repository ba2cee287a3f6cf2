// Settings proposed for an app that is about to be published: each with the reason that a probe or a template gives, each for itself.
import type { HeaderEdit, HostHeader, IdentityHeaderFamily, Traffic } from './app.ts';
import type { AppTemplate } from './app-templates.ts';
import type { ProbedApp } from './probe.ts';

/** The parts of an app that are proposed. */
export type ProposedSettings = {
  hostHeader: HostHeader;
  identityHeaders: readonly IdentityHeaderFamily[];
  requestHeaders: readonly HeaderEdit[];
  mapLocation: boolean;
  mapCookieDomain: boolean;
  timeouts: Traffic['timeouts'];
  healthCheck: Traffic['healthCheck'];
};

/** A word for the page; `about` is what its sentence names. */
export type Proposal =
  | { key: 'host-internal' | 'host-differs'; about: string }
  | { key: 'origin'; about: string }
  | { key: 'map-location' | 'map-cookies'; about: string }
  | { key: 'identity'; about: string; family: IdentityHeaderFamily }
  | { key: 'headers'; about: string; edits: readonly HeaderEdit[] }
  | { key: 'patience'; about: string; timeouts: Partial<Traffic['timeouts']> }
  | { key: 'health'; about: string; path: string };
export type ProposalKey = Proposal['key'];

const PLAIN_SETTINGS: ProposedSettings = {
  hostHeader: { kind: 'public' },
  identityHeaders: [],
  requestHeaders: [],
  mapLocation: false,
  mapCookieDomain: false,
  timeouts: { connect: null, headers: null, idle: null },
  healthCheck: null,
};

const HEALTH_EVERY_MS = 10_000;

/** `internal`: the upstream's own name; `internalOrigin`: as its own pages have it. */
export function proposals(
  app: ProbedApp | null,
  template: AppTemplate | null,
  { internal, internalOrigin }: { internal: string; internalOrigin: string },
): Proposal[] {
  const proposed: Proposal[] = [];
  const wants = app?.wants ?? (template?.hostHeader === 'internal' ? 'internal' : 'either');
  if (wants === 'internal') proposed.push({ key: 'host-internal', about: internal });
  if (wants === 'different') proposed.push({ key: 'host-differs', about: internal });
  if (app?.refusesOrigin || app?.webSocket?.outcome === 'origin-refused')
    proposed.push({ key: 'origin', about: internalOrigin });
  proposed.push({ key: 'map-location', about: internal }, { key: 'map-cookies', about: internal });
  if (template?.identity) proposed.push({ key: 'identity', about: template.name, family: template.identity });
  if (template && template.requestHeaders.length > 0)
    proposed.push({ key: 'headers', about: template.name, edits: template.requestHeaders });
  if (template && Object.keys(template.timeouts).length > 0)
    proposed.push({ key: 'patience', about: template.name, timeouts: template.timeouts });
  if (template?.healthPath) proposed.push({ key: 'health', about: template.healthPath, path: template.healthPath });
  return proposed;
}

/** The settings with those proposals that were not switched off. */
export function settingsOf(proposed: readonly Proposal[], isOff: (key: ProposalKey) => boolean): ProposedSettings {
  let settings = PLAIN_SETTINGS;
  for (const each of proposed) if (!isOff(each.key)) settings = withProposal(settings, each);
  return settings;
}

function withProposal(settings: ProposedSettings, proposal: Proposal): ProposedSettings {
  switch (proposal.key) {
    case 'host-internal':
    case 'host-differs':
      return { ...settings, hostHeader: { kind: 'internal' } };
    case 'origin':
      return {
        ...settings,
        requestHeaders: [...settings.requestHeaders, { name: 'Origin', value: proposal.about }],
      };
    case 'map-location':
      return { ...settings, mapLocation: true };
    case 'map-cookies':
      return { ...settings, mapCookieDomain: true };
    case 'identity':
      return { ...settings, identityHeaders: [proposal.family] };
    case 'headers':
      return { ...settings, requestHeaders: [...settings.requestHeaders, ...proposal.edits] };
    case 'patience':
      return { ...settings, timeouts: { ...settings.timeouts, ...proposal.timeouts } };
    case 'health':
      return { ...settings, healthCheck: { path: proposal.path, everyMs: HEALTH_EVERY_MS } };
    default:
      return proposal satisfies never;
  }
}
