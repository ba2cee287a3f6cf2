// The inline scripts of /open. The fragment never reaches a server by itself, so the first thing each does is keep it in this tab.
import { scriptValue } from '../request/html.ts';

/** More handshakes than this with one host, in one tab, in one minute, are a loop. */
const MAX_HANDSHAKES_A_MINUTE = 3;

/** Keeps the fragment, then goes to a page that comes back. */
export function toPageScript(options: { fragmentKey: string; url: string }): string {
  return `${keepFragment(options.fragmentKey)}location.replace(${scriptValue(options.url)});`;
}

/** Keeps the fragment, counts, and submits the form that stands before this script, while the page is still parsed. */
export function submitScript(options: { fragmentKey: string; host: string; diagnosisUrl: string }): string {
  return `${keepFragment(options.fragmentKey)}
var form=document.forms[0];form.elements.fragment.value=fragment;
var times=[],key=${scriptValue(`foyer-handshakes:${options.host}`)},now=Date.now();
try{times=JSON.parse(sessionStorage.getItem(key)||'[]').filter(function(t){return now-t<60000&&t<=now});
times.push(now);sessionStorage.setItem(key,JSON.stringify(times))}catch(e){}
if(times.length>${MAX_HANDSHAKES_A_MINUTE}){try{sessionStorage.removeItem(key)}catch(e){}location.replace(${scriptValue(options.diagnosisUrl)})}
else form.submit();`;
}

/** Defines `fragment`: this URL's, or the one kept before sign-in. */
function keepFragment(key: string): string {
  return `var fragment=location.hash;try{if(fragment)sessionStorage.setItem(${scriptValue(key)},fragment);
else fragment=sessionStorage.getItem(${scriptValue(key)})||''}catch(e){}`;
}
