/** How many are there, as the trainer goes along? The page works without this. */

const form = document.getElementById("register");
const CAME = ["present", "late", "left_early"];

if (form) {
  let saving = false;
  const people = [...form.querySelectorAll(".register__person")];
  const entered = () => JSON.stringify([...new FormData(form)]);
  const before = entered();
  const isError = Boolean(document.querySelector(".govuk-error-summary"));
  const isUnsaved = () => isError || entered() !== before;

  const count = () => {
    const chosen = people.map((person) => person.querySelector("input[type=radio]:checked")?.value);
    form.querySelector("[data-present]").textContent = chosen.filter((one) => CAME.includes(one)).length;
    form.querySelector("[data-unmarked]").textContent = chosen.filter((one) => !one).length;
    form.querySelector("[data-unsaved]").hidden = !isUnsaved();
  };

  // Looked for while one types; without script 'Find' does the same.
  const sought = document.getElementById("q");
  const find = () => {
    const words = sought.value.toLowerCase().split(/\s+/);
    const isSought = (person) => words.every((word) => person.dataset.words.includes(word));
    for (const person of people) person.hidden = !isSought(person);
    form.querySelector("[data-nobody]").hidden = people.some(isSought);
    const everyone = form.querySelector(".register__everyone");
    if (everyone) everyone.hidden = Boolean(sought.value.trim());
  };
  sought?.addEventListener("input", find);

  form.addEventListener("input", count);
  form.addEventListener("submit", () => {
    saving = true;
  });
  window.addEventListener("pageshow", () => {
    saving = false;
    count();
  });
  // Whoever leaves with marks that are not saved is asked first.
  window.addEventListener("beforeunload", (event) => {
    if (!saving && isUnsaved()) event.preventDefault();
  });
}
