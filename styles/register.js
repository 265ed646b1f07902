import { kept, isWaiting, forget, change } from "./register/queue.js";
import { send } from "./register/sending.js";
import { keepThisRegister, keepPages } from "./register/keeping.js";
import { Row, inWords } from "./register/row.js";

/** Every tap is kept on this device at once, and sent when it can be. */

const form = document.getElementById("register");
const CAME = ["present", "late", "left_early"];
const EVERY = 20_000;
const SOON = 400;
const TYPING = 900;
// After the last tap: a screen reader hears one sentence, and the kept page is fetched once.
const QUIET = 1500;
// Safari has both since 15.4. Without them, or without https, the form goes its ordinary way.
const CAN_KEEP_MARKS =
  "randomUUID" in crypto && typeof SubmitEvent === "function" && "submitter" in SubmitEvent.prototype;
const HERE = matchMedia("(max-width: 40em)").matches ? "phone" : "device";

const several = (number, one, many) => `${number} ${number === 1 ? one : many}`;

/** Call `what` once nothing has asked for it for a while. */
function later(what, pause) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(what, pause);
  };
}

if (form) {
  const data = form.dataset;
  const person = Number(data.person);
  const session = Number(data.session);
  const rows = [...form.querySelectorAll(".register__person")].map((one) => new Row(one, Number(data.minutes)));
  const rowOf = new Map(rows.map((row) => [row.booking, row]));
  const find = (name) => document.querySelector(`[data-${name}]`);
  const entered = () => JSON.stringify([...new FormData(form)]);
  const isError = Boolean(document.querySelector(".govuk-error-summary"));
  const before = entered();
  const isHere = (mark) => mark.session === session && rowOf.has(mark.booking);
  // What is kept on this device and not taken yet, by id; the store is written as this changes.
  const unsent = new Map();
  const touched = new Set();
  let hindered = "";
  let number = 0;
  let leaving = false;
  let isTakenOver = false;
  let isToBeHeard = false;
  let changes = 0;
  let keeping = Promise.resolve();

  const listed = (which) => [...unsent.values()].filter(which);
  const waits = () => listed(isWaiting).length;
  const refused = () => listed((mark) => mark.refused);
  const drafts = () => listed((mark) => mark.draft);
  const lacking = () => rows.filter((row) => row.lacksMinutes && row.words !== row.last);
  const elsewhere = () => drafts().filter((mark) => mark.address === data.sent && mark.session !== session).length;
  const isUnsaved = () => isError || entered() !== before;

  // What is seen: how many are there, and whether all is saved.

  const count = () => {
    const chosen = rows.map((row) => row.kind);
    const present = Number(data.othersPresent) + chosen.filter((kind) => CAME.includes(kind)).length;
    const unmarked = Number(data.othersUnmarked) + chosen.filter((kind) => !kind).length;
    const all = rows.length + Number(data.others);
    find("present").textContent = present;
    find("unmarked").textContent = unmarked;
    const everyone = find("everyone");
    if (everyone) {
      everyone.closest("p").hidden = !unmarked || Boolean(sought?.value.trim());
      everyone.textContent = unmarked === all ? "Mark everyone present" : `Mark the other ${unmarked} present`;
    }
    const tab = document.querySelector(".register-tabs [aria-current] [data-marked]");
    const marked = unmarked ? `, ${all - unmarked} marked` : "";
    if (tab) tab.textContent = unmarked === all ? "Not marked yet" : `${present} of ${all} present${marked}`;
    return `${present} of ${all} present.`;
  };

  // Looked for while one types; without script 'Find' does the same.
  const sought = document.getElementById("q");
  sought?.addEventListener("input", () => {
    const words = sought.value.toLowerCase().split(/\s+/);
    for (const { element } of rows) element.hidden = !words.every((word) => element.dataset.words.includes(word));
    find("nobody").hidden = rows.some(({ element }) => !element.hidden);
    count();
  });

  /** The sentence for what is not sent: why, where it is, what to do. */
  const whatWaits = () => {
    const marks = several(waits(), "mark", "marks");
    if (hindered === "error") {
      return `Not saved: our server could not take ${marks}. Kept on this ${HERE} and sent again every 20 seconds. If this goes on, tell the training office.`;
    }
    if (hindered === "signed out") return `Not saved: you are signed out. Kept on this ${HERE}.`;
    const are = waits() === 1 ? "It is" : "They are";
    return `${marks} waiting to be sent. ${are} kept on this ${HERE}.`;
  };

  const stateNow = () => {
    const [waiting, gone, short] = [waits(), refused().length, lacking()];
    const said = [];
    if (waiting) said.push(`${waiting} waiting`);
    if (gone) said.push(`${gone} not saved`);
    if (short.length) said.push(`minutes missing for ${short.length}`);
    if (elsewhere()) said.push(`minutes missing for ${elsewhere()} in another session`);
    return said.length ? said.join(", ") : "All saved";
  };

  /** The same to those who listen, and where the page is made anew. */
  const sentence = () => {
    const people = lacking().map((row) => row.name).join(", ");
    const said = [];
    if (waits()) said.push(`Kept on this ${HERE}, not sent yet: ${waits()}.`);
    if (waits() && hindered === "signed out") said.push("You are signed out.");
    if (refused().length) said.push(`Not taken: ${refused().length}. The reason is at the top of the register.`);
    if (people) said.push(`Enter minutes for ${people}.`);
    if (elsewhere()) said.push("Somebody’s minutes are missing in another session.");
    return said.length ? said.join(" ") : `Saved: ${count()}`;
  };

  const say = (words) => {
    if (find("said").textContent !== words) find("said").textContent = words;
  };
  const sayWhenQuiet = later(() => isTakenOver && isToBeHeard && say(sentence()), QUIET);

  const show = () => {
    count();
    for (const row of rows) row.sayWhatLacks(isTakenOver);
    const state = find("state");
    if (!isTakenOver) {
      state.textContent = isUnsaved() ? "Not saved yet" : "";
      state.dataset.state = "bad";
      return;
    }
    const words = stateNow();
    if (state.textContent !== words) state.textContent = words[0].toUpperCase() + words.slice(1);
    const isBad = lacking().length || elsewhere() || refused().length || (waits() && ["error", "signed out"].includes(hindered));
    state.dataset.state = isBad ? "bad" : waits() ? "waiting" : "saved";
    const isHindered = Boolean(waits() && hindered);
    find("detail").hidden = !isHindered;
    find("detail-words").textContent = isHindered ? whatWaits() : "";
    find("sign-in").hidden = hindered !== "signed out";
    find("sign-in").textContent = `Sign in to send ${several(waits(), "mark", "marks")}`;
    showRefused();
    sayWhenQuiet();
  };

  const showRefused = () => {
    const list = find("refused");
    list.replaceChildren(...refused().map((mark) => {
      const row = document.createElement("p");
      const one = rowOf.get(mark.booking);
      const button = document.createElement("button");
      button.type = "button";
      button.className = "link-button";
      button.textContent = "Forget this mark";
      button.addEventListener("click", async () => {
        changes += 1;
        unsent.delete(mark.id);
        await forget([mark.id]);
        show();
      });
      row.className = "govuk-body";
      row.append(`Not taken: ${one ? `${one.name}, ${one.labelOf(mark.kind)}` : mark.kind}. ${mark.refused} `, button);
      return row;
    }));
    list.hidden = !refused().length;
  };

  // What a tap does: kept here before anything else.

  const made = (row, id, more) => ({
    id,
    number: ++number,
    person,
    address: data.sent,
    session,
    booking: row.booking,
    kind: row.kind,
    minutes: row.missed,
    saw: row.last,
    marked_at: new Date().toISOString(),
    with_rest: false,
    ...more,
  });

  /** Marks that cannot be kept here are saved by the form, as without script. */
  const letTheFormSave = () => {
    isTakenOver = false;
    find("detail").hidden = true;
    show();
  };

  /** Keep a line as it is now; while its minutes are typed or lacking it is a draft. */
  const keepRow = (row, { isTyping = false, withRest = false } = {}) => {
    const draft = `draft ${person} ${session} ${row.booking}`;
    const marks = [];
    const gone = unsent.has(draft) ? [draft] : [];
    if (row.kind && (row.lacksMinutes || (isTyping && row.words !== row.last))) {
      marks.push(made(row, draft, { draft: true, minutes: row.typed }));
    } else if (row.kind && row.words !== row.last) {
      marks.push(made(row, crypto.randomUUID(), { with_rest: withRest }));
      row.last = row.words;
    }
    for (const id of gone) unsent.delete(id);
    for (const mark of marks) unsent.set(mark.id, mark);
    if (!marks.length && !gone.length) return;
    changes += 1;
    keeping = Promise.all([keeping, change(marks, gone)]);
    keeping.catch(letTheFormSave);
  };

  const timers = new Map();
  const touch = (row, isTyping) => {
    row.show();
    if (!isTakenOver) {
      touched.add(row);
      show();
      return;
    }
    clearTimeout(timers.get(row));
    if (isTyping) timers.set(row, setTimeout(touch, TYPING, row, false));
    isToBeHeard = true;
    keepRow(row, { isTyping });
    show();
    sendSoon();
  };

  // Sending: all at once, once at a time, and again until nothing is left to be sent.

  let sending;
  const sendAll = () => {
    sending ??= sendOnce().finally(() => {
      sending = undefined;
    });
    return sending;
  };

  const sendOnce = async () => {
    let answered;
    let must = false;
    do {
      ({ answered, hindered } = await send(person));
      isToBeHeard ||= Boolean(answered.length || hindered);
      for (const mark of answered) {
        const row = mark.session === session && rowOf.get(mark.booking);
        if (row && mark.state === "taken") row.saw.value = inWords(mark.kind, mark.minutes);
        if (mark.state !== "taken" && mark.state !== "refused") must = true;
      }
      await look();
    } while (answered.length && !hindered && waits());
    show();
    if (answered.length && data.today) keepPagesSoon();
    if (answered.length && !data.today) await forgetSettled();
    // Marks that differ, and a page that was kept here, are shown anew.
    if ((must || data.kept) && answered.length && !waits()) renew();
  };

  /** What the store says: another page of this device may have sent or made marks. */
  const look = async () => {
    let marks;
    let then;
    do {
      then = changes;
      marks = await kept(person);
    } while (then !== changes); // a tap that the store had not when it was read
    unsent.clear();
    for (const mark of marks) {
      if (mark.settled) continue;
      unsent.set(mark.id, mark);
      const row = rowOf.get(mark.booking);
      if (mark.refused && isHere(mark) && row.last === inWords(mark.kind, mark.minutes)) row.takeBack();
    }
    return marks;
  };

  // Not put off by further taps: the first of a batch waits no longer than this.
  let isToBeSent = false;
  const sendSoon = () => {
    if (isToBeSent) return;
    isToBeSent = true;
    setTimeout(() => {
      isToBeSent = false;
      tryAgain();
    }, SOON);
  };
  const tryAgain = () => isTakenOver && waits() && sendAll().catch(letTheFormSave);
  const paths = () => {
    const tabs = [...document.querySelectorAll(".register-tabs__tab")].map((tab) => tab.pathname);
    return [...new Set([location.pathname, data.run, "/register/", ...tabs])];
  };
  const keepPagesSoon = later(() => keepPages(person, data.sent, paths()).catch(() => {}), QUIET);
  const forgetSettled = async () => {
    const today = new Date().toDateString();
    const isOver = (mark) => !data.today || new Date(mark.marked_at).toDateString() !== today;
    const marks = (await kept(person)).filter((mark) => mark.settled && isOver(mark));
    if (marks.length) await forget(marks.map((mark) => mark.id));
  };

  const renew = () => {
    if (leaving) return;
    sessionStorage.setItem("register-said", sentence());
    leaving = true;
    location.reload();
  };

  // The buttons.

  /** As without script: for marks that cannot be kept here. */
  const post = ({ name, value }) => {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    leaving = true;
    form.submit();
  };

  const save = async (button) => {
    const pressed = button?.name;
    const isEveryone = pressed === "everyone";
    for (const row of rows) {
      const withRest = isEveryone && !row.kind;
      if (withRest) row.choose("present");
      clearTimeout(timers.get(row));
      // A line that was not touched is as the page showed it.
      if (row.words !== row.last) keepRow(row, { withRest });
    }
    isToBeHeard = true;
    show();
    try {
      await keeping;
      await sendAll();
      if (waits() && !hindered) await sendAll();
    } catch {
      return post(button ?? { name: "save", value: "yes" });
    }
    const [short] = lacking();
    show();
    say(sentence());
    if (isEveryone && !waits()) return renew();
    if (short) {
      short.element.hidden = false;
      short.minutes.focus();
    } else if (pressed === "sign_off" && !waits() && !refused().length && !elsewhere()) {
      leaving = true;
      location.assign(data.signOff);
    }
  };

  // A form that had an error, and one whose marks cannot be kept here, goes its ordinary way.
  form.addEventListener("submit", (event) => {
    leaving = isError || !isTakenOver;
    if (leaving) return;
    event.preventDefault();
    save(event.submitter);
  });

  const touchedRow = ({ target }) => rowOf.get(Number(target.closest(".register__person")?.id.replace("person-", "")));
  form.addEventListener("input", (event) => {
    const row = touchedRow(event);
    if (row) touch(row, event.target === row.minutes);
  });
  form.addEventListener("change", (event) => {
    const row = touchedRow(event);
    if (row && event.target === row.minutes) touch(row, false);
  });

  const begin = async () => {
    for (const mark of await look()) {
      // Of somebody who has lost the place there is nothing to complete.
      if (mark.draft && mark.session === session && !rowOf.has(mark.booking) && data.others === "0") {
        unsent.delete(mark.id);
        await forget([mark.id]);
      }
      number = Math.max(number, Math.ceil(mark.number));
      if (!isHere(mark) || mark.refused || (mark.settled && !data.kept)) continue;
      const row = rowOf.get(mark.booking);
      if (!mark.draft) row.last = inWords(mark.kind, mark.minutes);
      if (mark.settled) row.saw.value = row.last;
      if (!touched.has(row)) row.choose(mark.kind, mark.minutes);
    }
    isTakenOver = true;
    for (const row of touched) touch(row, false);
    show();
    window.addEventListener("online", () => {
      hindered = "";
      tryAgain();
    });
    window.addEventListener("offline", () => {
      hindered = "no network";
      show();
    });
    document.addEventListener("visibilitychange", tryAgain);
    setInterval(tryAgain, EVERY);
    await forgetSettled();
    await tryAgain();
    // A draft whose minutes are there was left while they were typed.
    for (const mark of drafts()) if (isHere(mark)) touch(rowOf.get(mark.booking), false);
    if (data.today && !leaving) await keepThisRegister(person, data.sent, paths()).catch(() => {});
  };

  say(sessionStorage.getItem("register-said") ?? "");
  sessionStorage.removeItem("register-said");
  // A page that the browser shows again as it was may be old.
  window.addEventListener("pageshow", (event) => {
    leaving = false;
    if (event.persisted) location.reload();
    else show();
  });
  document.addEventListener("signing-out", () => {
    leaving = true;
  });
  // Whoever leaves with marks that are not saved is asked first; what is kept here is not lost.
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && !isTakenOver && isUnsaved()) event.preventDefault();
  });
  if (CAN_KEEP_MARKS && !isError) begin().catch(letTheFormSave);
}
