// A program that uses the API in tests: every answer that it gets is held to the document that the API itself serves.
import assert from 'node:assert/strict';
import { type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Scope } from '#server/core/scope.ts';
import { createToken } from '#server/store/api-tokens.ts';
import type { PersonActor } from '#server/store/saved.ts';
import { newSession } from '#server/store/testing/temporary-store.ts';
import { HOST, type TestPortal } from './portal.testing.ts';

export type ApiAnswer = {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** Whatever came: a test looks into it. */
  json: ReturnType<typeof JSON.parse>;
};

type Operation = { responses: Record<string, ResponseObject | { $ref: string }> };
type ResponseObject = { content?: Record<string, { schema: object }> };
export type ApiDocument = {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object>; responses: Record<string, ResponseObject> };
};

export type Sent = { token?: string | null; body?: unknown; raw?: string | Buffer; headers?: Record<string, string> };

/** Sends requests to the portal's socket as a gateway would pass them on. */
export class ApiClient {
  /** `GET /apps/{id}` of everything that was answered well. */
  readonly exercised = new Set<string>();
  readonly #portal: Pick<TestPortal, 'socketPath'>;
  readonly #token: string;
  #document: ApiDocument | null = null;
  readonly #ajv = new Ajv2020({ strict: false });
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(portal: Pick<TestPortal, 'socketPath'>, token: string) {
    this.#portal = portal;
    this.#token = token;
  }

  async document(): Promise<ApiDocument> {
    if (this.#document) return this.#document;
    const { status, json } = await this.raw('GET', '/api/v1/openapi.json');
    assert.equal(status, 200);
    this.#document = json;
    this.#ajv.addSchema({ ...json, $id: 'foyer' });
    return json;
  }

  /** `path` below `/api/v1`. The answer is one that the document knows. */
  async call(method: string, path: string, sent: Sent = {}): Promise<ApiAnswer> {
    const document = await this.document();
    const answer = await this.raw(method, `/api/v1${path}`, sent);
    const template = templateOf(document, path);
    const operation = template && document.paths[template]?.[method.toLowerCase()];
    if (!template || !operation) return answer;
    if (answer.status < 300) this.exercised.add(`${method} ${template}`);
    const found = operation.responses[answer.status];
    assert.ok(found, `${method} ${template} is not documented to answer ${answer.status}: ${answer.text}`);
    const response = '$ref' in found ? document.components.responses[found.$ref.split('/').at(-1) ?? ''] : found;
    const [type] = (answer.headers['content-type'] ?? '').split(';');
    const content = response?.content?.[type ?? ''];
    if (answer.status === 204) assert.equal(answer.text, '');
    else assert.ok(content, `${method} ${template} is not documented to answer with ${type}`);
    if (content && type?.endsWith('json'))
      this.#hold(`${method} ${template} ${answer.status}`, content.schema, answer.json);
    return answer;
  }

  #hold(name: string, schema: object, value: unknown): void {
    const whole = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"foyer#/'));
    const validate = this.#validators.get(name) ?? this.#ajv.compile(whole);
    this.#validators.set(name, validate);
    assert.ok(
      validate(value),
      `${name}: ${JSON.stringify(validate.errors)} in ${JSON.stringify(value).slice(0, 2_000)}`,
    );
  }

  /** Whatever is asked for. A header of '' is left out. */
  raw(method: string, path: string, { token = this.#token, body, raw, headers = {} }: Sent = {}): Promise<ApiAnswer> {
    const payload = raw ?? (body === undefined ? '' : JSON.stringify(body));
    const all: Record<string, string | number> = {
      host: HOST,
      'foyer-request-id': 'TESTSUPPORT1',
      'x-forwarded-for': '192.0.2.50',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(payload.length > 0
        ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }
        : {}),
      ...headers,
    };
    const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
    return new Promise((resolve, reject) => {
      const outgoing = request({ socketPath: this.#portal.socketPath, method, path, headers: sent }, (response) => {
        text(response).then((received) => {
          const isJson = /json(;|$)/.test(response.headers['content-type'] ?? '') && received !== '';
          const json = isJson ? JSON.parse(received) : undefined;
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text: received, json });
        }, reject);
      });
      outgoing.once('error', reject);
      outgoing.end(payload);
    });
  }
}

function templateOf(document: ApiDocument, path: string): string | undefined {
  const segments = (path.split('?', 1)[0] ?? '').split('/');
  const fits = (template: string) => {
    const names = template.split('/');
    return names.length === segments.length && names.every((name, at) => name.startsWith('{') || name === segments[at]);
  };
  // A name that is written out wins over an id.
  return Object.keys(document.paths)
    .filter(fits)
    .sort((a, b) => a.split('{').length - b.split('{').length)[0];
}

/** A token of this person, made as they would at a browser. */
export async function tokenOf({ store }: TestPortal, userId: string, scopes: readonly Scope[]): Promise<string> {
  const session = await newSession(store, { userId, kind: 'standard', address: null, userAgent: null });
  if (!session) throw new Error('No session.');
  const { email, role } = session.identity;
  const actor: PersonActor = { userId, email, role, sessionId: session.id, address: null };
  const made = await createToken(store, actor, { name: 'ci', scopes });
  if (made.kind !== 'saved') throw new Error(JSON.stringify(made));
  return made.token;
}
