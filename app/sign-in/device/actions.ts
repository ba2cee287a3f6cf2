// What a person says to a command line that asks to be signed in.
'use server';
import {
  approveDeviceLogin,
  type DeviceRequest,
  findDeviceLogin,
  refuseDeviceLogin,
} from '#server/store/device-logins.ts';
import { type ActionResult, act } from '../../admin/act.ts';

/** Which command line waits with this code; nothing is decided. */
export async function findDeviceLoginAction(code: unknown): Promise<ActionResult<DeviceRequest>> {
  return act((store, actor) => findDeviceLogin(store, actor, String(code)));
}

export async function approveDeviceLoginAction(code: unknown): Promise<ActionResult> {
  return act((store, actor) => approveDeviceLogin(store, actor, String(code)));
}

export async function refuseDeviceLoginAction(code: unknown): Promise<ActionResult> {
  return act((store, actor) => refuseDeviceLogin(store, actor, String(code)));
}
