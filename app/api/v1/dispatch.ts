// One request of the API from its token to its answer: who → which route → scopes → query, version and body → the store.

import { PROBLEM_TYPE } from '#server/core/api-problem.ts';
import { API_TOKEN_HEADER } from '#server/core/api-token.ts';
import { asFault } from '#server/core/fault.ts';
import { scopeOf } from '#server/core/scope.ts';
import { faultText } from '#server/core/texts.ts';
import { tokenActor } from '#server/store/api-tokens.ts';
import { type LiveMachine, machineActor } from '#server/store/live-machine.ts';
import { type PortalContext, portalContext } from '#server/store/portal-context.ts';
import { recordRefusedRead } from '#server/store/refused-read.ts';
import { parseInput } from '#server/store/schema/parse-input.ts';
import { logProblem } from '../../request/problem-log.ts';
import { clientAddress, supportId } from '../../request/request-facts.ts';
import { readJson } from './read-json.ts';
import { type Problem, problem, queryProblem, type Reply, ROOT, respond } from './reply.ts';
import { type Call, findRoute, MACHINE_SCOPE, type Route } from './route-table.ts';
import { ROUTES } from './routes.ts';

/** Never rejects: what breaks becomes a problem document, and its cause goes to the log. */
export async function dispatch(request: Request): Promise<Response> {
  const support = supportId(request.headers);
  try {
    return respond(await answer(request, support), support);
  } catch (thrown) {
    const fault = asFault(thrown);
    logProblem({ supportId: support, problem: 'an API request failed', cause: fault });
    const { status } = fault;
    const { title, sentence } = faultText(fault.code, 'en');
    const body = {
      type: `urn:foyer:${fault.code}`,
      title,
      status,
      detail: sentence,
      ...(support ? { supportId: support } : {}),
    };
    const headers = { 'content-type': PROBLEM_TYPE, ...(status === 503 ? { 'retry-after': '10' } : {}) };
    return new Response(`${JSON.stringify(body)}\n`, { status, headers });
  }
}

async function answer(request: Request, support: string | null): Promise<Reply> {
  const context = portalContext();
  // The program says which token was shown; whether it is good is read from the store, as everything about it is.
  const id = request.headers.get(API_TOKEN_HEADER);
  if (id === null) return problem('token-missing');
  const machine = await machineActor(context.store, id);
  const facts = { address: clientAddress(request.headers), supportId: support };
  const acting = machine ? null : await tokenActor(context.store, id, facts);
  if (!machine && !acting) return problem('token-refused');
  const url = new URL(request.url);
  const segments = url.pathname.slice(ROOT.length).split('/').filter(Boolean);
  const found = findRoute(ROUTES, request.method, segments);
  if (found.kind === 'none') return problem('not-found');
  if (found.kind === 'other-method') return { ...problem('method-not-allowed'), allow: found.allow };
  const { route, params } = found;
  const runner = machine ? machineRunner(route, machine) : await personRunner(route, acting, context);
  if ('kind' in runner) return runner;
  const query = readQuery(route, url.searchParams);
  if (query.kind === 'problem') return query;
  const version = readVersion(route, request.headers.get('if-match'));
  if (version.kind === 'problem') return version;
  const body = await readBody(route, request);
  if (body.kind === 'problem') return body;
  const { expected } = version;
  const { signal } = request;
  return runner.run({ context, params, query: query.value, expected, body: body.value, signal });
}

type Asked = Omit<Call, 'actor' | 'token'>;
type Runner = { run(asked: Asked): Promise<Reply> };
type Acting = Awaited<ReturnType<typeof tokenActor>>;

/** A machine reaches what is meant for machines, as itself. */
function machineRunner(route: Route, machine: LiveMachine): Runner | Problem {
  const { runAsMachine } = route;
  if (runAsMachine) return { run: (asked) => runAsMachine({ ...asked, machine }) };
  const scopes = route.needs === 'machine' ? [] : route.needs.map(scopeOf);
  return problem('scope-missing', {
    detail: 'A machine’s own token only says that it is there and reads names.',
    scopes,
  });
}

async function personRunner(route: Route, acting: Acting, { store }: PortalContext): Promise<Runner | Problem> {
  if (!acting) return problem('token-refused');
  if (route.needs === 'machine') {
    return problem('scope-missing', {
      detail: 'Only a machine does this, with its own token.',
      scopes: [MACHINE_SCOPE],
    });
  }
  const lacking = route.needs.filter((action) => !acting.actor.scopes.includes(scopeOf(action)));
  if (lacking.length === 0) return { run: (asked) => route.run({ ...asked, ...acting }) };
  await recordRefusedRead(store, acting.actor, lacking[0] ?? 'api');
  const scopes = lacking.map(scopeOf);
  return problem('scope-missing', { detail: `It lacks ${scopes.join(' and ')}. Make a token that has it.`, scopes });
}

function readQuery(route: Route, sent: URLSearchParams): { kind: 'query'; value: Record<string, unknown> } | Problem {
  const twice = [...sent.keys()].find((name, at, names) => names.indexOf(name) !== at);
  if (twice !== undefined)
    return problem('invalid', { errors: [queryProblem(twice, 'This is given twice. Remove one.')] });
  const given = Object.fromEntries(sent);
  if (!route.query) {
    const errors = Object.keys(given).map((name) => queryProblem(name, 'There is no such parameter. Remove it.'));
    return errors.length > 0 ? problem('invalid', { errors }) : { kind: 'query', value: {} };
  }
  const parsed = parseInput(route.query, given);
  if (parsed.kind === 'parsed') return { kind: 'query', value: parsed.value };
  const errors = Object.entries(parsed.errors).map(([path, detail]) => queryProblem(path, detail));
  return problem('invalid', { errors });
}

/** RFC 9110 §13.1.1: versions are compared strongly, so a weak one is never the present one. */
function readVersion(route: Route, sent: string | null): { kind: 'version'; expected?: number } | Problem {
  if (!route.ifMatch) return { kind: 'version' };
  if (sent === null) return route.ifMatch === 'required' ? problem('version-needed') : { kind: 'version' };
  if (sent.trim() === '*') return { kind: 'version' };
  const [, digits] = /^"(\d{1,15})"$/.exec(sent.trim()) ?? [];
  return digits === undefined ? problem('changed-meanwhile') : { kind: 'version', expected: Number(digits) };
}

async function readBody(route: Route, request: Request): Promise<{ kind: 'json'; value: unknown } | Problem> {
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (route.body) return readJson(bytes);
  return bytes.length === 0
    ? { kind: 'json', value: undefined }
    : problem('request-malformed', { detail: 'This takes no body. Send none.' });
}
