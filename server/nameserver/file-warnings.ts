// What the nameserver's file may say and hardly means: a sentence each, with its place. Pure.
import { isAtOrUnder, nameFromLabels, nameText, parseName } from '#server/dns/name.ts';
import type { ForwardRoute, LocalZone } from '#server/dns/names.ts';
import { nodeFor, type Zone, type ZoneLine } from '#server/dns/zone.ts';

/** A zone under `records`, and its lines as they are written. */
export type OwnRecords = { local: LocalZone; lines: readonly ZoneLine[] };

/** A file of a hundred thousand lines that are all wrong fills no log. */
const MAX_SENTENCES = 10;

export function fileWarnings(zones: readonly ForwardRoute[], records: readonly OwnRecords[]): readonly string[] {
  const sentences = [
    ...zones.flatMap((route, at) => hidden(route, at, records)),
    ...records.flatMap(handedOn),
    ...records.flatMap(lost),
  ];
  const rest = sentences.length - MAX_SENTENCES;
  return rest <= 0 ? sentences : [...sentences.slice(0, MAX_SENTENCES), `There are ${rest} more such places.`];
}

/** Our own records come first (plan.ts), and a whole zone of theirs leaves nothing to others. */
function hidden({ zone }: ForwardRoute, at: number, records: readonly OwnRecords[]): string[] {
  const whole = records.find(({ local }) => local.covers === 'whole' && isAtOrUnder(zone, local.zone.origin));
  if (whole === undefined) return [];
  const [name, origin] = [nameText(zone), nameText(whole.local.zone.origin)];
  return [
    `zones.${at}: The servers of ${name} are asked for nothing, for ${origin} under records is whole. Write "covers": "exact" there.`,
  ];
}

/** Whoever asks us does not go on to other servers by himself, and we go on to those under `zones` alone. */
function handedOn({ local: { zone } }: OwnRecords, at: number): string[] {
  const below = [...zone.nodes.values()].flatMap(
    (node) => node.find(({ data, name }) => data.kind === 'ns' && name.length > zone.origin.length) ?? [],
  );
  return below.map(({ name }) => {
    const text = nameText(name);
    return `records.${at}.lines: ${text} has NS, and whoever asks for it or what lies below it is only told of those servers. Leave NS out, name them under zones for ${text}, and write "covers": "exact" here.`;
  });
}

/** In a zone file a name without a final dot is one of the zone; most people mean it otherwise where it has dots within. */
function lost({ local: { zone }, lines }: OwnRecords, at: number): string[] {
  return lines.flatMap((line, index) => {
    const target = relativeTarget(line, zone);
    if (target === null || nodeFor(zone, target) !== null) return [];
    const written = line.value.trim().split(/\s+/).at(-1);
    return [
      `records.${at}.lines.${index}: ${line.name} leads to ${nameText(target)}, which is not there. For ${written} itself write ${written}. with a dot at its end.`,
    ];
  });
}

function relativeTarget({ type, value }: ZoneLine, { origin }: Zone) {
  if (!LEADING.has(type) || value.trim().endsWith('.')) return null;
  const written = parseName(value.trim().split(/\s+/).at(-1) ?? '');
  return written === null || written.length < 2 ? null : nameFromLabels([...written, ...origin]);
}

/** Types whose value ends with a name. */
const LEADING: ReadonlySet<string> = new Set(['CNAME', 'PTR', 'MX', 'SRV', 'NS']);
