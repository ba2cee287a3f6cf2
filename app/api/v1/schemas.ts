// The shapes that the API takes and gives, for its document: made from the schemas that the store itself parses with.
import { z } from 'zod';
import { API_PROBLEMS } from '#server/core/api-problem.ts';
import { SIDES } from '#server/core/cluster.ts';
import { STANDINGS } from '#server/core/cluster-health.ts';
import { ROLES } from '#server/core/identity.ts';
import { NAMES_CODES, type NamesCode } from '#server/core/names-finding.ts';
import { PATH_STEPS } from '#server/core/path.ts';
import { SCOPES } from '#server/core/scope.ts';
import { appInput, assignmentsInput } from '#server/store/schema/app.ts';
import { appSelectionInput, bulkChangeInput } from '#server/store/schema/bulk.ts';
import { heartbeatInput, machineInput, machineNameInput, resolveInput } from '#server/store/schema/machine.ts';
import { collectionInput, noticeInput, termsInput } from '#server/store/schema/portal.ts';
import { providerInput } from '#server/store/schema/provider.ts';
import { SETTINGS, type SettingKey } from '#server/store/schema/settings.ts';
import { siteInput } from '#server/store/schema/site.ts';
import { groupInput, membersInput, userInput } from '#server/store/schema/user.ts';
import { iconInput } from './icons.ts';

export type JsonSchema = { [key: string]: unknown };

const id = z.string().describe('A UUID of version 7.');
const time = z.int().describe('Milliseconds since 1970, UTC.');
const timeOrNull = time.nullable();
const count = z.int().min(0);
const NAMES_CODE_LIST = Object.keys(NAMES_CODES) as NamesCode[];
const named = z.strictObject({ id, name: z.string() });

const certificate = z
  .strictObject({ id: z.string(), subject: z.string(), expiresAt: time })
  .describe('A client certificate that is kept here; its key never leaves the store.');

const brokenApp = z
  .strictObject({ id, name: z.string(), problem: z.string() })
  .describe('An app whose row cannot be read. It is disabled until it is saved again.');

const signIn = z.union([
  z.strictObject({ kind: z.literal('password'), hasPassword: z.boolean() }),
  z.strictObject({ kind: z.literal('provider'), issuer: z.string(), linked: z.boolean() }),
]);

const session = z.strictObject({
  id,
  userId: id,
  email: z.string(),
  name: z.string(),
  kind: z.enum(['standard', 'my-device', 'shared']),
  createdAt: time,
  expiresAt: time,
  lastSeenAt: time,
  address: z.string().nullable(),
  userAgent: z.string(),
});

const stream = z.strictObject({
  ...{ id: z.string(), sessionId: id, appId: id, appName: z.string().nullable() },
  ...{ userId: id, email: z.string(), name: z.string() },
  ...{ kind: z.enum(['websocket', 'answer']), since: time, bytes: count },
});

const deletedApp = z.strictObject({
  ...{ undoId: id, appId: id, name: z.string(), at: time, until: time, by: z.string().nullable() },
});

const values = z.array(z.number());
const gaps = z.array(z.number().nullable());
const reason = z.strictObject({ reason: z.string(), counts: values, total: count });
const dashboard = z.strictObject({
  steps: z.array(time),
  stepMs: count,
  traffic: z.strictObject({ requests: values, failures: values, p50: gaps, p95: gaps }),
  people: z.strictObject({ total: count, steps: z.array(time), counts: values }),
  refusals: z.array(reason),
  faults: z.array(reason),
  apps: z.array(
    z.strictObject({
      ...{ appId: z.string(), name: z.string().nullable(), requests: count, failures: count },
      ...{ p50: z.number().nullable(), p95: z.number().nullable() },
    }),
  ),
  gateways: z.array(
    z.strictObject({
      ...{ gateway: z.int(), loopP99: gaps, rss: gaps, restarts: count, connections: count, webSockets: count },
      seenAt: time,
    }),
  ),
});

/** All of it may be left out. */
export const lookInput = z.strictObject({
  host: z.string().max(255).optional().describe('One of the app’s public names; its first by itself.'),
  route: z.int().min(-1).max(1000).default(-1).describe('The place of one of its routes; -1 is its own upstream.'),
  userId: z.string().max(100).optional().describe('Whom policy is asked about.'),
});

const step = z.strictObject({
  step: z.enum(PATH_STEPS),
  state: z.enum(['good', 'warning', 'bad', 'skipped']),
  code: z.string().describe('A stable word for what was found.'),
  tookMs: z.number(),
  facts: z.record(z.string(), z.unknown()).nullable().describe('What was found, in detail.'),
});

