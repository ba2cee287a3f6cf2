// How this machine comes to be one of the organisation's: the one that it was, let in again, or a new one.
import { hostname, release, type } from 'node:os';
import { z } from 'zod';
import { machineNameFrom } from '../core/machine.ts';
import { type Asked, createPortalClient, type PortalClient } from './portal-client.ts';
import {
  forgetMachine,
  forgetNames,
  type Login,
  loginMark,
  type OwnMachine,
  portalAddress,
  readMachine,
  saveMachine,
} from './state-files.ts';

export type Joined =
  | { kind: 'joined'; machine: OwnMachine; client: PortalClient }
  | { kind: 'invalid'; sentence: string };

/** `replace`: a machine of one's own that is called so already is this one. */
export type JoinOptions = { name?: string; replace: boolean };

const added = z.object({ id: z.string(), name: z.string(), address: z.string(), token: z.string() });
const listed = z.object({ items: z.array(z.object({ id: z.string(), name: z.string() })) });

export function systemText(): string {
  return `${type()} ${release()}`.slice(0, 80);
}

export async function join(dir: string, login: Login, options: JoinOptions): Promise<Joined> {
  const made = createPortalClient(login.portal, login.caFile, portalAddress(dir, login.portal));
  if (made.kind === 'invalid') return made;
  const { client } = made;
  const before = readMachine(dir);
  const known = before?.portal === login.portal ? before : null;
  const joined = known ? await asBefore(client, login, known) : null;
  if (joined?.kind === 'invalid') return joined;
  if (joined?.kind === 'machine') return named(dir, client, login, joined.machine, options.name);
  forgetMachine(dir);
  forgetNames(dir);
  const name = options.name ?? machineNameFrom(hostname());
  if (name === null) return invalid('This machine’s own name is none that others could use. Give one with --name.');
  return asNew(dir, { client, login, name, replace: options.replace });
}

type Before = { kind: 'machine'; machine: OwnMachine } | { kind: 'gone' } | { kind: 'invalid'; sentence: string };

/** Its token works, or it is let in again by its owner; `gone`: it was removed in the portal. An unreachable portal keeps nobody from what is known. */
async function asBefore(client: PortalClient, login: Login, machine: OwnMachine): Promise<Before> {
  if (machine.letInBy === loginMark(login)) {
    const heard = await client.ask({ method: 'GET', path: '/names', token: machine.token });
    if (heard.kind !== 'refused') return { kind: 'machine', machine };
  }
  return letIn(client, login, machine);
}

/** A new token of its own, which hangs on this login; `gone` where the login's owner has no such machine. */
export async function letIn(client: PortalClient, login: Login, machine: OwnMachine): Promise<Before> {
  const again = await client.ask({ method: 'POST', path: `/machines/${machine.id}/token`, token: login.token });
  if (again.kind === 'unreachable') return { kind: 'machine', machine };
  if (again.kind === 'refused' && again.status === 404) return { kind: 'gone' };
  const anew = again.kind === 'answer' ? added.safeParse(again.json).data : undefined;
  return anew ? { kind: 'machine', machine: ownMachineOf(login, anew) } : refusal(client, again);
}

function ownMachineOf(login: Login, made: z.output<typeof added>): OwnMachine {
  return { portal: login.portal, letInBy: loginMark(login), ...made };
}

/** With the name that is asked for now. */
async function named(
  dir: string,
  client: PortalClient,
  login: Login,
  machine: OwnMachine,
  name: string | undefined,
): Promise<Joined> {
  if (name !== undefined && name !== machine.name) {
    const path = `/machines/${machine.id}`;
    const renamed = await client.ask({ method: 'PATCH', path, token: login.token, body: { name } });
    if (renamed.kind !== 'answer') return refusal(client, renamed);
  }
  const now = { ...machine, name: name ?? machine.name };
  saveMachine(dir, now);
  return { kind: 'joined', machine: now, client };
}

async function asNew(
  dir: string,
  { client, login, name, replace }: { client: PortalClient; login: Login; name: string; replace: boolean },
): Promise<Joined> {
  const { token } = login;
  const own = replace ? await ownMachine(client, token, name) : null;
  const asked = own
    ? await client.ask({ method: 'POST', path: `/machines/${own}/token`, token })
    : await client.ask({ method: 'POST', path: '/machines', token, body: { name, os: systemText() } });
  const made = asked.kind === 'answer' ? added.safeParse(asked.json).data : undefined;
  if (made) {
    const machine = ownMachineOf(login, made);
    saveMachine(dir, machine);
    return { kind: 'joined', machine, client };
  }
  const isTaken = asked.kind === 'refused' && asked.status === 422 && (await ownMachine(client, token, name)) !== null;
  if (isTaken) {
    return invalid(
      `You have a machine called ${name} already. If it is this one, run 'foyer up --replace'; otherwise choose a name with --name.`,
    );
  }
  return refusal(client, asked);
}

/** The id of one's own machine of this name; null where there is none. */
async function ownMachine(client: PortalClient, token: string, name: string): Promise<string | null> {
  const path = `/machines?search=${encodeURIComponent(name)}&limit=500`;
  const asked = await client.ask({ method: 'GET', path, token });
  const items = asked.kind === 'answer' ? (listed.safeParse(asked.json).data?.items ?? []) : [];
  return items.find((each) => each.name.toLowerCase() === name.toLowerCase())?.id ?? null;
}

function refusal({ origin }: PortalClient, asked: Asked) {
  switch (asked.kind) {
    case 'unreachable':
      return invalid(asked.sentence);
    case 'refused':
      return invalid(asked.status === 401 ? `${asked.detail} Run 'foyer login' first.` : asked.detail);
    case 'answer':
      return invalid(`${origin} answers what this version does not understand.`);
    default:
      return asked satisfies never;
  }
}

function invalid(sentence: string) {
  return { kind: 'invalid', sentence } as const;
}
