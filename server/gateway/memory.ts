// How much memory one gateway process may take, and how much of that is JavaScript's heap.
import { totalmem } from 'node:os';
import { parseQuantity, quantityProblem } from '#server/config/quantity.ts';
import type { Environment } from '#server/config.ts';
import { GATEWAY_MEMORY } from '#server/http/limits.ts';

const MB = 1_024 * 1_024;
/** The rest is the portal's, the supervisor's and the machine's own. */
const GATEWAYS_SHARE = 0.6;
const MOST_BY_DEFAULT = 4_096 * MB;
/** What is in flight lives in buffers beside the heap, and code, stacks and sockets take their part. */
const HEAP_SHARE = 0.6;
/**
 * Half of the space where objects begin. Of the size that it starts with, and left so: growing, it takes tens of megabytes at
 * some moment of the first hours, and the bodies whose buffers wait in it make the engine collect the whole heap each second.
 */
const NURSERY_MB = 8;

/** Bytes. By default the gateways share six tenths of the machine, or of what a container leaves of it. */
export function readGatewayMemory(env: Environment, gateways: number, problems: string[]): number {
  const name = 'FOYER_GATEWAY_MEMORY';
  const text = env[name]?.trim();
  const byDefault = defaultMemory(machineMemory(), gateways);
  if (!text) return byDefault;
  const problem = quantityProblem(name, text, { ...GATEWAY_MEMORY, example: 512 * MB });
  if (problem) problems.push(problem);
  return parseQuantity(text, 'bytes') ?? byDefault;
}

export function defaultMemory(machineBytes: number, gateways: number): number {
  const share = Math.floor((machineBytes * GATEWAYS_SHARE) / Math.max(1, gateways) / MB) * MB;
  return Math.min(Math.max(share, GATEWAY_MEMORY.min), MOST_BY_DEFAULT);
}

/** Node's own options for a gateway process: past its heap a process ends, so the heap is given a bound that is known; and a nursery of one size. */
export function heapOptions(gatewayMemoryBytes: number): string[] {
  return [
    `--max-old-space-size=${heapBytes(gatewayMemoryBytes) / MB}`,
    `--min-semi-space-size=${NURSERY_MB}`,
    `--max-semi-space-size=${NURSERY_MB}`,
  ];
}

export function heapBytes(gatewayMemoryBytes: number): number {
  return Math.floor((gatewayMemoryBytes * HEAP_SHARE) / MB) * MB;
}

/** A container's bound where there is one; without, the system says 0 or more than the machine has. */
export function machineMemory(): number {
  const bound = process.constrainedMemory();
  return bound > 0 ? Math.min(bound, totalmem()) : totalmem();
}
