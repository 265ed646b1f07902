import { waiting, change } from "./queue.js";

const NOT_YOURS = "You do not keep this register any more. Tell the training office.";
// A network that does not answer is no network.
const PATIENCE = 15_000;
const A_POST = 400;

/** What a mark says to the server; `person` and what became of it stay here. */
function asSent({ id, session, booking, kind, minutes, saw, marked_at, with_rest }) {
  return { id, session, booking, kind, minutes, saw, marked_at, with_rest };
}

async function ask(address, options = {}) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE);
  const usual = { credentials: "same-origin", cache: "no-store", redirect: "manual", signal: patience.signal };
  try {
    const answer = await fetch(address, { ...usual, ...options });
    return { status: answer.status, told: answer.ok ? await answer.json() : {} };
  } finally {
    clearTimeout(timer);
  }
}

/** What the server has taken stays here as `settled` until a kept page shows it. */
async function settle(marks, answers) {
  const answered = marks.filter((mark) => answers[mark.id]);
  const outcome = answered.map((mark) => ({ ...mark, state: answers[mark.id].state }));
  const refused = outcome.filter((mark) => mark.state === "refused");
  const others = outcome.filter((mark) => mark.state !== "refused");
  const taken = others.filter((mark) => mark.state === "taken");
  const shown = others.filter((mark) => mark.state !== "taken");
  await change(
    [
      ...refused.map((mark) => ({ ...mark, refused: answers[mark.id].sentence })),
      ...taken.map((mark) => ({ ...mark, settled: true })),
    ],
    shown.map((mark) => mark.id),
  );
  return outcome;
}

/** The marks of one date are sent as whoever made them, with a token of the login of now. */
async function sendDate(address, person, marks) {
  const who = await ask(address);
  if (who.status === 404) {
    const answers = marks.map((mark) => [mark.id, { state: "refused", sentence: NOT_YOURS }]);
    return { outcome: await settle(marks, Object.fromEntries(answers)) };
  }
  if (who.status !== 200) return { hindered: "error" };
  if (who.told.person !== person) return { hindered: "signed out" };
  const answer = await ask(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": who.told.token },
    body: JSON.stringify({ marks: marks.map(asSent) }),
  });
  if (answer.status === 401) return { hindered: "signed out" };
  if (answer.status !== 200) return { hindered: "error" };
  return { outcome: await settle(marks, answer.told.marks) };
}

/** What was answered now, and why the rest was not sent: "signed out", "error", "no network" or nothing. */
async function send(person) {
  const byDate = new Map();
  for (const mark of await waiting(person)) {
    byDate.set(mark.address, [...(byDate.get(mark.address) ?? []), mark]);
  }
  const answered = [];
  let hindered = "";
  for (const [address, marks] of byDate) {
    const result = await sendDate(address, person, marks.slice(0, A_POST)).catch(() => ({ hindered: "no network" }));
    hindered = result.hindered ?? hindered;
    answered.push(...(result.outcome ?? []));
  }
  return { answered, hindered };
}

export { send };
