import { Button } from "govuk-frontend/dist/govuk/components/button/button.mjs";
import { ErrorSummary } from "govuk-frontend/dist/govuk/components/error-summary/error-summary.mjs";
import { NotificationBanner } from "govuk-frontend/dist/govuk/components/notification-banner/notification-banner.mjs";
import { ServiceNavigation } from "govuk-frontend/dist/govuk/components/service-navigation/service-navigation.mjs";
import { SkipLink } from "govuk-frontend/dist/govuk/components/skip-link/skip-link.mjs";
import { askBeforeSigningOut } from "./register/signing-out.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");

/** Start each component below `scope` that has not been started; one that fails stops no other. */
function startComponents(scope) {
  for (const Component of [Button, ErrorSummary, NotificationBanner, ServiceNavigation, SkipLink]) {
    const name = Component.moduleName;
    for (const element of scope.querySelectorAll(`[data-module="${name}"]:not([data-${name}-init])`)) {
      try {
        new Component(element);
      } catch (error) {
        console.error(error);
      }
    }
  }
}

/**
 * Resolve once the style sheet is there, or will not come: the menu reads from it how wide a phone
 * is. WebKit runs a module script without waiting for style sheets.
 */
function styled() {
  const sheet = document.querySelector('link[rel="stylesheet"]');
  const breakpoint = getComputedStyle(document.documentElement).getPropertyValue("--govuk-breakpoint-tablet");
  if (breakpoint || !sheet || document.readyState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    sheet.addEventListener("load", resolve);
    addEventListener("load", resolve);
  });
}

const whenStyled = styled();
whenStyled.then(() => startComponents(document));
askBeforeSigningOut();
// What htmx puts into the page is started too.
document.addEventListener("htmx:load", (event) => whenStyled.then(() => startComponents(event.target)));

// What was typed before htmx was there, or was put back by the browser, is looked for too.
addEventListener("load", () => {
  for (const field of document.querySelectorAll("form[hx-get] [type=search]")) {
    if (field.value !== field.defaultValue) {
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
});

// Printing needs script, so the button that offers it is hidden without (see .needs-script).
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// A table that is laid out as blocks on a narrow screen stays a table to those who listen: some
// browsers forget it. By script, because to a browser that lays it out as a table it says nothing.
const ROLES = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };
for (const table of document.querySelectorAll("[data-stacks]")) {
  for (const part of [table, ...table.querySelectorAll("thead, tbody, tr, td, th")]) {
    const heads = part.scope === "row" ? "rowheader" : "columnheader";
    part.setAttribute("role", ROLES[part.tagName] ?? heads);
  }
}
