import { waiting, keep, forget } from "./register/queue.js";
import { send } from "./register/sending.js";
import { keepThisRegister } from "./register/keeping.js";

/** Marks are counted as the trainer goes along, kept on this device, and sent when they can be. */

const form = document.getElementById("register");
const CAME = ["present", "late", "left_early"];
const TIMED = ["late", "left_early"];
const EVERY = 20_000;
// Safari has both since 15.4. Without them, or without https, the form goes its ordinary way.
const CAN_KEEP_MARKS =
  "randomUUID" in crypto && typeof SubmitEvent === "function" && "submitter" in SubmitEvent.prototype;

if (form) {
  const data = form.dataset;
  const person = Number(data.person);
  const people = [...form.querySelectorAll(".register__person")];
  const find = (name) => document.querySelector(`[data-${name}]`);
  const bookingOf = (one) => Number(one.id.replace("person-", ""));
  const nameOf = (one) => one.querySelector("legend strong").textContent;
  const kindOf = (one) => one.querySelector("input[type=radio]:checked")?.value ?? "";
  const minutesOf = (one) => one.querySelector(".register__minutes input");
  const sawOf = (one) => one.querySelector("input[type=hidden]");
  const inWords = (kind, minutes) => (minutes ? `${kind} ${minutes}` : kind);
  const wordsOf = (one) => inWords(kindOf(one), TIMED.includes(kindOf(one)) ? Number(minutesOf(one).value) : 0);
  const entered = () => JSON.stringify([...new FormData(form)]);
  const several = (number, one, many) => `${number} ${number === 1 ? one : many}`;
  let before = entered();
  let leaving = false;
  let isTakenOver = false;
  const isError = Boolean(document.querySelector(".govuk-error-summary"));
  const isUnsaved = () => isError || entered() !== before;

  const count = () => {
    const chosen = people.map(kindOf);
    const others = Number(data.others);
    find("present").textContent = Number(data.othersPresent) + chosen.filter((one) => CAME.includes(one)).length;
    find("unmarked").textContent = Number(data.othersUnmarked) + chosen.filter((one) => !one).length;
    find("unsaved").hidden = !isUnsaved();
    return `${find("present").textContent} of ${people.length + others} present.`;
  };

  // Looked for while one types; without script 'Find' does the same.
  const sought = document.getElementById("q");
  sought?.addEventListener("input", () => {
    const words = sought.value.toLowerCase().split(/\s+/);
    const isSought = (one) => words.every((word) => one.dataset.words.includes(word));
    for (const one of people) one.hidden = !isSought(one);
    find("nobody").hidden = people.some(isSought);
    const everyone = form.querySelector(".register__everyone");
    if (everyone) everyone.hidden = Boolean(sought.value.trim());
  });

  const choose = (one, kind, minutes) => {
    const radio = one.querySelector(`input[type=radio][value=${kind}]`);
    if (radio) radio.checked = true;
    if (minutes) minutesOf(one).value = minutes;
  };

  const say = (words) => {
    find("said").textContent = words;
  };

  /** What waits, why, and what was not taken. */
  const show = async (hindered) => {
    const marks = await waiting(person);
    const waits = marks.filter((mark) => !mark.refused).length;
    const signIn = hindered === "signed out";
    find("waiting").hidden = !waits;
    find("waiting-words").textContent = signIn ? "" : `${several(waits, "mark waits", "marks wait")} to be sent. Kept on this device.`;
    find("sign-in").hidden = !signIn;
    find("sign-in").textContent = `Sign in to send ${several(waits, "mark", "marks")}`;
    find("send").hidden = signIn;
    showRefused(marks.filter((mark) => mark.refused));
    return waits;
  };

  const showRefused = (refused) => {
    const list = find("refused");
    list.replaceChildren(...refused.map((mark) => {
      const row = document.createElement("p");
      const one = document.getElementById(`person-${mark.booking}`);
      const kind = one?.querySelector(`input[value=${mark.kind}] + label`)?.textContent ?? mark.kind;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "link-button";
      button.textContent = "Forget this mark";
      button.addEventListener("click", async () => {
        await forget([mark.id]);
        await show();
      });
      row.className = "govuk-body";
      row.append(`Not taken: ${one ? `${nameOf(one)}, ` : ""}${kind}. ${mark.refused} `, button);
      return row;
    }));
    list.hidden = !refused.length;
  };

  let sending;
  const sendAll = () => {
    sending ??= sendOnce().finally(() => {
      sending = undefined;
    });
    return sending;
  };
  const sendOnce = async () => {
    const { settled, hindered } = await send(person);
    const waits = await show(hindered);
    const wasSaved = !isUnsaved();
    for (const mark of settled) {
      const one = document.getElementById(`person-${mark.booking}`);
      if (one && mark.session === Number(data.session)) sawOf(one).value = inWords(mark.kind, mark.minutes);
    }
    if (wasSaved) before = entered();
    return { settled, waits, hindered };
  };

  /** Not asked for by pressing Save: the page is made anew unless something on it is not saved. */
  const sendWhatWaits = async () => {
    const { settled, waits } = await sendAll();
    if (settled.length && !waits && !leaving && !isUnsaved() && !find("refused").childElementCount) renew();
  };

  const renew = () => {
    const at = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    sessionStorage.setItem("register-said", `Saved ${at}. ${count()}`);
    leaving = true;
    location.reload();
  };

  const wrongMinutes = () => {
    const most = Number(data.minutes);
    return people.find((one) => {
      const typed = minutesOf(one).value.trim();
      const isRight = /^[0-9]{1,4}$/.test(typed) && Number(typed) >= 1 && Number(typed) <= most;
      return TIMED.includes(kindOf(one)) && !isRight;
    });
  };

  const altered = async (everyone) => {
    const queued = new Map();
    const now = await waiting(person);
    for (const mark of now) {
      if (mark.session === Number(data.session) && !mark.refused) queued.set(mark.booking, inWords(mark.kind, mark.minutes));
    }
    const number = Math.max(0, ...now.map((mark) => mark.number)) + 1;
    return people.flatMap((one, place) => {
      const booking = bookingOf(one);
      const saw = queued.get(booking) ?? sawOf(one).value;
      const withRest = everyone && !kindOf(one);
      if (withRest) choose(one, "present");
      if (!kindOf(one) || wordsOf(one) === saw) return [];
      const kind = kindOf(one);
      return [{
        id: crypto.randomUUID(),
        number: number + place / 1000,
        person,
        address: data.sent,
        session: Number(data.session),
        booking,
        kind,
        minutes: TIMED.includes(kind) ? Number(minutesOf(one).value) : 0,
        saw,
        marked_at: new Date().toISOString(),
        with_rest: withRest,
      }];
    });
  };

  /** As without script: for marks that cannot be kept here. */
  const post = ({ name, value }) => {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    leaving = true;
    form.submit();
  };

  const save = async (button) => {
    const pressed = button?.name;
    const wrong = wrongMinutes();
    if (wrong) {
      say(`Say how many minutes ${nameOf(wrong)} missed: from 1 to ${data.minutes}.`);
      wrong.hidden = false;
      minutesOf(wrong).focus();
      return;
    }
    try {
      await keep(await altered(pressed === "everyone"));
    } catch {
      return post(button ?? { name: "save", value: "yes" });
    }
    before = entered();
    count();
    const { waits, hindered } = await sendAll();
    if (waits) {
      const where = hindered === "signed out" ? "" : " They are sent when there is a network.";
      say(`Kept on this device: ${several(waits, "mark waits", "marks wait")}.${where}`);
    } else if (pressed === "sign_off") {
      leaving = true;
      location.assign(data.signOff);
    } else if (!find("refused").childElementCount) {
      renew();
    }
  };

  // A form that had an error, and one whose marks cannot be kept here, goes its ordinary way.
  form.addEventListener("submit", (event) => {
    leaving = isError || !isTakenOver;
    if (leaving) return;
    event.preventDefault();
    save(event.submitter);
  });

  const begin = async () => {
    for (const mark of await waiting(person)) {
      const one = document.getElementById(`person-${mark.booking}`);
      if (one && !mark.refused && mark.session === Number(data.session)) choose(one, mark.kind, mark.minutes);
    }
    before = entered();
    count();
    isTakenOver = true;
    find("send").addEventListener("click", sendWhatWaits);
    window.addEventListener("online", sendWhatWaits);
    setInterval(async () => {
      if ((await waiting(person)).some((mark) => !mark.refused)) await sendWhatWaits();
    }, EVERY);
    await sendWhatWaits();
    if (data.today && !leaving) {
      const tabs = [...document.querySelectorAll(".register-tabs__tab")].map((tab) => tab.pathname);
      await keepThisRegister(person, [...new Set([location.pathname, data.run, "/register/", ...tabs])]).catch(() => {});
    }
  };

  say(sessionStorage.getItem("register-said") ?? "");
  sessionStorage.removeItem("register-said");
  form.addEventListener("input", count);
  window.addEventListener("pageshow", () => {
    leaving = false;
    count();
  });
  document.addEventListener("signing-out", () => {
    leaving = true;
  });
  // Whoever leaves with marks that are not saved is asked first.
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && isUnsaved()) event.preventDefault();
  });
  if (CAN_KEEP_MARKS) begin().catch(() => {});
}
