// How Next builds the portal: nothing optional is on, because everything optional is reachable before sign-in.

import createNextIntlPlugin from 'next-intl/plugin';

/** @type {import('next').NextConfig} */
const config = {
  poweredByHeader: false,
  generateEtags: false,
  reactStrictMode: true,
  images: { unoptimized: true },
  // `npm run check` runs tsc over the whole tree; running it twice only makes the build slower.
  typescript: { ignoreBuildErrors: true },
  // What follows /go/<name> belongs to the app, its last slash included.
  skipTrailingSlashRedirect: true,
  // Titles never come after their page: a tab, its history and a screen reader would have no name for it until then.
  htmlLimitedBots: /.*/,
  experimental: {
    // `forbidden()`: the pages of an area that a role does not include answer 403.
    authInterrupts: true,
    serverActions: { bodySizeLimit: '512kb' },
    // A page is read from disk when somebody first asks for it: most processes never show most of them.
    preloadEntriesOnStart: false,
  },
};

export default createNextIntlPlugin('./app/i18n/request.ts')(config);
