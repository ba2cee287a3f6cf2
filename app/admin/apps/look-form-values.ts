// An app's icon as one form field, and back. What is none of ours stays wrong, for the store to refuse.
import type { AppIcon } from '#server/core/app.ts';

export function iconText(icon: AppIcon | undefined): string {
  switch (icon?.kind) {
    case 'shipped':
      return `shipped:${icon.name}`;
    case 'uploaded':
      return `uploaded:${icon.sha256}`;
    default:
      return 'drawn';
  }
}

export function readIcon(text: string): Record<string, string> {
  const [kind = '', rest = ''] = text.split(':', 2);
  if (kind === 'shipped') return { kind, name: rest };
  return kind === 'uploaded' ? { kind, sha256: rest } : { kind };
}
