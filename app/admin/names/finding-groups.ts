// Findings as they are read: what concerns all first, then by app, the worst app first.
import type { KeptFinding } from '#server/store/name-findings.ts';

/** `appId` null: what concerns the whole installation. A finding of several apps stands at each. */
export type FindingGroup = { appId: string | null; name: string; findings: readonly KeptFinding[] };

export function findingGroups(
  findings: readonly KeptFinding[],
  nameOf: (appId: string) => string | undefined,
): FindingGroup[] {
  const all = findings.filter(({ appIds }) => appIds.length === 0);
  const ids = [...new Set(findings.flatMap(({ appIds }) => appIds))];
  const apps = ids.map((appId) => ({
    appId,
    name: nameOf(appId) ?? appId,
    findings: findings.filter(({ appIds }) => appIds.includes(appId)),
  }));
  const errors = (group: FindingGroup): number => group.findings.filter(({ level }) => level === 'error').length;
  apps.sort((one, other) => errors(other) - errors(one) || one.name.localeCompare(other.name));
  return [...(all.length > 0 ? [{ appId: null, name: '', findings: all }] : []), ...apps];
}
