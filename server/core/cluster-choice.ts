// Which nodes of a cluster one client is told, and which of their addresses.
import { type Address, type AddressRange, addressBytes, addressOf, isMapped } from './address.ts';
import { isPrivate } from './check-address.ts';
import type { Cluster, ClusterNode, Side } from './cluster.ts';
import type { Standing } from './cluster-health.ts';

/** Whose addresses a client is told: those of its side, and from outside, where a delegated cluster may be asked for, no private one. */
export type Asker = { side: Side; isOutside: boolean };

/** By the narrowest view that has the client; nobody's client gets the rest. */
export function askerOf(cluster: Pick<Cluster, 'delegated' | 'views' | 'otherwise'>, client: Address): Asker {
  const bytes = plainBytes(client);
  const side = cluster.views.find(({ range }) => holds(range, bytes))?.side ?? cluster.otherwise;
  return { side, isOutside: cluster.delegated && !isPrivate(client) };
}

export function addressesFor({ addresses }: ClusterNode, { side, isOutside }: Asker): readonly Address[] {
  return isOutside ? addresses[side].filter((address) => !isPrivate(address)) : addresses[side];
}

/** Where nobody outside could get to any node there is no address to tell, whoever is up. */
export function tellNodes(
  cluster: Cluster,
  nodes: readonly ClusterNode[],
  is: NodeStates,
  asker: Asker,
  client: Address,
  chance: number,
): Told {
  const reachable = nodes.filter((node) => addressesFor(node, asker).length > 0);
  return reachable.length === 0 ? { kind: 'nodes', nodes: [] } : chooseNodes(cluster, reachable, is, client, chance);
}

/** The numbers of the nodes that can be sent people. One node alone is one name and one address: its health is not asked (TG-0). */
export function upNodes(
  { nodes }: Pick<Cluster, 'nodes'>,
  standings: ReadonlyMap<number, Standing>,
): ReadonlySet<number> {
  const up = nodes.filter(({ number }) => nodes.length === 1 || standings.get(number) === 'up');
  return new Set(up.map(({ number }) => number));
}

/** Of one view, or of everybody else (`subnets` empty): from which addresses an answer is chosen. Nobody: SERVFAIL. */
export type ViewAnswer = Asker & {
  subnets: readonly AddressRange[];
  kind: Told['kind'];
  addresses: readonly Address[];
};

export function viewAnswers(
  cluster: Cluster,
  up: ReadonlySet<number>,
  drained: ReadonlySet<number>,
): readonly ViewAnswer[] {
  const is = {
    available: (node: ClusterNode) => up.has(node.number),
    drained: (node: ClusterNode) => drained.has(node.number),
  };
  const answerTo = (asker: Asker, subnets: readonly AddressRange[]): ViewAnswer => {
    const told = tellNodes({ ...cluster, selection: 'all' }, cluster.nodes, is, asker, NO_CLIENT, 0);
    const nodes = told.kind === 'nodes' ? told.nodes : [];
    return { ...asker, subnets, kind: told.kind, addresses: nodes.flatMap((node) => addressesFor(node, asker)) };
  };
  const views = cluster.views.flatMap(({ range, side }) =>
    whereaboutsOf(cluster, range).map((isOutside) => ({ range, side, isOutside })),
  );
  const groups = Map.groupBy(views, ({ side, isOutside }) => `${side} ${isOutside}`).values();
  return [
    ...[...groups].flatMap((group) =>
      group.slice(0, 1).map((first) =>
        answerTo(
          first,
          group.map(({ range }) => range),
        ),
      ),
    ),
    ...whereaboutsOf(cluster, null).map((isOutside) => answerTo({ side: cluster.otherwise, isOutside }, [])),
  ];
}

/** Whether clients of a range, or of all others (null), may ask from inside, from outside, or both: as values of `isOutside`. */
function whereaboutsOf({ delegated }: Cluster, range: AddressRange | null): readonly boolean[] {
  if (!delegated) return [false];
  if (range === null || range.prefix < 8) return [false, true];
  const [first = 0, second = 0, ...rest] = addressBytes(range.address);
  // Of IPv4, whole /16s are private or not (RFC 6890).
  const blocks = rest.length === 2 ? 2 ** Math.max(0, 16 - range.prefix) : 1;
  const starts = Array.from({ length: blocks }, (_, at) => addressOf(Uint8Array.of(first, second + at, ...rest)));
  return [false, true].filter((isOutside) => starts.some((each) => isPrivate(each) !== isOutside));
}

/** Where no client is chosen by. */
const NO_CLIENT = addressOf(new Uint8Array(4));

/** As of now. */
export type NodeStates = { available(node: ClusterNode): boolean; drained(node: ClusterNode): boolean };

export type Told = { kind: 'nodes'; nodes: readonly ClusterNode[] } | { kind: 'nobody' };

/**
 * Of the nodes (all of a cluster, or of one of its sub-clusters) those to tell. `chance`: from 0 to
 * below 1, each as likely as the others. A count would not do: clients ask for A and AAAA in turn, and one node would get every A.
 */
function chooseNodes(
  { selection, whenAllDown }: Pick<Cluster, 'selection' | 'whenAllDown'>,
  nodes: readonly ClusterNode[],
  is: NodeStates,
  client: Address,
  chance: number,
): Told {
  const available = nodes.filter((node) => is.available(node) && !is.drained(node));
  const standing =
    available.length > 0 || whenAllDown === 'fail' ? available : nodes.filter((node) => !is.drained(node));
  const one = selection === 'hash' ? closest(standing, client) : standing[Math.floor(chance * standing.length)];
  if (!one) return { kind: 'nobody' };
  return { kind: 'nodes', nodes: selection === 'all' ? standing : [one] };
}

/** Highest random weight: when a node goes, only its own clients go elsewhere, and they come back with it. */
function closest(nodes: readonly ClusterNode[], client: Address): ClusterNode | undefined {
  const bytes = plainBytes(client);
  let best: ClusterNode | undefined;
  let highest = -1;
  for (const node of nodes) {
    const weight = hash([...bytes, node.number & 0xff, node.number >> 8]);
    if (weight > highest) [best, highest] = [node, weight];
  }
  return best;
}

/** FNV-1a in 32 bits, with a last mix: neighbouring addresses differ in one byte only. */
function hash(bytes: readonly number[]): number {
  let value = 0x811c9dc5;
  for (const byte of bytes) value = Math.imul(value ^ byte, 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

function holds({ address, prefix }: AddressRange, bytes: Uint8Array): boolean {
  const network = addressBytes(address);
  if (network.length !== bytes.length) return false;
  return network.every((byte, at) => ((byte ^ (bytes[at] ?? 0)) & mask(prefix - at * 8)) === 0);
}

function mask(prefixInByte: number): number {
  if (prefixInByte >= 8) return 0xff;
  return prefixInByte <= 0 ? 0 : (0xff << (8 - prefixInByte)) & 0xff;
}

/** A socket for both families shows an IPv4 client as ::ffff:a.b.c.d, which is the same host. */
function plainBytes(client: Address): Uint8Array {
  const bytes = addressBytes(client);
  return isMapped(bytes) ? bytes.subarray(12) : bytes;
}
