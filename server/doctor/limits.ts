// The doctor looks at the limits: which are not the defaults, and whether the machine has room for them.

import { formatQuantity } from '../config/quantity.ts';
import type { Config } from '../config.ts';
import { LIMIT_NAMES, LIMITS, limitVariable } from '../http/limits.ts';
import { type Finding, ok, warning } from './finding.ts';

const MB = 1_024 ** 2;

/** A browser's connection often needs one to its app, and the rest is for files, the store and the portal. */
const FILES_FOR_EACH = 2;
const FILES_BESIDE = 500;

/** `fileLimit`: how many files a process may open; null where the system does not say. */
export function checkLimits(
  { gatewayMemory, gateways, limits }: Pick<Config, 'gatewayMemory' | 'gateways' | 'limits'>,
  { fileLimit, memoryBytes }: { fileLimit: number | null; memoryBytes: number },
): Finding[] {
  const changed = LIMIT_NAMES.filter((name) => limits[name] !== LIMITS[name].value).map(
    (name) => `${limitVariable(name)}=${formatQuantity(limits[name], LIMITS[name].unit)}`,
  );
  const findings = [
    ok(
      'limits',
      changed.length === 0 ? 'Every limit has its default.' : `Limits that were set: ${changed.join(', ')}.`,
    ),
  ];
  const needed = limits.connections * FILES_FOR_EACH + FILES_BESIDE;
  if (fileLimit !== null && fileLimit < needed)
    findings.push(
      warning(
        'open-files',
        `A process may open ${fileLimit} files, and ${limits.connections} browsers may need ${needed}: raise the limit (LimitNOFILE=${needed} in the systemd unit), or lower FOYER_LIMIT_CONNECTIONS.`,
      ),
    );
  if (gatewayMemory * gateways > memoryBytes)
    findings.push(
      warning(
        'memory',
        `${gateways} gateways of ${formatQuantity(gatewayMemory, 'bytes')} are more than this machine’s ${Math.floor(memoryBytes / MB)}MB: lower FOYER_GATEWAYS or FOYER_GATEWAY_MEMORY.`,
      ),
    );
  return findings;
}
