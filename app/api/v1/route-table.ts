// What a route of the API is, and how a request finds its own.
import type { z } from 'zod';
import type { ApiProblemCode } from '#server/core/api-problem.ts';
import type { Action } from '#server/core/permission.ts';
import type { LiveMachine } from '#server/store/live-machine.ts';
import type { LiveToken } from '#server/store/live-token.ts';
import type { PortalContext } from '#server/store/portal-context.ts';
import type { TokenActor } from '#server/store/saved.ts';
import type { Reply } from './reply.ts';
import type { SchemaName } from './schemas.ts';

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];

/** One request, understood: who acts, on what, with which fields. */
export type Call = {
  context: PortalContext;
  actor: TokenActor;
  token: LiveToken;
  params: Readonly<Record<string, string>>;
  /** As the route's `query` parsed it. */
  query: Readonly<Record<string, unknown>>;
  /** The JSON of the body, or undefined; nobody has looked into it. */
  body: unknown;
  /** The `updatedAt` that has to be the present one; undefined for `*`, and where none was sent and none is needed. */
  expected: number | undefined;
  /** Whoever asked is gone. */
  signal: AbortSignal;
};

/** One request of a machine, understood. It has no scopes to choose from: it is its own machine and nothing besides. */
export type MachineCall = Pick<Call, 'context' | 'params' | 'body' | 'signal'> & { machine: LiveMachine };

/** The scope of machines' own tokens, in the document; no person's token has it. */
export const MACHINE_SCOPE = 'machine';

export type Route = RouteFacts &
  (
    | {
        /** Scopes that the token needs, all of them. None: any valid token. */
        needs: readonly Action[];
        run(call: Call): Promise<Reply>;
        /** Where a machine may ask with its own token as well. */
        runAsMachine?(call: MachineCall): Promise<Reply>;
      }
    | { needs: 'machine'; runAsMachine(call: MachineCall): Promise<Reply> }
  );

type RouteFacts = {
  method: Method;
  /** Below `/api/v1`; `{id}` is one segment. */
  path: string;
  tag: string;
  summary: string;
  /** What is not to be seen from the rest. */
  description?: string;
  query?: z.ZodObject;
  body?: SchemaName;
  /** `If-Match`: 428 without it, or looked at where it is sent. */
  ifMatch?: 'required' | 'optional';
  /** Of the answer when all is well; its version is the ETag where `hasVersion`. */
  answers: { status: 200 | 201 | 204; schema?: SchemaName; types?: readonly string[]; hasVersion?: boolean };
  /** Problems that this route has besides those that follow from the rest. */
  problems?: readonly ApiProblemCode[];
};

export type Found =
  | { kind: 'route'; route: Route; params: Record<string, string> }
  | { kind: 'other-method'; allow: readonly string[] }
  | { kind: 'none' };

/** `segments`: the path below `/api/v1`. */
export function findRoute(routes: readonly Route[], method: string, segments: readonly string[]): Found {
  const fitting = routes.flatMap((route) => {
    const params = paramsOf(route.path, segments);
    return params ? [{ kind: 'route' as const, route, params }] : [];
  });
  // A name that is written out wins over an id.
  fitting.sort((one, other) => Object.keys(one.params).length - Object.keys(other.params).length);
  const path = fitting[0]?.route.path;
  if (path === undefined) return { kind: 'none' };
  const wanted = method === 'HEAD' ? 'GET' : method;
  const here = fitting.filter(({ route }) => route.path === path);
  const found = here.find(({ route }) => route.method === wanted);
  if (found) return found;
  const methods = here.map(({ route }) => route.method);
  return { kind: 'other-method', allow: methods.flatMap((each) => (each === 'GET' ? ['GET', 'HEAD'] : [each])) };
}

function paramsOf(path: string, segments: readonly string[]): Record<string, string> | null {
  const names = path.split('/').slice(1);
  if (names.length !== segments.length) return null;
  const params: Record<string, string> = {};
  for (const [at, name] of names.entries()) {
    const segment = segments[at] ?? '';
    if (name.startsWith('{')) params[name.slice(1, -1)] = segment;
    else if (name !== segment) return null;
  }
  return params;
}
