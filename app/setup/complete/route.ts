// Uses up a one-time link. A mistake in the form does not.
import { getLocale, getTranslations } from 'next-intl/server';
import { portalContext } from '#server/store/portal-context.ts';
import type { FieldErrors } from '#server/store/saved.ts';
import { consumeAdminLink, consumePasswordLink, readLink } from '#server/store/setup-links.ts';
import { outcomeIn } from '../../i18n/sentences.ts';
import { isOwnPost } from '../../request/request-facts.ts';

const MAX_FORM_BYTES = 16 * 1024;
const DONE = '/sign-in?note=ready';

export async function POST(request: Request): Promise<Response> {
  const { store, portal } = portalContext();
  if (!isOwnPost(request.headers, portal)) return new Response(null, { status: 403 });
  const isForm = request.headers.get('content-type')?.startsWith('application/x-www-form-urlencoded');
  const size = Number(request.headers.get('content-length') ?? Number.POSITIVE_INFINITY);
  if (!isForm || size > MAX_FORM_BYTES) return new Response(null, { status: 400 });
  const form = new URLSearchParams(await request.text());
  const token = form.get('token') ?? '';
  const errors = await complete(token, form);
  if (form.get('json') === 'true')
    return Response.json(errors ? { errors } : { url: DONE }, { status: errors ? 422 : 200 });
  const location = errors ? `/setup?${new URLSearchParams({ token, problem: '1' })}` : DONE;
  return new Response(null, { status: 303, headers: { location } });

  async function complete(link: string, fields: URLSearchParams): Promise<FieldErrors | null> {
    const [email, name, password] = ['email', 'name', 'password'].map((field) => fields.get(field) ?? '');
    const purpose = await readLink(store, link);
    if (!purpose) return { '': (await getTranslations('setup'))('stale') };
    const saved =
      purpose.kind === 'admin'
        ? await consumeAdminLink(store, link, { email, name, password })
        : await consumePasswordLink(store, link, { password });
    switch (saved.kind) {
      case 'saved':
        return null;
      case 'invalid':
        return outcomeIn(await getLocale(), saved).errors;
      case 'not-found':
        return { '': (await getTranslations('setup'))('stale') };
      case 'conflict':
      case 'forbidden':
        return { '': outcomeIn(await getLocale(), saved).sentence };
      default:
        return saved satisfies never;
    }
  }
}
