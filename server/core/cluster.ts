// A cluster of gateways behind one name: what an administrator sets, checked and worked out to each node's addresses.
import { type Address, type AddressRange, parseRange } from './address.ts';
import { type Base, type CountedAddress, countOn, parseBase } from './cluster-base.ts';
import type { Hostname } from './hostname.ts';

/** Which of a node's addresses somebody is told: the one inside the network, or the one behind address translation. */
export const SIDES = ['lan', 'nat'] as const;
export type Side = (typeof SIDES)[number];

/** `all`: every available node. `one`: each answer has one, each as likely as the others. `hash`: one, and the same for the same client. */
export const SELECTIONS = ['all', 'one', 'hash'] as const;
export type Selection = (typeof SELECTIONS)[number];

/** `fail`: SERVFAIL. `all`: every node that is not drained, whatever is known of it. */
export const WHEN_ALL_DOWN = ['fail', 'all'] as const;

/** As forms and the API give it. `name` null: there is no cluster, and the rest counts for nothing. */
export type ClusterSettings = {
  name: Hostname | null;
  /** In public DNS, to the load balancers: everybody may ask for it, and whoever asks from outside is told no private address. */
  delegated: boolean;
  subClusters: readonly SubClusterSettings[];
  views: readonly { subnets: readonly string[]; side: Side }[];
  /** What clients get whom no view names. */
  otherwise: Side;
  selection: Selection;
  whenAllDown: (typeof WHEN_ALL_DOWN)[number];
  /** The port that has to accept connections at every node; null looks at heartbeats alone. */
  checkPort: number | null;
  /** Ceilings; null for none. The vendor of the seed has 3 in each sub-cluster, and 9. */
  maxLoadBalancers: number | null;
  maxSubClusters: number | null;
};

/**
 * `label`: its own name below the cluster's; '' where it needs none. `lan` and `nat`: the address of node `firstNumber`, with its
 * prefix, at most one of each IP version.
 */
export type SubClusterSettings = {
  label: string;
  nodes: readonly number[];
  loadBalancers: readonly number[];
  firstNumber: number;
  lan: readonly string[];
  nat: readonly string[];
};

export type ClusterNode = {
  number: number;
  subCluster: string;
  isLoadBalancer: boolean;
  addresses: Readonly<Record<Side, readonly Address[]>>;
};

/** Worked out and free of contradictions: numbers and addresses are there once, one node is a load balancer, every side that is told has addresses. */
export type Cluster = {
  name: Hostname;
  delegated: boolean;
  /** By number. */
  nodes: readonly ClusterNode[];
  /** The labels of sub-clusters that have one. */
  labels: readonly string[];
  /** The narrowest first. */
  views: readonly { range: AddressRange; side: Side }[];
  otherwise: Side;
  selection: Selection;
  whenAllDown: ClusterSettings['whenAllDown'];
  checkPort: number | null;
};

/** `at`: the way to the field, as in `['subClusters', 0, 'lan']`. */
export type ClusterProblem = { at: readonly (string | number)[]; sentence: string };
export type PlannedCluster =
  | { kind: 'cluster'; cluster: Cluster }
  | { kind: 'none' }
  | { kind: 'invalid'; problems: readonly ClusterProblem[] };

/** Of a host name, in characters (RFC 1035 §2.3.4). */
const MAX_NAME_LENGTH = 253;

/** `n3`, the name of node 3 below its cluster's. */
export function nodeLabel(number: number): string {
  return `n${number}`;
}

/** Every name that its zones have addresses of: its own, those of sub-clusters, those of nodes. */
export function namesOfCluster({ name, labels, nodes }: Cluster): ReadonlySet<Hostname> {
  const below = [...labels, ...nodes.map(({ number }) => nodeLabel(number))];
  return new Set([name, ...below.map((label) => `${label}.${name}` as Hostname)]);
}