const dnsRecord = z.strictObject({
  ...{ name: z.string(), type: z.string(), value: z.string(), ttlSeconds: count },
  line: z.string().describe('As a line of a zone file.'),
});

const nameFinding = z.strictObject({
  ...{ code: z.enum(NAMES_CODE_LIST), level: z.enum(['warning', 'error']), name: z.string(), appIds: z.array(id) },
  sentence: z.string(),
  record: dnsRecord.nullable().describe('The record that mends it, where one does.'),
  ...{ firstSeen: time, lastSeen: time },
});

const namesReport = z.strictObject({
  checkedAt: timeOrNull.describe('When the last look ended; null before the first.'),
  names: count.describe('How many names were looked at.'),
  isComplete: z.boolean().describe('False where the time was over before every name was looked at.'),
  findings: z.array(nameFinding),
});

/** The e-mail address of who is erased, as a person would type it. */
export const erasureInput = z.strictObject({ email: z.string().max(320) });

const auditEvent = z.strictObject({
  id,
  at: time,
  level: z.enum(['info', 'alarm']),
  action: z.string(),
  actor: z.strictObject({ userId: z.string(), email: z.string() }).nullable(),
  object: z.strictObject({ kind: z.string(), id: z.string(), name: z.string() }).nullable(),
  outcome: z.enum(['allowed', 'refused', 'done']),
  reason: z.string(),
  supportId: z.string().nullable(),
  address: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
});

const token = z.strictObject({
  id,
  name: z.string(),
  hint: z.string().describe('Its last characters.'),
  owner: z.strictObject({ userId: id, email: z.string(), name: z.string() }),
  scopes: z.array(z.enum(SCOPES)),
  createdAt: time,
  expiresAt: time,
  isExpired: z.boolean(),
  lastUsedAt: timeOrNull,
  lastUsedAddress: z.string().nullable(),
});

const assignee = z.union([
  z.strictObject({ kind: z.literal('user'), id, name: z.string(), email: z.string() }),
  z.strictObject({ kind: z.literal('group'), id, name: z.string() }),
]);

const machine = z.strictObject({
  ...{ id, name: z.string(), address: z.string() },
  owner: z.strictObject({ userId: id, email: z.string(), name: z.string() }),
  state: z
    .enum(['online', 'offline', 'left', 'signed-out'])
    .describe('`left`: it said so itself. `signed-out`: what let it in has ended, and its name is answered no more.'),
  ...{ lastSeenAt: timeOrNull, version: z.string(), os: z.string(), createdAt: time, updatedAt: time },
});

const clusterNode = z.strictObject({
  ...{ number: count, subCluster: z.string(), isLoadBalancer: z.boolean() },
  ...{ lan: z.array(z.string()), nat: z.array(z.string()) },
  standing: z.enum(STANDINGS).describe('`up` is sent people, unless it drains.'),
  drainingSince: timeOrNull,
  ...{ machine: z.string().nullable(), seenAt: timeOrNull, gateways: count, gatewaysReady: count },
});
const cluster = z.strictObject({
  name: z.string().nullable(),
  nodes: z.array(clusterNode),
  answers: z.array(
    z.strictObject({
      subnets: z.array(z.string()).describe('Of those who ask; empty for everybody else.'),
      side: z.enum(SIDES),
      isOutside: z
        .boolean()
        .describe('Who asks by a public address, and so is told no private one: where it is delegated.'),
      addresses: z.array(z.string()),
      isUnsaid: z.boolean().describe('SERVFAIL, since nobody is available.'),
    }),
  ),
});

const namedAddress = z.strictObject({ name: z.string(), address: z.string() });
const names = z.strictObject({
  version: z.string().describe('Another one whenever anything else here is.'),
  zone: z.string().describe('`Win-A` is `Win-A.<zone>`.'),
  search: z.array(z.string()).describe('Endings that people may write instead of the zone.'),
  machines: z.array(namedAddress),
  records: z.array(namedAddress).describe('An administrator’s own, below the zone.'),
  ttlSeconds: count,
  apps: z.array(z.string()).optional().describe('All apps’ public names; with `names:read` alone.'),
  gateway: z
    .string()
    .optional()
    .describe('The gateway’s own public name, where there is one; with `names:read` alone.'),
});

const problem = z
  .object({
    type: z.enum(Object.keys(API_PROBLEMS).map((code) => `urn:foyer:${code}`)),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    supportId: z.string().optional().describe('Finds the request in the access log and the audit.'),
    errors: z
      .array(z.strictObject({ detail: z.string(), pointer: z.string().optional(), parameter: z.string().optional() }))
      .optional(),
    scopes: z.array(z.string()).optional().describe('The scopes that the token lacks.'),
  })
  .describe('RFC 9457. `type` is stable; the sentences are for people and may change.');

