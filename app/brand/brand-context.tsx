// The company's name and mark for client components, as the document knows them.
'use client';
import { createContext, type ReactNode, useContext } from 'react';
import { type Brand, PLAIN_BRAND } from '#server/core/brand.ts';
import { BrandMark } from './brand-mark.tsx';

const BrandContext = createContext<Brand>(PLAIN_BRAND);

export function BrandProvider({ brand, children }: { brand: Brand; children: ReactNode }) {
  return <BrandContext value={brand}>{children}</BrandContext>;
}

export function useBrand(): Brand {
  return useContext(BrandContext);
}

/** Mark and name side by side. `nameClass` may hide the name where there is no room. */
export function BrandSign({ nameClass }: { nameClass?: string }) {
  const brand = useContext(BrandContext);
  return (
    <>
      <BrandMark brand={brand} />
      <span className={nameClass}>{brand.company || 'Foyer'}</span>
    </>
  );
}
