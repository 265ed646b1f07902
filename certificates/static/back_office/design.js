// The preview of a certificate design follows what is typed; what is wrong is said in its place.
(() => {
  const form = document.querySelector("form[data-preview]");
  const picture = form.querySelector("[data-picture]");
  const wrong = form.querySelector("[role=status]");
  let waiting;
  let asking;

  async function draw() {
    asking?.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(form.dataset.preview, {
        method: "POST",
        body: new FormData(form),
        signal: asking.signal,
      });
      const isDrawn = answer.ok && answer.headers.get("Content-Type") === "image/png";
      wrong.hidden = isDrawn;
      if (isDrawn) {
        const old = picture.src;
        picture.src = URL.createObjectURL(await answer.blob());
        URL.revokeObjectURL(old);
      } else {
        wrong.textContent = answer.ok
          ? await answer.text()
          : "The preview cannot be drawn at the moment. Open this page again.";
      }
    } catch (problem) {
      if (problem.name !== "AbortError") throw problem;
    }
  }

  for (const happened of ["input", "change"]) {
    form.addEventListener(happened, () => {
      clearTimeout(waiting);
      waiting = setTimeout(draw, 600);
    });
  }
})();
