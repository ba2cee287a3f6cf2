// Says that an app was opened from here. A beacon is sent although its page is left; what is lost is a line of "recent".

export function noteOpened(appId: string): void {
  navigator.sendBeacon('/launcher/opened', new URLSearchParams({ app: appId }));
}
