/**
 * The runner on the content host: gives a package its API, and saves what it says.
 *
 * scorm-again keeps the data model; it sends nothing. What changed waits at most 3 s and is sent
 * with a number that counts this session's messages. What was not taken is sent again, with what
 * has changed since. The bookmark goes apart, as a browser drops a beacon that is too long.
 */

const { standard, session, data, commit, opens, site } = JSON.parse(
  document.getElementById("starts").textContent,
);
// The frame fills the page, which has no style sheet.
for (const each of [document.documentElement, document.body, document.getElementById("package")]) {
  Object.assign(each.style, { display: "block", margin: 0, border: 0, width: "100%", height: "100%" });
}
const WAIT = 3_000;
const FIRST_RETRY = 1_500;
const LONGEST_RETRY = 60_000;
const UNSAVED = 10_000;
const LONGEST_ANSWER = 30_000;
const KEEPALIVE = 30_000;
const BOOKMARK = "cmi.suspend_data";

/** Elements that are not saved yet; the newest value of each. */
const changed = new Map();
let number = 0;
let ends = false;
let sending = false;
let stopped = false;
let leaving = false;
let timer = null;
let pause = FIRST_RETRY;
let unsavedSince = null;

function tell(kind, more = {}) {
  window.parent.postMessage({ kind, ...more }, site);
}

function note(element, value) {
  if (stopped) return;
  changed.set(element, String(value));
  unsavedSince ??= Date.now();
  if (leaving) leave();
  else later(WAIT);
}

function later(milliseconds) {
  if (timer === null && !sending && !stopped) timer = setTimeout(send, milliseconds);
}

function soon() {
  clearTimeout(timer);
  timer = null;
  later(0);
}

/** What is sent next: all but the bookmark first, then the bookmark. */
function next() {
  const facts = [...changed].filter(([element]) => element !== BOOKMARK);
  const taken = facts.length ? facts : [...changed];
  const isLast = taken.length === changed.size;
  return { taken, ends: ends && isLast };
}

function message({ taken, ends: isEnd }) {
  number += 1;
  return JSON.stringify({ session, number, changed: Object.fromEntries(taken), ends: isEnd });
}

async function send() {
  timer = null;
  if (sending || stopped || (!changed.size && !ends)) return;
  sending = true;
  const part = next();
  const body = message(part);
  try {
    const answer = await fetch(commit, {
      method: "POST",
      body,
      headers: { "Content-Type": "application/json" },
      credentials: "omit",
      keepalive: body.length < KEEPALIVE,
      signal: AbortSignal.timeout(LONGEST_ANSWER),
    });
    await taken(answer, part);
  } catch {
    again();
  }
}

async function taken(answer, part) {
  if (answer.status >= 500 || answer.status === 429) {
    again();
    return;
  }
  sending = false;
  if (answer.status === 409 || answer.status === 403 || answer.status === 404) {
    stop(answer.status === 409 ? "elsewhere" : "over");
    return;
  }
  for (const [element, value] of part.taken) {
    if (changed.get(element) === value) changed.delete(element);
  }
  pause = FIRST_RETRY;
  if (!answer.ok) tell("refused", { bookmark: part.taken.some(([name]) => name === BOOKMARK) });
  if (part.ends) ends = false;
  if (changed.size || ends) {
    later(0);
    return;
  }
  unsavedSince = null;
  const { state } = answer.ok ? await answer.json() : { state: "" };
  tell("saved", { state });
}

function again() {
  sending = false;
  later(pause);
  pause = Math.min(pause * 2, LONGEST_RETRY);
}

function stop(why) {
  stopped = true;
  clearTimeout(timer);
  tell(why);
}

/** Send what is left while the page goes: no answer is waited for, so nothing counts as saved. */
function leave() {
  if (stopped || (!changed.size && !ends)) return;
  const facts = [...changed].filter(([element]) => element !== BOOKMARK);
  const bookmark = [...changed].filter(([element]) => element === BOOKMARK);
  if (facts.length || !bookmark.length) {
    lastWords(message({ taken: facts, ends: ends && !bookmark.length }));
  }
  if (bookmark.length) lastWords(message({ taken: bookmark, ends }));
}

/** A beacon; what is too long for one is sent as well as a page that goes can. */
function lastWords(body) {
  if (!navigator.sendBeacon(commit, body)) {
    fetch(commit, { method: "POST", body, credentials: "omit" }).catch(() => {});
  }
}

setInterval(() => {
  if (unsavedSince && Date.now() - unsavedSince > UNSAVED) tell("unsaved", { since: unsavedSince });
}, 1_000);
// A package may speak only now: its own page is left after this one.
addEventListener("pagehide", () => {
  leaving = true;
  leave();
});
addEventListener("pageshow", () => {
  leaving = false;
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") leave();
});
addEventListener("online", soon);

function finished() {
  ends = true;
  if (leaving) leave();
  else soon();
}

async function start() {
  const settings = { autocommit: false, lmsCommitUrl: false, logLevel: 5, selfReportSessionTime: true };
  if (standard === "12") {
    const { Scorm12API } = await import("./scorm12.js");
    const api = new Scorm12API(settings);
    api.loadFromFlattenedJSON(data, "");
    api.on("LMSSetValue.cmi.*", note);
    api.on("LMSCommit", soon);
    api.on("LMSFinish", finished);
    window.API = api;
  } else {
    const { Scorm2004API } = await import("./scorm2004.js");
    const api = new Scorm2004API(settings);
    api.loadFromFlattenedJSON(data, "");
    api.on("SetValue.cmi.*", note);
    api.on("Commit", soon);
    api.on("Terminate", finished);
    window.API_1484_11 = api;
  }
  const frame = document.getElementById("package");
  frame.src = opens;
  tell("opened");
}

start().catch(() => tell("broken"));