export function planCluster(settings: ClusterSettings): PlannedCluster {
  const { name, delegated, subClusters, otherwise, selection, whenAllDown, checkPort } = settings;
  if (name === null) return { kind: 'none' };
  const problems: ClusterProblem[] = [];
  const note = (at: ClusterProblem['at'], sentence: string) => void problems.push({ at, sentence });
  if (!name.includes('.'))
    note(['name'], 'This is one label alone. Write a full name, such as gateways.corp.internal.');
  checkRoles(settings, note);
  const below = subClusters.flatMap(({ label, nodes }) => [label, ...nodes.map(nodeLabel)]);
  if (below.some((label) => label.length + 1 + name.length > MAX_NAME_LENGTH))
    note(['name'], 'Names of nodes and sub-clusters lie below this one and would be too long. Choose a shorter name.');
  const nodes = subClusters.flatMap((group, at) => nodesOf(group, at, note));
  checkAddresses(nodes, note);
  const views = viewsOf(settings, note);
  for (const side of new Set([otherwise, ...views.map((view) => view.side)])) checkSide(subClusters, side, note);
  if (problems.length > 0) return { kind: 'invalid', problems };
  const labels = subClusters.map(({ label }) => label).filter((label) => label !== '');
  nodes.sort((one, other) => one.number - other.number);
  const answers = { selection, whenAllDown, checkPort };
  return { kind: 'cluster', cluster: { name, delegated, nodes, labels, views, otherwise, ...answers } };
}

type Note = (at: ClusterProblem['at'], sentence: string) => void;

function checkRoles({ subClusters, maxLoadBalancers, maxSubClusters }: ClusterSettings, note: Note): void {
  const owner = new Map<number, number>();
  const labels = new Set<string>();
  if (maxSubClusters !== null && subClusters.length > maxSubClusters)
    note(['subClusters'], `These are ${subClusters.length} sub-clusters, and the ceiling is ${maxSubClusters}.`);
  for (const [at, { label, nodes, loadBalancers, firstNumber }] of subClusters.entries()) {
    if (label !== '' && !/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label))
      note(
        ['subClusters', at, 'label'],
        'This is no label. Use lower-case letters, digits and hyphens, such as berlin.',
      );
    else if (/^n[0-9]+$/.test(label))
      note(['subClusters', at, 'label'], `${label} is the name of a node. Choose another label.`);
    if (label !== '' && labels.has(label))
      note(['subClusters', at, 'label'], `Two sub-clusters are called ${label}. Choose another label.`);
    labels.add(label);
    if (nodes.length === 0) note(['subClusters', at, 'nodes'], 'There is no node. Write numbers such as 1-3.');
    for (const number of nodes) {
      if (number < firstNumber)
        note(
          ['subClusters', at, 'nodes'],
          `Node ${number} comes before node ${firstNumber}, which has the first address. Lower the number of the first address.`,
        );
      if (owner.has(number))
        note(['subClusters', at, 'nodes'], `Node ${number} is there twice. Each node has its own number.`);
      owner.set(number, at);
    }
    const stranger = loadBalancers.find((number) => !nodes.includes(number));
    if (stranger !== undefined)
      note(
        ['subClusters', at, 'loadBalancers'],
        `Node ${stranger} is no node of this sub-cluster. Add it there first.`,
      );
    if (maxLoadBalancers !== null && loadBalancers.length > maxLoadBalancers)
      note(
        ['subClusters', at, 'loadBalancers'],
        `These are ${loadBalancers.length} load balancers, and the ceiling is ${maxLoadBalancers}.`,
      );
  }
  if (subClusters.length === 0) note(['subClusters'], 'There is no node. Add a sub-cluster with its nodes.');
  else if (subClusters.every(({ loadBalancers }) => loadBalancers.length === 0))
    note(
      ['subClusters', 0, 'loadBalancers'],
      'No node is a load balancer. Name those that answer DNS for this name, such as 1, 2.',
    );
}

function nodesOf(group: SubClusterSettings, at: number, note: Note): ClusterNode[] {
  const addressesOf = Object.fromEntries(
    SIDES.map((side) => [side, addressesBy(group, side, (sentence) => note(['subClusters', at, side], sentence))]),
  ) as Record<Side, (number: number) => Address[]>;
  const counted = new Set(group.nodes.filter((number) => number >= group.firstNumber));
  return [...counted].map((number) => ({
    number,
    subCluster: group.label,
    isLoadBalancer: group.loadBalancers.includes(number),
    addresses: { lan: addressesOf.lan(number), nat: addressesOf.nat(number) },
  }));
}

