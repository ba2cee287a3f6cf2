// How Next builds the portal: nothing optional is on, because everything optional is reachable before sign-in.

/** @type {import('next').NextConfig} */
export default {
  poweredByHeader: false,
  generateEtags: false,
  reactStrictMode: true,
  images: { unoptimized: true },
  // `npm run check` runs tsc over the whole tree; running it twice only makes the build slower.
  typescript: { ignoreBuildErrors: true },
  experimental: {
    // `forbidden()`: the pages of an area that a role does not include answer 403.
    authInterrupts: true,
    serverActions: { bodySizeLimit: '512kb' },
    // A page is read from disk when somebody first asks for it: most processes never show most of them.
    preloadEntriesOnStart: false,
  },
};
