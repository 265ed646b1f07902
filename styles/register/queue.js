/** Which marks wait on this device? Ids and marks alone, by whose they are: no names, no needs. */

function asked(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

const PATIENCE = 3000;

/** Fail after a while: Safari 14 may never answer the first request to its store. */
function soon(promise) {
  const tooLong = new Promise((_, reject) => setTimeout(reject, PATIENCE, new Error("The store does not open")));
  return Promise.race([promise, tooLong]);
}

async function withMarks(mode, use) {
  const opening = indexedDB.open("register", 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore("marks", { keyPath: "id" }).createIndex("person", "person");
  };
  const database = await soon(asked(opening));
  try {
    const transaction = database.transaction("marks", mode);
    const written = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    const found = await use(transaction.objectStore("marks"));
    await written;
    return found;
  } finally {
    database.close();
  }
}

/** All that this person has marked here and that is not settled, in the order of making. */
async function waiting(person) {
  const marks = await withMarks("readonly", (store) => asked(store.index("person").getAll(person)));
  return marks.sort((one, other) => one.number - other.number);
}

/** The same of whoever it is, without what was refused. */
async function waitingHere() {
  const marks = await withMarks("readonly", (store) => asked(store.getAll()));
  return marks.filter((mark) => !mark.refused);
}

/** Kept before anything is sent: whatever happens then, they are here. */
async function keep(marks) {
  await withMarks("readwrite", (store) => {
    for (const mark of marks) store.put(mark);
  });
}

async function forget(ids) {
  await withMarks("readwrite", (store) => {
    for (const id of ids) store.delete(id);
  });
}

export { waiting, waitingHere, keep, forget };
