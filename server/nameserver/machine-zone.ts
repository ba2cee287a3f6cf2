// The organisation's list of names as a zone that an engine answers by: built whole, so that no query sees half of one.
import { familyOf } from '#server/core/address.ts';
import type { NamesDocument } from '#server/core/names-document.ts';
import { parseName } from '#server/dns/name.ts';
import type { LocalZone } from '#server/dns/names.ts';
import { buildZone } from '#server/dns/zone.ts';

/** As long as a machine that was just added may be unknown to who asked for it too early. */
const NEGATIVE_TTL_SECONDS = 10;

export type ReadMachineZone = { kind: 'zone'; zone: LocalZone } | { kind: 'invalid'; problem: string };

/** A record of an administrator's that is called as a machine is the machine's. */
export function machineZone(names: NamesDocument): ReadMachineZone {
  const origin = parseName(names.zone);
  if (origin === null || origin.length === 0) return { kind: 'invalid', problem: `${names.zone} is no zone` };
  const search = names.search.map(parseName).filter((name) => name !== null && name.length > 0);
  const machines = new Set(names.machines.map(({ name }) => name.toLowerCase()));
  const records = names.records.filter(({ name }) => !machines.has(name.toLowerCase()));
  const lines = [...names.machines, ...records].map(({ name, address }) => ({
    ...{ name, value: address, type: familyOf(address) === 4 ? 'A' : 'AAAA', ttlSeconds: names.ttlSeconds },
  }));
  const built = buildZone({ origin, lines, negativeTtlSeconds: NEGATIVE_TTL_SECONDS });
  if (built.kind === 'invalid') return built;
  const zone: LocalZone = {
    ...{ zone: built.zone, search: search as LocalZone['search'], answersSingleLabels: true, covers: 'whole' },
  };
  return { kind: 'zone', zone };
}
