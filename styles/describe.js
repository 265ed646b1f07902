/** Ticked indicators and own words become wording to copy. Nothing is stored, nothing is sent. */

const page = document.querySelector("[data-describe]");

if (page) {
  const find = (id) => document.getElementById(`describe-${id}`);
  const [word, age, none, output, status] = ["word", "age", "none", "wording", "status"].map(find);
  const signs = [...page.querySelectorAll(".describe__signs > li")];
  const said = new Map(signs.map((sign) => [sign, sign.textContent.toLowerCase()]));
  let boxes = 0;
  const domains = [...page.querySelectorAll(".describe__domain")];
  const tiers = [...page.querySelectorAll("[data-tier]")];
  const textOf = (box) => box.labels[0].firstElementChild.textContent;
  const made = (name, values) => Object.assign(document.createElement(name), values);
  const tickedIn = (part) => [...part.querySelectorAll("input:checked")];
  const ownWords = (domain) => domain.querySelector("textarea").value.trim();
  const several = (number) => `${number} indicator${number === 1 ? "" : "s"} ticked`;

  /** A sign gets its box when its tier is first opened: there may be thousands. */
  function fill(tier) {
    for (const sign of tier.querySelectorAll(".describe__signs > li:not([class])")) {
      const id = `tick-${++boxes}`;
      const box = made("input", { type: "checkbox", className: "govuk-checkboxes__input", id });
      const className = "govuk-label govuk-checkboxes__label";
      const label = made("label", { htmlFor: id, className });
      label.append(made("span", { textContent: sign.textContent }));
      const age = sign.parentElement.dataset.for;
      if (age) label.append(" ", made("span", { className: "describe__age", textContent: `(${age})` }));
      sign.className = "govuk-checkboxes__item";
      sign.parentElement.classList.add("govuk-checkboxes", "govuk-checkboxes--small");
      sign.textContent = "";
      sign.append(box, label);
    }
  }

  /** What one domain comes to: its name, each tier with what was ticked, and own words. */
  function partOf(domain) {
    const lines = [...domain.querySelectorAll("[data-tier]")].flatMap((tier) => {
      const ticked = tickedIn(tier).map((box) => `- ${textOf(box)}`);
      return ticked.length ? [`${tier.dataset.tier}:`, ...ticked] : [];
    });
    if (ownWords(domain)) lines.push(ownWords(domain));
    const heading = domain.querySelector("h3").textContent.toUpperCase();
    return lines.length ? [[heading, ...lines].join("\n")] : [];
  }

  function wording() {
    const parts = domains.flatMap(partOf);
    if (!parts.length) return "";
    const { board, day } = page.dataset;
    return [
      `Concern described with the indicators of need of ${board}, as in force on ${day}.`,
      ...parts,
      "This describes what was seen and heard. It does not decide a tier.",
    ].join("\n\n");
  }

  function write() {
    output.value = wording();
    for (const tier of tiers) {
      const { length } = tickedIn(tier);
      tier.querySelector(".describe__ticked").textContent = length ? `(${length} ticked)` : "";
    }
  }

  /** What is ticked stays to be seen, whatever is looked for. */
  function show() {
    const words = word.value.toLowerCase().split(/\s+/).filter(Boolean);
    const isWanted = (sign) => {
      const group = sign.parentElement.dataset.age;
      const fits = !age.value || !group || group === age.value;
      const isTicked = sign.querySelector("input:checked");
      return isTicked || (fits && words.every((one) => said.get(sign).includes(one)));
    };
    for (const sign of signs) sign.hidden = !isWanted(sign);
    for (const tier of tiers) {
      tier.hidden = !tier.querySelector(".describe__signs > li:not([hidden])");
      if (words.length) tier.open = !tier.hidden;
      if (tier.open) fill(tier);
    }
    none.hidden = tiers.some((tier) => !tier.hidden);
  }

  function clear() {
    for (const box of tickedIn(page)) box.checked = false;
    for (const text of page.querySelectorAll("textarea, input[type=text], select")) text.value = "";
    for (const tier of tiers) tier.open = false;
    show();
    write();
  }

  /** Where the clipboard is closed to us, what is selected can still be copied. */
  async function copy() {
    if (!output.value) return "Tick something or write something first.";
    try {
      await navigator.clipboard.writeText(output.value);
    } catch {
      output.select();
      if (!document.execCommand("copy")) return "Your wording is selected: copy it with Ctrl and C.";
    }
    return "Copied. Paste it into the referral or the Early Help Assessment.";
  }

  page.addEventListener("change", (event) => {
    if (event.target.type !== "checkbox") return;
    write();
    status.textContent = `${several(tickedIn(page).length)}.`;
  });
  page.addEventListener("toggle", (event) => fill(event.target), true);
  page.addEventListener("input", (event) => {
    if (event.target === word || event.target === age) show();
    else if (event.target.matches("textarea")) write();
  });
  page.querySelector("[data-copy]").addEventListener("click", async () => {
    status.textContent = await copy();
  });
  page.querySelector("[data-clear]").addEventListener("click", () => {
    clear();
    status.textContent = "Everything is cleared.";
    word.focus();
  });
  // Neither 'back' nor a reload brings anything back.
  addEventListener("pagehide", clear);

  clear();
  page.hidden = false;
}
