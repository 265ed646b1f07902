/** Say on the player's page whether what a package does is saved; the runner tells us. */

const box = document.querySelector("[data-player]");
const origin = box.dataset.player;
const line = document.getElementById("saved");
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DONE = ["passed", "completed", "failed"];

function say(words, isWarning = false) {
  if (line.textContent !== words) line.textContent = words;
  line.classList.toggle("player__saved--warning", isWarning);
}

const WORDS = {
  opened: () => say("Your progress is saved as you go."),
  saved: ({ state }) => {
    const isDone = DONE.includes(state);
    say(isDone ? "Your result is saved." : "Saved.");
    if (isDone) document.getElementById("ended").hidden = false;
  },
  unsaved: ({ since }) => say(`Not saved since ${CLOCK.format(since)}. Keep this page open.`, true),
  refused: ({ bookmark }) =>
    say(
      bookmark
        ? "Your results are saved. Your place in this part may not be."
        : "Something that this module reported could not be saved.",
      true,
    ),
  elsewhere: () => {
    say("You opened this module somewhere else. Nothing more is saved here.", true);
    document.getElementById("again").hidden = false;
  },
  over: () => {
    say("This page has been open for too long, so nothing more is saved here.", true);
    document.getElementById("again").hidden = false;
  },
  broken: () => say("This module could not be started. Reload the page to try again.", true),
};

addEventListener("message", (event) => {
  if (event.origin !== origin || !WORDS[event.data?.kind]) return;
  WORDS[event.data.kind](event.data);
});
