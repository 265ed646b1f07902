import { kept, forget } from "./queue.js";

/** Today's registers are there without a network, once opened: the pages without what people need. */

const PAGES = "register-pages-";

async function keepPage(cache, path) {
  const page = await fetch(`${path}?kept=yes`, { credentials: "same-origin", redirect: "error" });
  if (page.ok) await cache.put(path, page);
  return page.ok;
}

function filesOfThisPage() {
  const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
  const named = [...document.querySelectorAll("link[href], script[src]")].map((one) => one.href || one.src);
  const files = new Set([...loaded, ...named]);
  return [...files].filter((file) => file.startsWith(`${location.origin}/static/`));
}

/** Keep the pages anew; what they show need not be remembered any more. */
async function keepPages(person, address, paths) {
  const shown = (await kept(person)).filter((mark) => mark.settled && mark.address === address);
  const pages = await caches.open(PAGES + person);
  const done = await Promise.all(paths.map((path) => keepPage(pages, path)));
  if (done.every(Boolean)) await forget(shown.map((mark) => mark.id));
}

async function keepThisRegister(person, address, paths) {
  if (!("serviceWorker" in navigator) || !navigator.onLine) return;
  await navigator.serviceWorker.register("/register/sw.js");
  for (const name of await caches.keys()) {
    if (name.startsWith(PAGES) && name !== PAGES + person) await caches.delete(name);
  }
  await keepPages(person, address, paths);
  const files = await caches.open("register-files");
  await files.addAll(filesOfThisPage());
}

export { keepThisRegister, keepPages };
