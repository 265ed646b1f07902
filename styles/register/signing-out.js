import { waitingHere } from "./queue.js";
import { send } from "./sending.js";

/** Signing out wipes this device: what waits on it is sent first, or else whoever signs out is asked. */

async function unsent() {
  for (const person of new Set((await waitingHere()).map((mark) => mark.person))) await send(person);
  return (await waitingHere()).length;
}

function askBeforeSigningOut() {
  const out = document.querySelector('form[action="/accounts/logout/"]');
  out?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const waits = await unsent().catch(() => 0);
    const words = `${waits} ${waits === 1 ? "mark is" : "marks are"} not sent yet. Sign out and delete them from this device?`;
    if (waits && !window.confirm(words)) return;
    document.dispatchEvent(new Event("signing-out"));
    out.submit();
  });
}

export { askBeforeSigningOut };