const INPUTS = {
  AppInput: inputOf(appInput),
  Assignments: inputOf(assignmentsInput),
  IconInput: inputOf(iconInput),
  SiteInput: inputOf(siteInput),
  UserInput: inputOf(userInput),
  GroupInput: inputOf(groupInput),
  Members: inputOf(membersInput),
  ProviderInput: inputOf(providerInput),
  CollectionInput: inputOf(collectionInput),
  Order: inputOf(z.array(id)),
  NoticeInput: inputOf(noticeInput),
  TermsInput: inputOf(termsInput),
  BulkInput: inputOf(z.strictObject({ selection: appSelectionInput, change: bulkChangeInput })),
  LookInput: inputOf(lookInput),
  ErasureInput: inputOf(erasureInput),
  MachineInput: inputOf(machineInput),
  MachineNameInput: inputOf(machineNameInput),
  HeartbeatInput: inputOf(heartbeatInput),
  ResolveInput: inputOf(resolveInput),
};

const RECORDS = {
  App: recordOf(INPUTS.AppInput, {
    id,
    ...{ assignments: assignmentsInput, certificates: z.array(certificate), createdAt: time, updatedAt: time },
  }),
  BrokenApp: outputOf(brokenApp),
  Site: recordOf(INPUTS.SiteInput, {
    ...{ id, problem: z.string().describe('Empty for a site that can be read.'), appCount: count },
    ...{ createdAt: time, updatedAt: time },
  }),
  User: recordOf(
    INPUTS.UserInput,
    { id, signIn, groups: z.array(named), createdAt: time, updatedAt: time, lastSignInAt: timeOrNull },
    ['password'],
  ),
  Group: recordOf(INPUTS.GroupInput, {
    ...{ id, source: z.enum(['local', 'provider']), providerId: id.nullable(), memberCount: count, updatedAt: time },
  }),
  Provider: recordOf(INPUTS.ProviderInput, { id, callbackUrl: z.string(), updatedAt: time }, ['clientSecret']),
  Collection: recordOf(INPUTS.CollectionInput, { id, updatedAt: time }),
  Notice: recordOf(INPUTS.NoticeInput, { id, updatedAt: time }),
  Terms: outputOf(
    z.strictObject({ version: count, text: z.string(), publishedAt: timeOrNull, accepted: count, people: count }),
  ),
  Session: outputOf(session),
  Stream: outputOf(stream),
  DeletedApp: outputOf(deletedApp),
  AuditEvent: outputOf(auditEvent),
  Token: outputOf(token),
  Assignee: outputOf(assignee),
  Machine: outputOf(machine),
};

const OTHERS = {
  AppList: listOf('App', 'BrokenApp'),
  SiteList: listOf('Site'),
  UserList: listOf('User'),
  GroupList: listOf('Group'),
  MemberList: outputOf(
    z.strictObject({ items: z.array(z.strictObject({ userId: id, email: z.string(), name: z.string() })) }),
  ),
  AssignmentList: outputOf(z.strictObject({ items: assignmentsInput })),
  ProviderList: listOf('Provider'),
  CollectionList: listOf('Collection'),
  NoticeList: listOf('Notice'),
  SessionList: listOf('Session'),
  StreamList: listOf('Stream'),
  DeletedAppList: listOf('DeletedApp'),
  Categories: outputOf(z.strictObject({ items: z.array(z.string()) })),
  BulkDone: outputOf(z.strictObject({ undoId: id.nullable(), changed: count, same: count, gone: count })),
  UndoDone: outputOf(
    z.strictObject({
      done: count,
      left: z.array(z.strictObject({ appId: id, name: z.string(), reason: z.string(), about: z.string() })),
    }),
  ),
  Look: outputOf(z.strictObject({ steps: z.array(step), tookMs: z.number() })),
  NamesReport: outputOf(namesReport),
  RecordList: outputOf(z.strictObject({ items: z.array(dnsRecord) })),
  Dashboard: outputOf(dashboard),
  PersonExport: {
    type: 'object',
    description: 'Profile, sessions, launcher, usage, audit and more, each by its name.',
  },
  Erased: outputOf(z.strictObject({ pseudonym: z.string() })),
  TokenList: listOf('Token'),
  AssigneeList: listOf('Assignee'),
  MachineList: listOf('Machine'),
  AddedMachine: outputOf(
    z.strictObject({
      ...{ id, name: z.string(), address: z.string(), updatedAt: time },
      token: z.string().describe('The machine’s own. It is in this answer and nowhere else.'),
    }),
  ),
  Cluster: outputOf(cluster),
  Names: outputOf(names),
  Heartbeat: outputOf(
    z.strictObject({
      ...{ name: z.string(), address: z.string(), version: z.string(), heartbeatSeconds: count },
      names: names.nullable().describe('Null while the machine has this version.'),
    }),
  ),
  ResolvedName: outputOf(z.strictObject({ name: z.string(), addresses: z.array(z.string()) })),
  AuditList: {
    ...listOf('AuditEvent'),
    properties: { items: { type: 'array', items: ref('AuditEvent') }, next: nextSchema() },
    required: ['items', 'next'],
  },
  ThisToken: outputOf(
    z.strictObject({
      ...{ id, name: z.string(), owner: z.strictObject({ email: z.string(), role: z.enum(ROLES) }) },
      ...{ scopes: token.shape.scopes, createdAt: time, expiresAt: time },
    }),
  ),
  PasswordLink: outputOf(z.strictObject({ url: z.string().describe('One use, 24 hours.') })),
  Icon: outputOf(z.strictObject({ sha256: z.string().describe('Of the picture that Foyer made.') })),
  Saved: outputOf(z.strictObject({ id: z.string(), updatedAt: time.describe('Also the ETag.') })),
  TermsSaved: outputOf(z.strictObject({ version: count })),
  Document: { type: 'object', description: 'An OpenAPI 3.1 document: this one.' },
  Problem: outputOf(problem),
};

