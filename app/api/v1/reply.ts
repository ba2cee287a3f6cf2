// What a route comes to, and the HTTP response it becomes.
import {
  API_PROBLEMS,
  type ApiProblemCode,
  challengeOf,
  type FieldProblem,
  PROBLEM_TYPE,
  type ProblemExtra,
  problemBody,
} from '#server/core/api-problem.ts';
import type { Conflict, FieldErrors, Forbidden, Invalid, NotFound } from '#server/store/saved.ts';
import { CHANGED_MEANWHILE } from '#server/store/stale.ts';

export type Reply =
  /** `version` is the record's `updatedAt`; `location` a path below `/api/v1`. */
  | { kind: 'done'; status: 200 | 201; body: object; version?: number; location?: string; next?: string | null }
  /** Sent while it is being read. */
  | { kind: 'file'; pieces: AsyncGenerator<string>; type: string; name: string }
  | { kind: 'nothing' }
  | Problem;
export type Problem = { kind: 'problem'; code: ApiProblemCode; extra?: ProblemExtra; allow?: readonly string[] };

export type Refused = Invalid | NotFound | Conflict | Forbidden;

export const ROOT = '/api/v1';

export function problem(code: ApiProblemCode, extra: ProblemExtra = {}): Problem {
  return { kind: 'problem', code, extra };
}

/** What the store did not do, in the API's words. */
export function refusal(refused: Refused): Problem {
  switch (refused.kind) {
    case 'invalid':
      return problem('invalid', { errors: bodyProblems(refused.errors) });
    case 'not-found':
      return problem('not-found');
    case 'forbidden':
      return problem('forbidden', { detail: refused.sentence });
    case 'conflict':
      return refused === CHANGED_MEANWHILE
        ? problem('changed-meanwhile')
        : problem('conflict', { detail: refused.sentence });
    default:
      return refused satisfies never;
  }
}

/** `hosts.0` becomes `#/hosts/0` (RFC 6901 §6). */
function bodyProblems(errors: FieldErrors): FieldProblem[] {
  return Object.entries(errors).map(([path, detail]) => ({
    pointer: path === '' ? '#' : `#/${path.split('.').map(encodeURIComponent).join('/')}`,
    detail,
  }));
}

export function queryProblem(parameter: string, detail: string): FieldProblem {
  return { parameter, detail };
}

export function respond(reply: Reply, supportId: string | null): Response {
  switch (reply.kind) {
    case 'nothing':
      return new Response(null, { status: 204 });
    case 'file': {
      const headers = { 'content-type': reply.type, 'content-disposition': `attachment; filename="${reply.name}"` };
      return new Response(streamOf(reply.pieces), { headers });
    }
    case 'done': {
      const headers = new Headers({ 'content-type': 'application/json' });
      if (reply.version !== undefined) headers.set('etag', etagOf(reply.version));
      if (reply.location) headers.set('location', `${ROOT}${reply.location}`);
      if (reply.next) headers.set('link', `<${reply.next}>; rel="next"`);
      return new Response(`${JSON.stringify(reply.body)}\n`, { status: reply.status, headers });
    }
    case 'problem': {
      const { code, extra = {}, allow } = reply;
      const headers = new Headers({ 'content-type': PROBLEM_TYPE });
      const challenge = challengeOf(code, extra.scopes);
      if (challenge) headers.set('www-authenticate', challenge);
      if (allow) headers.set('allow', allow.join(', '));
      return new Response(problemBody(code, supportId, extra), { status: API_PROBLEMS[code].status, headers });
    }
    default:
      return reply satisfies never;
  }
}

function streamOf(pieces: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await pieces.return(undefined);
    },
  });
}

function etagOf(version: number): string {
  return `"${version}"`;
}
