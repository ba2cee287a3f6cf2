// The inline scripts of /open. The fragment never reaches a server by itself, so the first thing each does is keep it in this tab.
import { scriptValue } from '../request/html.ts';

/** More handshakes than this with one host, in one tab, in one minute, are a loop. */
const MAX_HANDSHAKES_A_MINUTE = 3;

/** `attemptId`: what an attempt is called in sessionStorage. */
type Attempt = { attemptId: string };

/** Keeps the fragment, then goes to a page that comes back. */
export function toPageScript(options: Attempt & { url: string }): string {
  return `${keepFragment(options)}location.replace(${scriptValue(options.url)});`;
}

/** Keeps the fragment, counts, and submits the form that stands before this script, while the page is still parsed. */
export function submitScript(options: Attempt & { host: string; diagnosisUrl: string }): string {
  return `${passedOver(options)}if(!isPassedOver){${keepFragment(options)}
var form=document.forms[0];form.elements.fragment.value=fragment;
var times=[],key=${scriptValue(`foyer-handshakes:${options.host}`)},now=Date.now();
try{times=JSON.parse(sessionStorage.getItem(key)||'[]').filter(function(t){return now-t<60000&&t<=now});
times.push(now);sessionStorage.setItem(key,JSON.stringify(times));sessionStorage.setItem(${sentKey(options)},history.length)}catch(e){}
if(times.length>${MAX_HANDSHAKES_A_MINUTE}){try{sessionStorage.removeItem(key)}catch(e){}location.replace(${scriptValue(options.diagnosisUrl)})}
else form.submit()}`;
}

/**
 * Defines `isPassedOver`: whoever comes here by the way back or forth, and has been sent on from here before to a page with an
 * entry of its own, is led on in the direction they go. A form that is submitted before its page is loaded leaves no entry in the history of the tab, unless somebody
 * has just pressed something; then the way back from an app would lead into the app again.
 */
export function passedOver(options: Attempt): string {
  return `function passOver(){var n=window.navigation,from=n&&n.activation&&n.activation.from;
if(from&&from.index<n.currentEntry.index)history.forward();else if(n&&n.canGoBack)history.back();else location.replace('/')}
function wasSent(){try{var length=sessionStorage.getItem(${sentKey(options)});return length!==null&&history.length>Number(length)}catch(e){return false}}
var visit=performance.getEntriesByType('navigation')[0],isPassedOver=!!visit&&visit.type==='back_forward'&&wasSent();
if(isPassedOver)passOver();addEventListener('pageshow',function(e){if(e.persisted&&wasSent())passOver()});
`;
}

function sentKey({ attemptId }: Attempt): string {
  return scriptValue(`foyer-sent:${attemptId}`);
}

/** Defines `fragment`: this URL's, or the one kept before sign-in. */
function keepFragment({ attemptId }: Attempt): string {
  const key = scriptValue(`foyer-fragment:${attemptId}`);
  return `var fragment=location.hash;try{if(fragment)sessionStorage.setItem(${key},fragment);
else fragment=sessionStorage.getItem(${key})||''}catch(e){}`;
}
