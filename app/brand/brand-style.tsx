// The company's colour over Foyer's own, on every page.
import { headers } from 'next/headers';
import { accentStyle } from '#server/core/brand.ts';
import { scriptNonce } from '../request/request-facts.ts';
import { currentBrand } from './current-brand.ts';

export async function BrandStyle() {
  const { accent } = currentBrand();
  if (!accent) return null;
  return (
    <style nonce={scriptNonce(await headers())} suppressHydrationWarning>
      {accentStyle(accent)}
    </style>
  );
}
