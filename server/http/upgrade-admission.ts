// Is this a WebSocket opening handshake and nothing else (RFC 6455 §4.2.1)? Why nothing else: docs/decisions/0020.
import type { FaultCode } from '#server/core/fault.ts';
import { headerValues } from './header-names.ts';

export type UpgradeAdmission = { kind: 'admitted'; key: string } | { kind: 'refused'; code: FaultCode };

const KEY = /^[A-Za-z0-9+/]{22}==$/;

export function admitUpgrade(method: string, httpVersion: string, headers: readonly string[]): UpgradeAdmission {
  const tokens = headerValues(headers, 'connection')
    .flatMap((value) => value.split(','))
    .map((token) => token.trim().toLowerCase());
  const upgrades = headerValues(headers, 'upgrade');
  const hasBody =
    headerValues(headers, 'content-length').length + headerValues(headers, 'transfer-encoding').length > 0;
  const isWebSocket = upgrades.length === 1 && upgrades[0]?.trim().toLowerCase() === 'websocket';
  if (method !== 'GET' || httpVersion !== '1.1' || hasBody || !isWebSocket || !tokens.includes('upgrade')) {
    return { kind: 'refused', code: 'upgrade-refused' };
  }
  const versions = headerValues(headers, 'sec-websocket-version');
  if (versions.length !== 1 || versions[0]?.trim() !== '13') return { kind: 'refused', code: 'websocket-version' };
  const keys = headerValues(headers, 'sec-websocket-key');
  const key = keys[0]?.trim() ?? '';
  if (keys.length !== 1 || !KEY.test(key)) return { kind: 'refused', code: 'upgrade-refused' };
  return { kind: 'admitted', key };
}
