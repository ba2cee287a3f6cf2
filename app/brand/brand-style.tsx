// The company's colour over Foyer's own, on every page.
import { accentStyle, type Brand } from '#server/core/brand.ts';

/**
 * It awaits nothing, and must not: what an async component gives to `<head>` may reach the browser after `<head>` itself,
 * and React, which then enters `<head>` twice while it hydrates, goes on in it where `<body>` should follow (error 418).
 */
export function BrandStyle({ brand: { accent }, nonce }: { brand: Brand; nonce: string | undefined }) {
  if (!accent) return null;
  return (
    <style nonce={nonce} suppressHydrationWarning>
      {accentStyle(accent)}
    </style>
  );
}
