// What a look at an app's path is about, and what of it an app's owner is told.
import type { App } from '#server/core/app.ts';
import type { Hostname } from '#server/core/hostname.ts';
import type { PathStep } from '#server/core/path.ts';

/** One of the app's own names and upstreams; the first ones when nothing is said. Null for others. */
export function placeOf(
  { hosts, traffic }: App,
  { host: named, route }: { host?: string | null | undefined; route: number },
): { host: Hostname; route: number } | null {
  const host = named ? hosts.find((each) => each === named) : hosts[0];
  const isKnown = route === -1 || traffic.routes[route] !== undefined;
  return host && isKnown ? { host, route } : null;
}

/** Who may not read of sites sees what their app's names come to, and not what else is there: its zones, and where its servers are. */
function withoutSite(step: PathStep): PathStep {
  if (step.step !== 'private-dns' || step.facts === null) return step;
  const { facts } = step;
  const unplaced = (answers: typeof facts.answers) => answers.map((each) => ({ ...each, server: null }));
  const servers = facts.servers.map(({ answers }, at) => ({ server: `#${at + 1}`, answers: unplaced(answers) }));
  return { ...step, facts: { ...facts, zones: [], answers: unplaced(facts.answers), servers } };
}

/** A step as somebody is told of it who may read this much. */
export function shownStep(step: PathStep, reads: { providers: boolean; sites: boolean }): PathStep {
  const known = reads.providers ? step : withoutProviders(step);
  return reads.sites ? known : withoutSite(known);
}

/** An app's owner sees that sign-in works, and not by whom. */
function withoutProviders(step: PathStep): PathStep {
  if (step.step !== 'sign-in' || step.facts === null) return step;
  return {
    ...step,
    facts: { ...step.facts, providers: step.facts.providers.map((each) => ({ ...each, issuer: '', detail: '' })) },
  };
}
