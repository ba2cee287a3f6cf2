// The kind of device a person says they sign in from; it decides how long the session lives.

const DEVICES = ['standard', 'my-device', 'shared'] as const;
export type Device = (typeof DEVICES)[number];

const HOUR_SECONDS = 3600;

/** How long the browser keeps the cookie. The session in the store is what counts; the cookie only must not end before it. */
export const COOKIE_LIFETIME_SECONDS: Record<Device, number> = {
  standard: 24 * HOUR_SECONDS,
  'my-device': 7 * 24 * HOUR_SECONDS,
  shared: 4 * HOUR_SECONDS,
};

export function parseDevice(value: unknown): Device {
  return DEVICES.find((device) => device === value) ?? 'standard';
}
