// The API's document (OpenAPI 3.1), written from the table that requests are routed by.
import { API_PROBLEMS, type ApiProblemCode, PROBLEM_TYPE } from '#server/core/api-problem.ts';
import { scopeOf } from '#server/core/scope.ts';
import type { Portal } from '#server/core/snapshot.ts';
import { ROOT } from './reply.ts';
import { MACHINE_SCOPE, type Route } from './route-table.ts';
import { inputOf, type JsonSchema, ref, SCHEMAS } from './schemas.ts';

const ABOUT = `Everything that Foyer’s catalogue editor does, by the same functions and the same permissions.

Every request carries an API token: \`Authorization: Bearer foyer_…\`. Tokens are made in the portal, under Admin → API tokens; one
never does more than its scopes and its owner’s role of the moment have in common.

Times are milliseconds since 1970. A record’s \`updatedAt\` is its ETag; whoever changes one sends it as \`If-Match\`, so that
nobody overwrites what they have not seen. Lists give \`next\`, the address of the next page, until it is null.`;

export function documentOf(routes: readonly Route[], portal: Pick<Portal, 'origin'>): JsonSchema {
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const route of routes) {
    const path = paths[route.path] ?? {};
    path[route.method.toLowerCase()] = operationOf(route);
    paths[route.path] = path;
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Foyer', version: '1', description: ABOUT },
    servers: [{ url: `${portal.origin}${ROOT}` }],
    security: [{ token: [] }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: SCHEMAS,
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'foyer_ and 49 characters' } },
      responses: Object.fromEntries(
        Object.keys(API_PROBLEMS).map((code) => [code, problemResponse(code as ApiProblemCode)]),
      ),
    },
  };
}

function operationOf(route: Route): JsonSchema {
  const { method, tag, summary, description, body } = route;
  const bodyTypes = method === 'PATCH' ? ['application/merge-patch+json', 'application/json'] : ['application/json'];
  // A patch names only what it changes, so that it may lack what the whole has to have.
  const sent = body && (method === 'PATCH' ? { type: 'object' } : ref(body));
  return {
    operationId: operationId(route),
    tags: [tag],
    summary,
    ...(description ? { description } : {}),
    security: securityOf(route),
    ...parametersOf(route),
    ...(sent ? { requestBody: { required: true, content: contentOf(bodyTypes, sent) } } : {}),
    responses: { ...goodResponse(route), ...problemResponses(route) },
  };
}

/** Any one of these is enough. */
function securityOf({ needs, runAsMachine }: Route): JsonSchema[] {
  const machine = { token: [MACHINE_SCOPE] };
  if (needs === 'machine') return [machine];
  return [{ token: needs.map(scopeOf) }, ...(runAsMachine ? [machine] : [])];
}

/** `GET /apps/{id}/assignments` is `get-apps-id-assignments`. */
function operationId({ method, path }: Route): string {
  return `${method.toLowerCase()}${path.replace(/[{}]/g, '').replace(/[/.]/g, '-')}`;
}

function parametersOf({ path, query, ifMatch }: Route): { parameters?: JsonSchema[] } {
  const parameters: JsonSchema[] = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    ...{ name, in: 'path', required: true, schema: { type: 'string' } },
  }));
  const { properties = {}, required = [] } = query ? (inputOf(query) as QuerySchema) : {};
  for (const [name, { description, ...schema }] of Object.entries(properties)) {
    const isRequired = required.includes(name);
    parameters.push({ name, in: 'query', ...(description ? { description } : {}), required: isRequired, schema });
  }
  if (ifMatch) {
    const description = 'The ETag of the version that is changed, or `*` for whatever is there.';
    parameters.push({
      name: 'If-Match',
      in: 'header',
      description,
      required: ifMatch === 'required',
      schema: { type: 'string' },
    });
  }
  return parameters.length > 0 ? { parameters } : {};
}

type QuerySchema = { properties?: Record<string, JsonSchema>; required?: string[] };

function goodResponse({ answers }: Route): JsonSchema {
  const { status, schema, types = ['application/json'], hasVersion } = answers;
  const text = { schema: { type: 'string' } };
  const headers: Record<string, JsonSchema> = {
    ...(hasVersion ? { ETag: { description: 'The version: `updatedAt` in quotes.', ...text } } : {}),
    ...(status === 201 ? { Location: { description: 'Where it is.', ...text } } : {}),
  };
  return {
    [status]: {
      description: status === 204 ? 'Done.' : status === 201 ? 'Made.' : 'All is well.',
      ...(Object.keys(headers).length > 0 ? { headers } : {}),
      ...(status === 204 ? {} : { content: contentOf(types, schema ? ref(schema) : { type: 'string' }) }),
    },
  };
}

/** Those that can happen on this route, by status: two problems of one status share its entry. */
function problemResponses(route: Route): JsonSchema {
  const { path, body, query, ifMatch, needs, method, problems = [] } = route;
  const codes: ApiProblemCode[] = ['request-malformed', 'token-refused', 'too-many-tokens', ...problems];
  if (needs.length > 0) codes.push('scope-missing');
  if (path.includes('{')) codes.push('not-found');
  if (method !== 'GET') codes.push('conflict');
  if (body) codes.push('length-needed', 'body-too-large', 'media-type');
  if (body || query) codes.push('invalid');
  if (ifMatch) codes.push('changed-meanwhile');
  if (ifMatch === 'required') codes.push('version-needed');
  return Object.fromEntries(
    codes.map((code) => [API_PROBLEMS[code].status, { $ref: `#/components/responses/${code}` }]),
  );
}

function problemResponse(code: ApiProblemCode): JsonSchema {
  return { description: API_PROBLEMS[code].title, content: contentOf([PROBLEM_TYPE], ref('Problem')) };
}

function contentOf(types: readonly string[], schema: JsonSchema): JsonSchema {
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}