type SettingName = `setting-${SettingKey}` | `setting-${SettingKey}-input`;
const SETTING = Object.fromEntries(
  Object.entries(SETTINGS).flatMap(([key, schema]) => {
    const input = inputOf(schema);
    return [
      [`setting-${key}`, recordOf(input, {})],
      [`setting-${key}-input`, input],
    ];
  }),
) as Record<SettingName, JsonSchema>;

export const SCHEMAS = { ...INPUTS, ...RECORDS, ...OTHERS, ...SETTING } satisfies Record<string, JsonSchema>;
export type SchemaName = keyof typeof SCHEMAS;

export function ref(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** What a program sends. Texts that a parser reads are plain strings here: the sentence in `errors` says what is wrong with one. */
export function inputOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}

function outputOf(schema: z.ZodType): JsonSchema {
  return inputOf(schema);
}

/** What a program gets: every field of the input but those that are only written, and what Foyer knows besides. */
function recordOf(input: JsonSchema, own: Record<string, z.ZodType>, writeOnly: readonly string[] = []): JsonSchema {
  const kept = Object.entries(propertiesOf(input)).filter(([name]) => !writeOnly.includes(name));
  const properties: Record<string, JsonSchema> = Object.fromEntries(kept.map(([name, each]) => [name, present(each)]));
  for (const [name, schema] of Object.entries(own)) properties[name] = { ...present(inputOf(schema)), readOnly: true };
  return { ...input, properties, required: Object.keys(properties) };
}

/** What has a default is always there in an answer. */
function present(schema: JsonSchema): JsonSchema {
  const inner = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      if (key === 'properties') return [key, mapValues(value as Record<string, JsonSchema>, present)];
      if (key === 'items') return [key, present(value as JsonSchema)];
      if (key === 'anyOf' || key === 'oneOf') return [key, (value as JsonSchema[]).map(present)];
      return [key, value];
    }),
  );
  const properties = propertiesOf(schema);
  const required = Array.isArray(schema.required) ? schema.required : [];
  const given = Object.keys(properties).filter(
    (name) => required.includes(name) || 'default' in (properties[name] ?? {}),
  );
  return given.length > 0 ? { ...inner, required: given } : inner;
}

function propertiesOf(schema: JsonSchema): Record<string, JsonSchema> {
  return (schema.properties ?? {}) as Record<string, JsonSchema>;
}

function mapValues(
  of: Record<string, JsonSchema>,
  change: (schema: JsonSchema) => JsonSchema,
): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(of).map(([name, schema]) => [name, change(schema)]));
}

function listOf(...names: string[]): JsonSchema {
  const items = names.length === 1 ? ref(names[0] ?? '') : { anyOf: names.map(ref) };
  return {
    type: 'object',
    properties: {
      items: { type: 'array', items },
      total: { type: 'integer', minimum: 0, description: 'How many match, on all pages together.' },
      next: nextSchema(),
    },
    required: ['items', 'total', 'next'],
    additionalProperties: false,
  };
}

function nextSchema(): JsonSchema {
  return { type: ['string', 'null'], description: 'The path and query of the next page; null on the last one.' };
}
