/** Warn somebody two minutes before they are signed out, and let them stay signed in. */

const WARNED = 120;
const EVERY = 10_000;
const ADDRESS = "/my/sessions/left/";
let endsAt = null;
let box = null;

function endIn(seconds) {
  endsAt = seconds === null ? null : Date.now() + seconds * 1000;
}

function left() {
  return (endsAt - Date.now()) / 1000;
}

/** Ask how long this session is good; a POST says that somebody is there. */
async function ask(options = {}) {
  const usual = { credentials: "same-origin", headers: { Accept: "application/json" } };
  const answer = await fetch(ADDRESS, { ...usual, ...options });
  if (!answer.ok) throw new Error(answer.status);
  endIn((await answer.json()).seconds);
}

async function stay() {
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? window.wagtailConfig?.CSRF_TOKEN;
  await ask({ method: "POST", headers: { Accept: "application/json", "X-CSRFToken": token } }).catch(() => {});
  if (left() > WARNED) hide();
  else say("You’ll be signed out in 2 minutes, because you signed in many hours ago. Save what you’re writing, then sign in again.");
}

function hide() {
  box?.remove();
  box = null;
}

function button() {
  const press = document.createElement("button");
  press.type = "button";
  press.className = "govuk-button button";
  press.textContent = "Stay signed in";
  press.addEventListener("click", stay);
  return press;
}

function toSignIn() {
  const link = document.createElement("a");
  link.className = "govuk-link";
  link.href = `/accounts/login/?next=${encodeURIComponent(location.pathname + location.search)}`;
  link.textContent = "Sign in";
  return link;
}

function say(words, action = null) {
  hide();
  box = document.createElement("section");
  box.className = "session-warning";
  box.setAttribute("aria-label", "Signing out");
  const text = document.createElement("p");
  text.setAttribute("role", "alert");
  box.append(text, ...(action ? [action] : []));
  document.body.append(box);
  // A screen reader speaks what changes in an alert that is there.
  text.textContent = words;
}

async function look() {
  if (endsAt === null || left() > WARNED) return;
  // Another tab may have been used meanwhile.
  await ask().catch(() => {});
  if (endsAt === null || left() > WARNED) hide();
  else if (left() <= 0) say("You’ve been signed out because you hadn’t used the site for a while.", toSignIn());
  else if (!box) say("You’ll be signed out in 2 minutes because you haven’t used the site.", button());
}

function begin() {
  const known = document.querySelector("[data-session-seconds]");
  if (known) endIn(Number(known.dataset.sessionSeconds));
  else if (location.pathname.startsWith("/cms/")) ask().catch(() => {});
  setInterval(look, EVERY);
}

begin();
