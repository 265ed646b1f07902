/** Today's registers are there without a network, once opened: the pages without what people need. */

const PAGES = "register-pages-";

async function keepPage(cache, path) {
  const page = await fetch(`${path}?kept=yes`, { credentials: "same-origin", redirect: "error" });
  if (page.ok) await cache.put(path, page);
}

function filesOfThisPage() {
  const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
  const named = [...document.querySelectorAll("link[href], script[src]")].map((one) => one.href || one.src);
  const files = new Set([...loaded, ...named]);
  return [...files].filter((file) => file.startsWith(`${location.origin}/static/`));
}

async function keepThisRegister(person, paths) {
  if (!("serviceWorker" in navigator) || !navigator.onLine) return;
  await navigator.serviceWorker.register("/register/sw.js");
  const own = PAGES + person;
  for (const name of await caches.keys()) {
    if (name.startsWith(PAGES) && name !== own) await caches.delete(name);
  }
  const pages = await caches.open(own);
  await Promise.all(paths.map((path) => keepPage(pages, path)));
  const files = await caches.open("register-files");
  await files.addAll(filesOfThisPage());
}

export { keepThisRegister };
