// The company's look, as the current snapshot has it.
import { type Brand, PLAIN_BRAND } from '#server/core/brand.ts';
import { portalContext } from '#server/store/portal-context.ts';

export function currentBrand(): Brand {
  return portalContext().snapshot().portal.brand ?? PLAIN_BRAND;
}

/** What pages call the portal. */
export function productName({ company }: Brand = currentBrand()): string {
  return company || 'Foyer';
}
