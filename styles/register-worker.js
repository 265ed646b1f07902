/** What does a register page get when there is no network? What was kept of today. */

const PATIENCE = 8000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request, pathname));
  else if (pathname.startsWith("/static/")) event.respondWith(file(request));
});

async function page(request, path) {
  const kept = await keptToday(path);
  const fresh = fetch(request);
  if (!kept) return fresh.catch(nothingKept);
  // A network that does not answer is no network.
  const tooLong = new Promise((resolve) => setTimeout(resolve, PATIENCE, kept));
  return Promise.race([fresh.catch(() => kept), tooLong]);
}

async function keptToday(path) {
  for (const name of await caches.keys()) {
    if (!name.startsWith("register-pages-")) continue;
    const cache = await caches.open(name);
    const found = await cache.match(path, { ignoreVary: true });
    if (!found) continue;
    const day = new Date(found.headers.get("Date")).toDateString();
    if (day === new Date().toDateString()) return found;
    await cache.delete(path);
  }
  return undefined;
}

async function file(request) {
  try {
    const fresh = await fetch(request);
    if (fresh.ok) {
      const copy = fresh.clone();
      const files = await caches.open("register-files");
      await files.put(request, copy);
    }
    return fresh;
  } catch (unreachable) {
    const kept = await caches.match(request, { ignoreVary: true });
    if (kept) return kept;
    throw unreachable;
  }
}

function nothingKept() {
  const words =
    "<!DOCTYPE html><html lang=en-GB><meta charset=utf-8><meta name=viewport content='width=device-width'>" +
    "<title>No network</title><h1>There is no network</h1>" +
    "<p>This page was not opened on this device today, so it is not kept here. " +
    "Try again when there is a network. <a href='/register/'>Registers</a></p>";
  return new Response(words, { headers: { "Content-Type": "text/html; charset=utf-8" } });
}
