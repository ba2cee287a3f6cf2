// The payload of a SETTINGS frame (RFC 9113 §6.5): what a client wants of us, or the error that it is.
import { ERROR, SETTING } from './http2-frame.ts';

/** In the order in which they stand there; null where it says nothing, and everything else is passed over. */
export type SettingsRead =
  | { kind: 'settings'; headerTableBytes: number[]; initialWindow: number | null }
  | { kind: 'bad'; code: number };

const MAX_WINDOW = 2 ** 31 - 1;
const [LEAST_FRAME_BYTES, MOST_FRAME_BYTES] = [2 ** 14, 2 ** 24 - 1];

export function readSettings(payload: Buffer): SettingsRead {
  if (payload.length % 6 !== 0) return bad(ERROR.frameSize);
  const headerTableBytes: number[] = [];
  let initialWindow: number | null = null;
  for (let at = 0; at < payload.length; at += 6) {
    const value = payload.readUInt32BE(at + 2);
    switch (payload.readUInt16BE(at)) {
      case SETTING.headerTableSize:
        headerTableBytes.push(value);
        break;
      case SETTING.enablePush:
        if (value > 1) return bad(ERROR.protocol);
        break;
      case SETTING.maxFrameSize:
        if (value < LEAST_FRAME_BYTES || value > MOST_FRAME_BYTES) return bad(ERROR.protocol);
        break;
      case SETTING.initialWindowSize:
        if (value > MAX_WINDOW) return bad(ERROR.flowControl);
        initialWindow = value;
        break;
    }
  }
  return { kind: 'settings', headerTableBytes, initialWindow };
}

function bad(code: number): SettingsRead {
  return { kind: 'bad', code };
}
