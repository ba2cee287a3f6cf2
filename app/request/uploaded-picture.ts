// A picture that somebody uploads: the body of a request, drawn again and small.
import { MAX_PICTURE_BYTES, PICTURE_TYPE, type PictureRefusal, type PictureShape } from '#server/core/small-picture.ts';
import { portalContext } from '#server/store/portal-context.ts';
import type { ActionResult } from '../admin/act.ts';

export type Uploaded = { kind: 'made'; bytes: Uint8Array } | { kind: 'refused'; reason: PictureRefusal };

const STATUS: Readonly<Record<string, number>> = { saved: 200, invalid: 422, 'signed-out': 401, failed: 503 };

/** Nothing is read of a body that is larger than allowed, or does not say how large it is. */
export async function uploadedPicture(request: Request, shape: PictureShape): Promise<Uploaded> {
  const size = Number(request.headers.get('content-length') ?? Number.NaN);
  if (!(size <= MAX_PICTURE_BYTES)) return { kind: 'refused', reason: 'size' };
  return portalContext().makeSmallPicture(new Uint8Array(await request.arrayBuffer()), shape);
}

/** The outcome, and for the form alone the picture as `src`: nobody else may see it before it is saved with what it is for. */
export function pictureAnswer(result: ActionResult<object>, drawn: Uint8Array | null): Response {
  const src = drawn && `data:${PICTURE_TYPE};base64,${Buffer.from(drawn).toString('base64')}`;
  const shown = result.kind === 'saved' && src ? { src } : {};
  return Response.json({ ...result, ...shown }, { status: STATUS[result.kind] ?? 403 });
}