/** What one side's first addresses give each number. */
function addressesBy(group: SubClusterSettings, side: Side, note: (sentence: string) => void) {
  const bases: Base[] = [];
  for (const text of group[side]) {
    const base = parseBase(text);
    if (base === null)
      note(`“${text}” is no address with its subnet. Write the first node’s, such as 192.168.1.100/24.`);
    else if (bases.some((other) => versionOf(other) === versionOf(base)))
      note(`These are two first addresses of IPv${versionOf(base)}. Keep one of them.`);
    else bases.push(base);
  }
  let isTold = false;
  return (number: number): Address[] =>
    bases.flatMap((base) => {
      const counted = countOn(base, number - group.firstNumber);
      if (counted.kind === 'address') return [counted.address];
      if (!isTold) note(outsideSentence(number, counted));
      isTold = true;
      return [];
    });
}

function outsideSentence(number: number, counted: Exclude<CountedAddress, { kind: 'address' }>): string {
  switch (counted.kind) {
    case 'past':
      return `Node ${number} would lie behind the end of ${counted.subnet}. Choose another first address, or a larger subnet.`;
    case 'subnet':
      return `Node ${number} would be ${counted.address}, which is the subnet itself. Choose another first address.`;
    case 'broadcast':
      return `Node ${number} would be ${counted.address}, the broadcast address of ${counted.subnet}. Choose another first address.`;
  }
}

function versionOf({ first }: Base): 4 | 6 {
  return first.includes(':') ? 6 : 4;
}

function checkAddresses(nodes: readonly ClusterNode[], note: Note): void {
  const owner = new Map<Address, number>();
  for (const { number, addresses } of nodes) {
    for (const address of new Set([...addresses.lan, ...addresses.nat])) {
      const other = owner.get(address);
      if (other !== undefined)
        note(['subClusters'], `Nodes ${other} and ${number} would both be ${address}. Choose other first addresses.`);
      owner.set(address, number);
    }
  }
}

function viewsOf({ views }: ClusterSettings, note: Note): { range: AddressRange; side: Side }[] {
  const ranges = new Map<string, { range: AddressRange; side: Side }>();
  for (const [at, { subnets, side }] of views.entries()) {
    if (subnets.length === 0) note(['views', at, 'subnets'], 'There is no subnet. Add one, or remove this view.');
    for (const [place, text] of subnets.entries()) {
      const range = parseRange(text);
      if (range === null)
        note(
          ['views', at, 'subnets', place],
          'This is no subnet. Write the network with zero host bits, such as 10.10.10.0/24.',
        );
      else if (ranges.has(text)) note(['views', at, 'subnets', place], `${text} is in two places. Keep one of them.`);
      else ranges.set(text, { range, side });
    }
  }
  return [...ranges.values()].sort((one, other) => other.range.prefix - one.range.prefix);
}

function checkSide(subClusters: readonly SubClusterSettings[], side: Side, note: Note): void {
  const at = subClusters.findIndex((group) => group[side].length === 0);
  if (at < 0) return;
  note(
    ['subClusters', at, side],
    side === 'lan'
      ? 'Clients are told LAN addresses, and there is none here. Write the first node’s, such as 192.168.1.100/24.'
      : 'A view tells NAT addresses, and there is none here. Write the first node’s, such as 10.10.10.100/24.',
  );
}

/** Reads `1-3, 5`; null where it is no list of numbers from 1 on. */
export function parseNumbers(text: string): number[] | null {
  const numbers = new Set<number>();
  for (const part of text.split(/[\s,;]+/).filter((each) => each !== '')) {
    const [, from, to] = /^([0-9]{1,4})(?:[-–]([0-9]{1,4}))?$/.exec(part) ?? [];
    const first = Number(from ?? 0);
    const last = Number(to ?? first);
    if (first < 1 || last < first || last - first >= MAX_NODES) return null;
    for (let number = first; number <= last; number++) numbers.add(number);
  }
  return [...numbers].sort((one, other) => one - other);
}

/** More do not fit into one answer that UDP carries by a wide margin, and nobody has them. */
export const MAX_NODES = 250;

export function numbersText(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of [...numbers].sort((one, other) => one - other)) {
    const run = runs.at(-1);
    if (run && run[1] === number - 1) run[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
}
