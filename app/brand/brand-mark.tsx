// The company's mark where it has one, else Foyer's.
import type { Brand } from '#server/core/brand.ts';
import { Logo } from '../ui/logo.tsx';

export function BrandMark({ brand }: { brand: Brand }) {
  if (!brand.logo) return <Logo />;
  // Its name stands beside it, or is the title of the page.
  // biome-ignore lint/performance/noImgElement: a data URL of a few KB is there already
  return <img src={brand.logo} alt="" className="h-6 w-auto max-w-40" />;
}
