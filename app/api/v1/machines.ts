// Machines and their names by the API: people's tokens keep machines, a machine's own says that it is there and reads names.
import { heartbeat, lastWord } from '#server/store/heartbeat.ts';
import { getMachine, listMachines } from '#server/store/machine-list.ts';
import { type AddedMachine, addMachine, letInAgain, removeMachine, renameMachine } from '#server/store/machines.ts';
import { getNames, readNames, resolveName } from '#server/store/names.ts';
import { NOT_FOUND, type Saved } from '#server/store/saved.ts';
import { resolveInput } from '#server/store/schema/machine.ts';
import { parseInput } from '#server/store/schema/parse-input.ts';
import { problem, type Reply, refusal } from './reply.ts';
import { listed, listQuery, savedOr } from './resource.ts';
import type { Call, MachineCall, Route } from './route-table.ts';

const tag = 'Machines';

const KEPT: readonly Route[] = [
  {
    ...{ method: 'GET', path: '/machines', needs: ['machines.read'], tag, summary: 'List machines' },
    description: 'Everybody’s for those who may see them, otherwise the owner’s own.',
    query: listQuery,
    answers: { status: 200, schema: 'MachineList' },
    run: (call) => listed(call, '/machines', listMachines(call.context.store, call.actor, call.query)),
  },
  {
    ...{ method: 'POST', path: '/machines', needs: ['machines.write'], tag, summary: 'Add a machine' },
    description: 'It belongs to the token’s owner, and gets the lowest free address and a token of its own.',
    body: 'MachineInput',
    answers: { status: 201, schema: 'AddedMachine', hasVersion: true },
    run: async ({ context, actor, body }) => added(await addMachine(context.store, actor, body)),
  },
  {
    ...{ method: 'GET', path: '/machines/{id}', needs: ['machines.read'], tag, summary: 'Read a machine' },
    answers: { status: 200, schema: 'Machine', hasVersion: true },
    run: async ({ context, actor, params }) => {
      const found = await getMachine(context.store, actor, params.id ?? '');
      if (found.kind !== 'found') return refusal(found);
      return { kind: 'done', status: 200, body: found.machine, version: found.machine.updatedAt };
    },
  },
  {
    ...{ method: 'PATCH', path: '/machines/{id}', needs: ['machines.write'], tag, summary: 'Rename a machine' },
    body: 'MachineNameInput',
    ifMatch: 'required',
    answers: { status: 200, schema: 'Saved', hasVersion: true },
    run: async ({ context, actor, params, body, expected }) =>
      savedOr(await renameMachine(context.store, actor, params.id ?? '', body, expected)),
  },
  {
    ...{ method: 'DELETE', path: '/machines/{id}', needs: ['machines.write'], tag, summary: 'Remove a machine' },
    description: 'Its name is answered no more, and its address is nobody’s for a week, while there are others.',
    ifMatch: 'optional',
    answers: { status: 204 },
    run: async ({ context, actor, params, expected }) => {
      const removed = await removeMachine(context.store, actor, params.id ?? '', expected);
      return removed.kind === 'saved' ? { kind: 'nothing' } : refusal(removed);
    },
  },
  {
    ...{ method: 'POST', path: '/machines/{id}/token', needs: ['machines.write'], tag },
    summary: 'Let a machine in again',
    description: 'A new token for a machine of one’s own; the one before is worth nothing from now on.',
    answers: { status: 201, schema: 'AddedMachine', hasVersion: true },
    run: async ({ context, actor, params }) => added(await letInAgain(context.store, actor, params.id ?? '')),
  },
];

const OWN: readonly Route[] = [
  {
    ...{
      method: 'POST',
      path: '/machines/{id}/heartbeat',
      needs: 'machine',
      tag,
      summary: 'Say that this machine is there',
    },
    description: 'With the machine’s own token. The answer has every name, unless `have` is their version.',
    body: 'HeartbeatInput',
    answers: { status: 200, schema: 'Heartbeat' },
    runAsMachine: async (call) => {
      if (!isItself(call)) return refusal(NOT_FOUND);
      const heard = await heartbeat(call.context.store, call.machine, call.body);
      return heard.kind === 'heard' ? { kind: 'done', status: 200, body: heard.beat } : refusal(heard);
    },
  },
  {
    ...{ method: 'POST', path: '/machines/{id}/leave', needs: 'machine', tag, summary: 'Say that this machine goes' },
    description: 'Its last word, with its own token. Its name stays.',
    answers: { status: 204 },
    runAsMachine: async (call) => {
      if (!isItself(call)) return refusal(NOT_FOUND);
      await lastWord(call.context.store, call.machine);
      return { kind: 'nothing' };
    },
  },
];

const NAMES: readonly Route[] = [
  {
    ...{ method: 'GET', path: '/names', needs: ['machines.read'], tag: 'Names', summary: 'Read every name' },
    description: 'For a resolver without a store. `apps` and `gateway` are in it with the scope `names:read` alone.',
    answers: { status: 200, schema: 'Names' },
    run: async ({ context, actor }) => {
      const found = await getNames(context.store, actor, context.gatewayName);
      return found.kind === 'found' ? { kind: 'done', status: 200, body: found.names } : refusal(found);
    },
    runAsMachine: async ({ context }) => ({ kind: 'done', status: 200, body: await readNames(context.store) }),
  },
  {
    ...{ method: 'POST', path: '/dns/resolve', needs: ['machines.read'], tag: 'Names', summary: 'Resolve a name' },
    description: 'In full, or its first label alone, or with a search ending: machines, online or not, then records.',
    body: 'ResolveInput',
    problems: ['not-found'],
    answers: { status: 200, schema: 'ResolvedName' },
    run: resolve,
    runAsMachine: resolve,
  },
];

export const MACHINES: readonly Route[] = [...KEPT, ...OWN, ...NAMES];

function isItself({ machine, params }: MachineCall): boolean {
  return machine.id === params.id;
}

function added(outcome: Saved<AddedMachine>): Reply {
  if (outcome.kind !== 'saved') return refusal(outcome);
  const { kind: _, ...body } = outcome;
  return { kind: 'done', status: 201, body, version: body.updatedAt, location: `/machines/${body.id}` };
}

async function resolve({ context, body }: Pick<Call, 'context' | 'body'>): Promise<Reply> {
  const parsed = parseInput(resolveInput, body);
  if (parsed.kind === 'invalid') return refusal(parsed);
  const { name } = parsed.value;
  const found = await resolveName(context.store, name);
  if (found) return { kind: 'done', status: 200, body: found };
  return problem('not-found', { detail: `No machine and no record is called ${name}.` });
}
