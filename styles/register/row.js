/** One person's line of a register: what is chosen, and what is lacking. */

const TIMED = ["late", "left_early"];

const inWords = (kind, minutes) => (minutes ? `${kind} ${minutes}` : kind);

class Row {
  constructor(element, most) {
    this.element = element;
    this.most = most;
    this.booking = Number(element.id.replace("person-", ""));
    this.name = element.querySelector("legend strong").textContent;
    this.minutes = element.querySelector(".register__minutes input");
    this.saw = element.querySelector("input[type=hidden]");
    this.lacking = element.querySelector("[data-lacking]");
    // What was kept here or sent last, else what the page showed.
    this.last = this.saw.value;
    this.chips = [...element.querySelectorAll("[data-minutes]")];
    for (const chip of this.chips) chip.addEventListener("click", () => this.take(chip.dataset.minutes));
    this.show();
  }

  get kind() {
    return this.element.querySelector("input[type=radio]:checked")?.value ?? "";
  }

  get typed() {
    return this.minutes.value.trim();
  }

  get isTimed() {
    return TIMED.includes(this.kind);
  }

  get lacksMinutes() {
    const isRight = /^[0-9]{1,4}$/.test(this.typed) && Number(this.typed) >= 1 && Number(this.typed) <= this.most;
    return this.isTimed && !isRight;
  }

  get missed() {
    return this.isTimed ? Number(this.typed) : 0;
  }

  get words() {
    return inWords(this.kind, this.missed);
  }

  labelOf(kind) {
    return this.element.querySelector(`input[value=${kind}] + label`)?.textContent ?? kind;
  }

  choose(kind, minutes = "") {
    const radio = this.element.querySelector(`input[type=radio][value=${kind}]`);
    if (radio) radio.checked = true;
    if (minutes) this.minutes.value = minutes;
    this.show();
  }

  /** Show what the server has: what was chosen here was refused. */
  takeBack() {
    const [kind, minutes] = this.saw.value.split(" ");
    this.last = this.saw.value;
    for (const radio of this.element.querySelectorAll("input[type=radio]")) radio.checked = radio.value === kind;
    this.minutes.value = minutes ?? "";
    this.show();
  }

  /** As if the minutes had been typed, and done with. */
  take(minutes) {
    this.minutes.value = minutes;
    this.minutes.dispatchEvent(new Event("change", { bubbles: true }));
  }

  show() {
    for (const chip of this.chips) chip.setAttribute("aria-pressed", String(chip.dataset.minutes === this.typed));
  }

  /** "Late: say how many minutes", on this line alone. */
  sayWhatLacks(isKept) {
    const lacks = this.lacksMinutes;
    const wrong = `Enter how many minutes ${this.name} missed, from 1 to ${this.most}`;
    const words = this.typed ? wrong : `${this.labelOf(this.kind || "late")}: say how many minutes`;
    if (!this.lacking) return;
    this.lacking.hidden = !lacks || !isKept;
    this.lacking.lastElementChild.textContent = lacks ? words : "";
    this.minutes.classList.toggle("govuk-input--error", lacks && isKept);
    if (lacks && isKept) this.minutes.setAttribute("aria-describedby", this.lacking.id);
    else if (this.minutes.getAttribute("aria-describedby") === this.lacking.id) this.minutes.removeAttribute("aria-describedby");
  }
}

export { Row, inWords };
