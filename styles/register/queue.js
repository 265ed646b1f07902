/** Which marks wait on this device? Ids and marks alone, by whose they are: no names, no needs.
 *
 * A mark is `refused` (with the sentence), `settled` (sent, and not on the kept page yet), a `draft`
 * (late, without its minutes), or else it waits to be sent.
 */

const PATIENCE = 3000;
let opened;

function asked(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Fail after a while: Safari 14 may never answer the first request to its store. */
function soon(promise) {
  const tooLong = new Promise((_, reject) => setTimeout(reject, PATIENCE, new Error("The store does not open")));
  return Promise.race([promise, tooLong]);
}

/** Open once: a store that is open takes a tap before the page can be left. */
async function open() {
  const opening = indexedDB.open("register", 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore("marks", { keyPath: "id" }).createIndex("person", "person");
  };
  const database = await soon(asked(opening));
  const forgetIt = () => {
    database.close();
    if (opened === database) opened = undefined;
  };
  database.onversionchange = forgetIt;
  database.onclose = forgetIt;
  opened = database;
  return database;
}

function begun(database, mode) {
  // Strict: on the disk when it is told, whatever becomes of the battery.
  return database.transaction("marks", mode, { durability: "strict" });
}

function write(database, marks, ids) {
  const transaction = begun(database, "readwrite");
  const written = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  try {
    const store = transaction.objectStore("marks");
    for (const id of ids) store.delete(id);
    for (const mark of marks) store.put(mark);
    transaction.commit?.();
  } catch (error) {
    written.catch(() => {});
    transaction.abort();
    throw error;
  }
  return written;
}

/** Keep marks and forget others, both or neither: begun before this returns where the store is open. */
async function change(marks, ids) {
  try {
    return await write(opened ?? (await open()), marks, ids);
  } catch (error) {
    if (opened && error?.name !== "InvalidStateError") throw error;
    return write(await open(), marks, ids);
  }
}

const keep = (marks) => change(marks, []);
const forget = (ids) => change([], ids);

async function read(ask) {
  const database = opened ?? (await open());
  return asked(ask(begun(database, "readonly").objectStore("marks")));
}

/** All marks of this person that are kept here, in the order of making. */
async function kept(person) {
  const marks = await read((store) => store.index("person").getAll(person));
  return marks.sort((one, other) => one.number - other.number);
}

const isWaiting = (mark) => !mark.refused && !mark.settled && !mark.draft;

/** What is to be sent for this person, in the order of making. */
async function waiting(person) {
  return (await kept(person)).filter(isWaiting);
}

/** What would be lost with this device, whoever made it. */
async function waitingHere() {
  const marks = await read((store) => store.getAll());
  return marks.filter((mark) => !mark.refused && !mark.settled);
}

export { kept, waiting, waitingHere, isWaiting, keep, forget, change };
