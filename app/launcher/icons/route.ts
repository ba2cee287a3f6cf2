// Takes a picture for an app and answers with the small one that was made of it. The app shows it once its form is saved.
import { may } from '#server/core/permission.ts';
import { saveIcon } from '#server/store/icons.ts';
import { FORBIDDEN, invalid } from '#server/store/saved.ts';
import { act } from '../../admin/act.ts';
import { pictureAnswer, uploadedPicture } from '../../request/uploaded-picture.ts';

/** The body is the picture itself. A refused one is `invalid` with the reason, a `PictureRefusal`, at `icon`. */
export async function POST(request: Request): Promise<Response> {
  let drawn: Uint8Array | null = null;
  const result = await act(async (store, actor) => {
    // The store decides; this keeps from decoding what nobody may keep.
    if (!may(actor.role, 'apps.write', 'own')) return FORBIDDEN;
    const picture = await uploadedPicture(request, 'icon');
    if (picture.kind === 'refused') return invalid({ icon: picture.reason });
    drawn = picture.bytes;
    return saveIcon(store, actor, picture.bytes);
  });
  return pictureAnswer(result, drawn);
}
