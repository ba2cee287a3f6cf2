// The app form's fields as the value that the store's schema reads.
import { isChecked, linesOf, textOf } from '../form/form-values.ts';
import { readIcon } from './look-form-values.ts';
import { readTraffic } from './traffic-form-values.ts';
import { readUpstream } from './upstream-form-values.ts';

export function readAppForm(form: FormData): Record<string, unknown> {
  const maxSession = textOf(form, 'maxSession');
  return {
    name: textOf(form, 'name'),
    description: textOf(form, 'description'),
    category: textOf(form, 'category'),
    support: textOf(form, 'support'),
    icon: readIcon(textOf(form, 'icon')),
    hosts: linesOf(form, 'hosts'),
    showInLauncher: isChecked(form, 'showInLauncher'),
    enabled: isChecked(form, 'enabled'),
    siteId: textOf(form, 'siteId'),
    upstream: readUpstream(form, 'upstream'),
    identityHeaders: linesOf(form, 'identityHeaders'),
    maxSessionMs: maxSession ? Number(maxSession) : null,
    traffic: readTraffic(form),
    ...(form.has('ownerUserId') ? { ownerUserId: textOf(form, 'ownerUserId') || null } : {}),
  };
}
