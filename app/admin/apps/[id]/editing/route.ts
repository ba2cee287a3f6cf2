// A tab says that it has the app open, and learns who else has; or that it goes. No action: a save must not wait behind it, and a beacon says good-bye.
import { type Editing, endEditing, noteEditing } from '#server/store/editing.ts';
import { act } from '../../../act.ts';

const MAX_BYTES = 1_024;
const STATUS: Readonly<Record<string, number>> = { 'not-found': 404, 'signed-out': 401, failed: 503 };

export async function POST(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const size = Number(request.headers.get('content-length') ?? Number.NaN);
  if (!(size <= MAX_BYTES)) return new Response(null, { status: 413 });
  const { id } = await params;
  const form = new URLSearchParams(await request.text());
  const tab = form.get('tab') ?? '';
  const isLeaving = form.get('leaving') === '1';
  const result = await act<Partial<Editing>>((store, actor) =>
    isLeaving ? endEditing(store, actor, id, tab) : noteEditing(store, actor, id, tab),
  );
  if (result.kind !== 'saved') return new Response(null, { status: STATUS[result.kind] ?? 403 });
  const { editors, updatedAt } = result;
  return isLeaving ? new Response(null, { status: 204 }) : Response.json({ editors, updatedAt });
}
