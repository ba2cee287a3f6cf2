// What all processes have told, added up: counts of a process that is gone stay, so that replacing one never makes a counter fall.
import { AggregatorRegistry } from 'prom-client';
import { MAX_APPS, OTHER } from '../http/counters.ts';
import { type Family, isCumulative, isFamilies, type Sample } from './family.ts';

export type Ledger = {
  /** The latest that a process told; what it told before is part of it. */
  told(pid: number, families: readonly Family[]): void;
  /**
   * Everything, in Prometheus' text format. `answered` are the processes that told something just now; of the others, the counts
   * that they told before are in it, and nothing that is measured.
   */
  text(answered: ReadonlySet<number>, own: readonly Family[]): Promise<string>;
  /** These processes run. The counts of those that are gone are kept as one sum. */
  keep(running: ReadonlySet<number>, now: number): Promise<void>;
};

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
/** The last words of a process may be read after its end is known. */
const LAST_WORDS_MS = 5_000;

export function createLedger(): Ledger {
  const latest = new Map<number, readonly Family[]>();
  const goneSince = new Map<number, number>();
  const apps = new Set<string>();
  let ended: readonly Family[] = [];

  return {
    told: (pid, families) => {
      latest.set(pid, capApps(families, apps));
    },
    text: (answered, own) => {
      const each = Array.from(latest, ([pid, told]) => (answered.has(pid) ? told : told.filter(isCumulative)));
      return AggregatorRegistry.aggregate([byName([ended, ...each, own].flat())]).metrics();
    },
    keep: async (running, now) => {
      const old: number[] = [];
      for (const pid of latest.keys()) {
        if (running.has(pid)) goneSince.delete(pid);
        else if (now - (goneSince.get(pid) ?? now) >= LAST_WORDS_MS) old.push(pid);
        else goneSince.set(pid, goneSince.get(pid) ?? now);
      }
      if (old.length === 0) return;
      const counts = [ended, ...old.map((pid) => latest.get(pid) ?? [])].flat().filter(isCumulative);
      for (const pid of old) {
        latest.delete(pid);
        goneSince.delete(pid);
      }
      const sums: unknown = await AggregatorRegistry.aggregate([counts]).getMetricsAsJSON();
      if (!isFamilies(sums)) throw new Error('What was added up is no list of metrics.');
      ended = sums;
    },
  };
}

/** Sorted, so that one scrape looks like the next. */
function byName(families: readonly Family[]): Family[] {
  return families.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** The first 500 apps that any process ever told of keep their name here, whatever comes and goes in the catalogue. */
function capApps(families: readonly Family[], apps: Set<string>): readonly Family[] {
  const isKnown = (app: string): boolean => {
    if (apps.has(app) || app === OTHER) return true;
    if (apps.size >= MAX_APPS) return false;
    apps.add(app);
    return true;
  };
  const cap = (sample: Sample): Sample => {
    const { app } = sample.labels;
    return app === undefined || isKnown(app) ? sample : { ...sample, labels: { ...sample.labels, app: OTHER } };
  };
  return families.map((family) => ({ ...family, values: family.values.map(cap) }));
}
