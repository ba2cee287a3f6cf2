// What a copy of an app begins with: all of it but what is one app's alone (its names) and what is secret.
import type { AppRecord } from '#server/store/apps.ts';
import type { LikeApp } from './app-form.tsx';
import { type ShownUpstream, shownApp } from './shown-app.ts';

export function likeApp({ app, assignments }: Pick<AppRecord, 'app' | 'assignments'>, now: number): LikeApp {
  const shown = shownApp(app, now);
  const routes = shown.traffic.routes.map((route) => ({ ...route, upstream: withoutCertificate(route.upstream) }));
  return {
    app: {
      ...shown,
      id: '',
      name: '',
      hosts: [],
      upstream: withoutCertificate(shown.upstream),
      traffic: { ...shown.traffic, routes },
    },
    assignments,
  };
}

/** Its key was sealed for the other app alone. */
function withoutCertificate(upstream: ShownUpstream): ShownUpstream {
  return { ...upstream, clientCertificate: null };
}
