// The preview of a certificate design follows what is typed; what is wrong is said in its place.
(() => {
  const form = document.querySelector("form[data-preview]");
  const picture = form.querySelector("img[width='1347']");
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
      wrong.hidden = answer.ok;
      if (answer.ok) {
        const old = picture.src;
        picture.src = URL.createObjectURL(await answer.blob());
        URL.revokeObjectURL(old);
      } else {
        wrong.textContent = answer.status === 422
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
