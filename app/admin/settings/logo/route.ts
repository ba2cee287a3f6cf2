// Takes a picture for the company's logo and answers with the small one that was made of it. It is kept when the form is saved.
import { may } from '#server/core/permission.ts';
import { FORBIDDEN, invalid } from '#server/store/saved.ts';
import { pictureAnswer, uploadedPicture } from '../../../request/uploaded-picture.ts';
import { act } from '../../act.ts';

/** The body is the picture itself. A refused one is `invalid` with the reason, a `PictureRefusal`, at `logo`. */
export async function POST(request: Request): Promise<Response> {
  let drawn: Uint8Array | null = null;
  const result = await act<object>(async (_store, actor) => {
    if (!may(actor.role, 'settings.write')) return FORBIDDEN;
    const picture = await uploadedPicture(request, 'logo');
    if (picture.kind === 'refused') return invalid({ logo: picture.reason });
    drawn = picture.bytes;
    return { kind: 'saved' };
  });
  return pictureAnswer(result, drawn);
}
