import { waiting, keep, forget } from "./queue.js";

const NOT_YOURS = "You do not keep this register any more. Tell the training office.";

/** What a mark says to the server; `person` and what became of it stay here. */
function asSent({ id, session, booking, kind, minutes, saw, marked_at, with_rest }) {
  return { id, session, booking, kind, minutes, saw, marked_at, with_rest };
}

async function settle(marks, answers) {
  const refused = marks.filter((mark) => answers[mark.id]?.state === "refused");
  const settled = marks.filter((mark) => answers[mark.id] && !refused.includes(mark));
  await keep(refused.map((mark) => ({ ...mark, refused: answers[mark.id].sentence })));
  await forget(settled.map((mark) => mark.id));
  return settled;
}

/** The marks of one date are sent as whoever made them, with a token of the login of now. */
async function sendDate(address, person, marks) {
  const options = { credentials: "same-origin", cache: "no-store", redirect: "manual" };
  const who = await fetch(address, options);
  if (who.status === 404) {
    const answers = marks.map((mark) => [mark.id, { state: "refused", sentence: NOT_YOURS }]);
    await settle(marks, Object.fromEntries(answers));
    return [];
  }
  if (!who.ok) return "later";
  const told = await who.json();
  if (told.person !== person) return "signed out";
  const answer = await fetch(address, {
    ...options,
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": told.token },
    body: JSON.stringify({ marks: marks.map(asSent) }),
  });
  return answer.ok ? settle(marks, (await answer.json()).marks) : "later";
}

/** What was settled now, and why the rest was not: "signed out", "later" or nothing. */
async function send(person) {
  const byDate = new Map();
  for (const mark of await waiting(person)) {
    if (!mark.refused) byDate.set(mark.address, [...(byDate.get(mark.address) ?? []), mark]);
  }
  const settled = [];
  let hindered = "";
  for (const [address, marks] of byDate) {
    const outcome = await sendDate(address, person, marks.slice(0, 400)).catch(() => "later");
    if (typeof outcome === "string") hindered = outcome;
    else settled.push(...outcome);
  }
  return { settled, hindered };
}

export { send };
