// A logo comes from outside by the form and by the API: whatever is not kept already is drawn again before it is.
import { PICTURE_REFUSED, PICTURE_TYPE } from '#server/core/small-picture.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { type Invalid, invalid } from '#server/store/saved.ts';
import { currentBrand } from '../../brand/current-brand.ts';

const DATA_URL = new RegExp(`^data:${PICTURE_TYPE};base64,([A-Za-z0-9+/]{1,200000}=*)$`);

/** The brand as it may be saved; what is no brand at all is left for its schema to refuse. */
export async function withDrawnLogo(brand: unknown): Promise<{ kind: 'ready'; brand: unknown } | Invalid> {
  const logo = typeof brand === 'object' && brand !== null && 'logo' in brand ? brand.logo : null;
  const data = typeof logo === 'string' && logo !== currentBrand().logo ? DATA_URL.exec(logo)?.[1] : undefined;
  if (data === undefined) return { kind: 'ready', brand };
  const drawn = await portalContext().makeSmallPicture(Buffer.from(data, 'base64'), 'logo');
  if (drawn.kind === 'refused') return invalid({ logo: PICTURE_REFUSED[drawn.reason] });
  const src = `data:${PICTURE_TYPE};base64,${Buffer.from(drawn.bytes).toString('base64')}`;
  return { kind: 'ready', brand: { ...(brand as object), logo: src } };
}
