// The fields about an app's traffic as the value that the store's schema reads.
import { isChecked, textOf } from '../form/form-values.ts';
import { readUpstream } from './upstream-form-values.ts';

export function readTraffic(form: FormData): Record<string, unknown> {
  const healthPath = textOf(form, 'traffic.healthCheck.path').trim();
  return {
    routes: readRows(form, 'traffic.routes', 'prefix', (path) => ({
      prefix: textOf(form, `${path}.prefix`),
      upstream: readUpstream(form, `${path}.upstream`),
    })),
    mapLocation: isChecked(form, 'traffic.mapLocation'),
    mapCookieDomain: isChecked(form, 'traffic.mapCookieDomain'),
    requestHeaders: readEdits(form, 'traffic.requestHeaders'),
    responseHeaders: readEdits(form, 'traffic.responseHeaders'),
    timeouts: {
      connect: millisecondsOf(form, 'traffic.timeouts.connect'),
      headers: millisecondsOf(form, 'traffic.timeouts.headers'),
      idle: millisecondsOf(form, 'traffic.timeouts.idle'),
    },
    concurrency: {
      app: numberOf(form, 'traffic.concurrency.app'),
      person: numberOf(form, 'traffic.concurrency.person'),
    },
    healthCheck: healthPath ? { path: healthPath, everyMs: millisecondsOf(form, 'traffic.healthCheck.everyMs') } : null,
    maintenance: isChecked(form, 'traffic.maintenance.on') ? textOf(form, 'traffic.maintenance') : null,
  };
}

function readEdits(form: FormData, path: string) {
  return readRows(form, path, 'name', (row) => ({
    name: textOf(form, `${row}.name`),
    value: textOf(form, `${row}.action`) === 'remove' ? null : textOf(form, `${row}.value`),
  }));
}

/** Rows are numbered without gaps; `field` is one that every row has. */
function readRows<T>(form: FormData, path: string, field: string, read: (row: string) => T): T[] {
  const rows: T[] = [];
  while (form.has(`${path}.${rows.length}.${field}`)) rows.push(read(`${path}.${rows.length}`));
  return rows;
}

/** Seconds as people write them; what is no number stays as it is, for the store to refuse. */
function millisecondsOf(form: FormData, name: string): number | string | null {
  const value = numberOf(form, name);
  return typeof value === 'number' ? Math.round(value * 1000) : value;
}

function numberOf(form: FormData, name: string): number | string | null {
  const text = textOf(form, name).trim();
  if (text === '') return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
}
