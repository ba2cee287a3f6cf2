// The document of every portal page. Everything is rendered for one request: no page of the portal is ever stored.
import './globals.css';
import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';

export const dynamic = 'force-dynamic';

export const metadata: Metadata = {
  title: { default: 'Foyer', template: '%s · Foyer' },
  icons: { icon: '/icon.svg' },
  referrer: 'same-origin',
  robots: { index: false, follow: false },
};

export const viewport: Viewport = { width: 'device-width', initialScale: 1, colorScheme: 'light dark' };

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
