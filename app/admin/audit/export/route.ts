// The audit as a file, with the filters of its address.
import { getTimeZone } from 'next-intl/server';
import { EXPORT_FORMATS, exportAudit } from '#server/store/audit-export.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { download } from '../../../request/download.ts';
import { isOwnGet } from '../../../request/request-facts.ts';
import { currentActor } from '../../../session/current.ts';
import { auditQuery } from '../audit-query.ts';

const TYPES = { csv: 'text/csv; charset=utf-8', jsonl: 'application/x-ndjson; charset=utf-8' } as const;

export async function GET(request: Request): Promise<Response> {
  if (!isOwnGet(request.headers)) return new Response(null, { status: 403 });
  const actor = await currentActor();
  if (!actor) return new Response(null, { status: 401 });
  const params = Object.fromEntries(new URL(request.url).searchParams);
  const format = EXPORT_FORMATS.find((each) => each === params.format);
  if (!format) return new Response(null, { status: 400 });
  const zone = await getTimeZone();
  const { filters } = auditQuery(params, zone);
  const { store, now } = portalContext();
  const exported = await exportAudit(store, actor, { filters, format, zone });
  if (exported.kind === 'forbidden') return new Response(null, { status: 403 });
  const name = `audit-${new Date(now()).toISOString().slice(0, 19).replaceAll(':', '')}Z.${format}`;
  return download(exported.pieces, { name, type: TYPES[format] });
}
