/** How does typing go on to the next line without a page for each? */

const form = document.querySelector(".typing");
const boxes = [...form.querySelectorAll('input[type="text"]')];

form.addEventListener("keydown", (event) => {
  const at = boxes.indexOf(event.target);
  if (event.key !== "Enter" || at < 0) return;
  event.preventDefault();
  const next = boxes[at + 1] ?? form.querySelector('button[name="save"]');
  next.focus();
  next.select?.();
});
