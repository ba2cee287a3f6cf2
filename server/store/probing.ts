// What a name or an upstream has to be before it is looked at for somebody who publishes an app, and who may have that done.
import { z } from 'zod';
import { parseAddress } from '#server/core/address.ts';
import { checkAddress } from '#server/core/check-address.ts';
import type { Hostname } from '#server/core/hostname.ts';
import type { ProbeRequest } from '#server/core/probe.ts';
import type { Store } from './handle.ts';
import { ownHost, REFUSED_ADDRESS } from './own-host.ts';
import { rightTo } from './right.ts';
import { type Actor, FORBIDDEN, invalid, type PersonActor, type Saved } from './saved.ts';
import { hostname, id } from './schema/field.ts';
import { parseInput } from './schema/parse-input.ts';
import { upstreamSchema } from './schema/upstream.ts';
import { readSite } from './site-row.ts';
import { write } from './write.ts';

const probeInput = z.strictObject({
  siteId: id,
  upstream: upstreamSchema(z.never()),
  publicHost: hostname,
  webSocketPaths: z
    .array(
      z
        .string()
        .max(200)
        .regex(/^\/[\x21-\x7e]*$/),
    )
    .max(5)
    .default([]),
});

/** Reports whether a public name is free for a new app: the name as it will be kept, or what is wrong with it. */
export async function checkPublicHost(store: Store, actor: Actor, text: unknown): Promise<Saved<{ host: Hostname }>> {
  const right = await rightTo(store.db, actor, 'apps.place', store.now());
  if (right.kind !== 'any') return FORBIDDEN;
  const parsed = parseInput(hostname, text);
  if (parsed.kind === 'invalid') return invalid({ host: parsed.errors[''] ?? '' });
  const host = parsed.value;
  if (host === store.portal.hostname) return invalid({ host: 'This is the portal’s own name. Choose another one.' });
  const taken = await store.db.selectFrom('app_hosts').select('host').where('host', '=', host).executeTakeFirst();
  return taken ? invalid({ host: 'Another app has this name. Choose another one.' }) : { kind: 'saved', host };
}

/** What to probe, when the actor may have it probed; the audit says who had what looked at. `input`: `probeInput`. */
export async function permitProbe(
  store: Store,
  actor: PersonActor,
  input: unknown,
): Promise<Saved<{ request: ProbeRequest }>> {
  return write(store, actor, 'apps.place', async (w) => {
    const parsed = parseInput(probeInput, input);
    if (parsed.kind === 'invalid') return parsed;
    const { siteId, upstream, publicHost, webSocketPaths } = parsed.value;
    const row = await w.trx.selectFrom('sites').selectAll().where('id', '=', siteId).executeTakeFirst();
    const site = row && readSite(row);
    if (!row || site?.kind !== 'read')
      return invalid({ siteId: 'This site does not exist any more. Choose another one.' });
    const { scheme, host, port, tls } = upstream;
    const literal = parseAddress(host);
    const refusal = literal && checkAddress(literal, port, site.value, ownHost(store));
    if (refusal) return invalid({ 'upstream.host': REFUSED_ADDRESS[refusal] });
    w.audit({
      action: 'upstream-probed',
      object: { kind: 'site', id: siteId, name: row.name },
      detail: { upstream: `${scheme}://${host}:${port}` },
    });
    const where = { siteId, scheme, host, port, tls, publicHost, webSocketPaths };
    return {
      kind: 'saved',
      request: { ...where, clientAddress: actor.address ?? '127.0.0.1', viewerId: actor.userId },
    };
  });
}
