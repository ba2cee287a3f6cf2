// The settings of a cluster as its form and the API give them, refused where they contradict themselves.
import { z } from 'zod';
import { parseRange } from '#server/core/address.ts';
import {
  type ClusterSettings,
  MAX_NODES,
  parseNumbers,
  planCluster,
  SELECTIONS,
  SIDES,
  WHEN_ALL_DOWN,
} from '#server/core/cluster.ts';
import { baseText, parseBase } from '#server/core/cluster-base.ts';
import { hostname, listOf, port, read } from './field.ts';

const NO_NUMBERS = `These are no numbers of nodes. Write such as 1-3 or 1, 2, 4: from 1 on, ${MAX_NODES} at most.`;
const MOST_SUB_CLUSTERS = 100;

const nodeNumber = z.int(NO_NUMBERS).min(1, NO_NUMBERS).max(9_999, NO_NUMBERS);

/** A count (nodes 1 to n), a list of numbers, or the text of one. */
const numbers = z
  .union([z.int(NO_NUMBERS), z.string().max(2_000), z.array(nodeNumber).max(MAX_NODES, NO_NUMBERS)], NO_NUMBERS)
  .transform((given, context): number[] => {
    const list = Array.isArray(given) ? given : parseNumbers(typeof given === 'number' ? `1-${given}` : given);
    if (list !== null && list.length <= MAX_NODES) return [...list].sort((one, other) => one - other);
    context.addIssue({ code: 'custom', message: NO_NUMBERS });
    return z.NEVER;
  });

const base = read((text) => {
  const parsed = parseBase(text);
  return parsed && baseText(parsed);
}, 'This is no address with its subnet. Write the first node’s, such as 192.168.1.100/24.');

const subnet = read(
  (text) => (parseRange(text) ? text.toLowerCase() : null),
  'This is no subnet. Write the network with zero host bits, such as 10.10.10.0/24.',
);

const ceiling = z
  .int('A ceiling is a whole number from 1 on. Leave it empty for none.')
  .min(1, 'A ceiling is a whole number from 1 on. Leave it empty for none.')
  .max(MAX_NODES, `A ceiling above ${MAX_NODES} says nothing. Leave it empty for none.`)
  .nullable()
  .default(null);

const subCluster = z.strictObject({
  label: z
    .string()
    .max(63)
    .transform((text) => text.trim().toLowerCase())
    .default(''),
  nodes: numbers,
  loadBalancers: numbers.default([]),
  firstNumber: nodeNumber.default(1),
  lan: listOf(base, 2).default([]),
  nat: listOf(base, 2).default([]),
});

const view = z.strictObject({ subnets: listOf(subnet, 200), side: z.enum(SIDES) });

export const cluster = z
  .strictObject({
    name: hostname.nullable().default(null),
    delegated: z.boolean().default(false),
    subClusters: z
      .array(subCluster)
      .max(MOST_SUB_CLUSTERS, `The most is ${MOST_SUB_CLUSTERS} sub-clusters.`)
      .default([]),
    views: z.array(view).max(100, 'The most is 100 views.').default([]),
    otherwise: z.enum(SIDES).default('lan'),
    selection: z.enum(SELECTIONS).default('all'),
    whenAllDown: z.enum(WHEN_ALL_DOWN).default('fail'),
    checkPort: port.nullable().default(443),
    maxLoadBalancers: ceiling,
    maxSubClusters: ceiling,
  })
  .superRefine((settings: ClusterSettings, context) => {
    const planned = planCluster(settings);
    if (planned.kind !== 'invalid') return;
    for (const { at, sentence } of planned.problems)
      context.addIssue({ code: 'custom', path: [...at], message: sentence });
  });
