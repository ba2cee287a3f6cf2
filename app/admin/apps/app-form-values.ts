// The app form's fields as the value that the store's schema reads.
import { isChecked, linesOf, textOf } from '../form/form-values.ts';

export function readAppForm(form: FormData): Record<string, unknown> {
  const maxSession = textOf(form, 'maxSession');
  return {
    name: textOf(form, 'name'),
    description: textOf(form, 'description'),
    hosts: linesOf(form, 'hosts'),
    showInLauncher: isChecked(form, 'showInLauncher'),
    enabled: isChecked(form, 'enabled'),
    siteId: textOf(form, 'siteId'),
    upstream: {
      scheme: textOf(form, 'upstream.scheme'),
      host: textOf(form, 'upstream.host'),
      port: textOf(form, 'upstream.port'),
      hostHeader: readHostHeader(form),
      tls: readTls(form),
    },
    identityHeaders: linesOf(form, 'identityHeaders'),
    maxSessionMs: maxSession ? Number(maxSession) : null,
    ...(form.has('ownerUserId') ? { ownerUserId: textOf(form, 'ownerUserId') || null } : {}),
  };
}

function readHostHeader(form: FormData) {
  const kind = textOf(form, 'upstream.hostHeader');
  return kind === 'fixed' ? { kind, value: textOf(form, 'upstream.hostHeader.value') } : { kind: kind || 'public' };
}

function readTls(form: FormData) {
  const kind = textOf(form, 'upstream.tls');
  if (kind === 'ca') return { kind, pem: textOf(form, 'upstream.tls.pem') };
  if (kind === 'pinned') return { kind, sha256: textOf(form, 'upstream.tls.sha256') };
  return { kind: kind || 'system' };
}
