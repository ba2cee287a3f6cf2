// Every name that resolvers of the organisation answer by, as one document, and what a name in it means.
import type { Address } from './address.ts';

export type NamedAddress = { name: string; address: Address };

/** Replaced whole, never in part. `version` is another one whenever anything else here is. */
export type NamesDocument = {
  version: string;
  /** `Win-A` is `Win-A.<zone>`. */
  zone: string;
  /** Endings that people may write instead of the zone. */
  search: readonly string[];
  /** Names of one label, as they were typed. */
  machines: readonly NamedAddress[];
  /** An administrator's own, of one label or several, below the zone. One that is a machine's is the machine's. */
  records: readonly NamedAddress[];
  ttlSeconds: number;
  /** The public names of all apps; only for whoever may read every name. */
  apps?: readonly string[];
  /** The gateway's own public name; where there is one, and only beside `apps`. */
  gateway?: string;
};

export type ResolvedName = { name: string; addresses: readonly Address[] };

/** The name in full as it is typed in the list, then the short name, with a search ending or none, then records. Null: not here. */
export function resolveInDocument(document: NamesDocument, asked: string): ResolvedName | null {
  const short = shortNameOf(document, asked);
  if (short === null) return null;
  const machine = document.machines.find(({ name }) => name.toLowerCase() === short);
  if (machine) return { name: `${machine.name}.${document.zone}`, addresses: [machine.address] };
  const records = document.records.filter(({ name }) => name.toLowerCase() === short);
  const [first] = records;
  return first ? { name: `${first.name}.${document.zone}`, addresses: records.map(({ address }) => address) } : null;
}

/** What is left of a name without the zone or a search ending; null where it lies outside of them. */
function shortNameOf({ zone, search }: NamesDocument, asked: string): string | null {
  const name = asked.trim().replace(/\.$/, '').toLowerCase();
  const endings = [zone, ...search].map((ending) => `.${ending.toLowerCase()}`);
  const ending = endings.find((each) => name.endsWith(each) && name.length > each.length);
  if (ending !== undefined) return name.slice(0, -ending.length);
  return name === '' || name.includes('.') ? null : name;
}
