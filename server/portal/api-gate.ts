// What may reach the API at all: decided on the request line and a few headers, before any token is looked at.
import type { ApiProblemCode } from '#server/core/api-problem.ts';
import { holdsToken } from '#server/core/api-token.ts';
import type { GateRequest } from './gate.ts';

export type ApiGate = { kind: 'api' } | { kind: 'refuse-api'; code: ApiProblemCode };

export const API_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const MAX_BODY_BYTES = 512 * 1024;

/** Names, ids and nothing that two readers could take for two paths. */
const PATH = /^\/api\/v1(\/[a-z0-9-]+(\.json)?)*$/;
/** RFC 6750 §2.3 and its cousins. */
const TOKEN_PARAMETER = /[?&](access_token|api_key|apikey|token)=/i;

export function isApiPath(path: string): boolean {
  return path === '/api' || path.startsWith('/api/');
}

export function apiGate(request: GateRequest): ApiGate {
  const { target, method } = request;
  if (holdsToken(target) || TOKEN_PARAMETER.test(target)) return refuse('token-in-url');
  if (!PATH.test(target.split('?', 1)[0] ?? '')) return refuse('not-found');
  if (!API_METHODS.some((each) => each === method)) return refuse('method-not-allowed');
  const length = request.header('content-length');
  if (request.header('transfer-encoding') !== undefined) return refuse('length-needed');
  if (length !== undefined && !/^\d{1,15}$/.test(length)) return refuse('request-malformed');
  const bytes = Number(length ?? 0);
  if (bytes > MAX_BODY_BYTES) return refuse('body-too-large');
  if (bytes === 0) return { kind: 'api' };
  if (method === 'GET' || method === 'HEAD' || method === 'DELETE') return refuse('request-malformed');
  return isJson(request) ? { kind: 'api' } : refuse('media-type');
}

function isJson(request: GateRequest): boolean {
  if (request.header('content-encoding') !== undefined) return false;
  const type = (request.header('content-type') ?? '').toLowerCase();
  const [name = '', ...parameters] = type.split(';').map((part) => part.trim());
  const isOurs = name === 'application/json' || (name === 'application/merge-patch+json' && request.method === 'PATCH');
  return isOurs && parameters.every((parameter) => /^charset="?utf-8"?$/.test(parameter));
}

function refuse(code: ApiProblemCode): ApiGate {
  return { kind: 'refuse-api', code };
}
