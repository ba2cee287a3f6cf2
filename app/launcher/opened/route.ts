// An app was opened from the launcher: a beacon, since the page that says so is about to be left.
import { noteOpened } from '#server/store/launcher.ts';
import { actOnOwnApp } from '../own-app.ts';

const MAX_BYTES = 1_024;
const STATUS: Readonly<Record<string, number>> = { saved: 204, 'not-found': 404, 'signed-out': 401, failed: 503 };

export async function POST(request: Request): Promise<Response> {
  const size = Number(request.headers.get('content-length') ?? Number.NaN);
  if (!(size <= MAX_BYTES)) return new Response(null, { status: 413 });
  const form = new URLSearchParams(await request.text());
  const { kind } = await actOnOwnApp(form.get('app'), noteOpened);
  return new Response(null, { status: STATUS[kind] ?? 403 });
}
