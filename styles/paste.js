/** Keep headings, lists and tables of what an editor pastes from Word or another page.
 *
 * Wagtail's editor alone makes paragraphs of headings that it does not have, and of each cell of a
 * table. So the server reads what was pasted: text goes to where the cursor is, and each further
 * heading and each table becomes a block of its own below.
 */

const ADDRESS = "/cms/pasted/";
const WRAPPER = "[data-draftail-editor-wrapper]";
const NEEDS_READING =
  /<(?:table|h[1-6]|img|del|s|strike)\b|role=["']?heading|mso-|["'= ]Mso|docs-internal-guid|OutlineElement/i;
const TAGS = { "header-two": "h2", "header-three": "h3", "header-four": "h4" };
const SEEN = new WeakSet();

/** The block of the page's body whose own text this is, and its place; null for another text. */
function placeOf(wrapper) {
  const element = wrapper.closest("[data-streamfield-child]");
  const body = element?.parentElement.parentElement.pageBody;
  const index = body?.children.findIndex((child) => child.element === element) ?? -1;
  if (index < 0 || !["section", "text"].includes(body.children[index].type)) return null;
  return { body, element, index };
}

function inputOf(wrapper) {
  return [...wrapper.parentElement.querySelectorAll("input")].find((input) => input.draftailEditor);
}

function isEmpty(wrapper) {
  return !inputOf(wrapper).draftailEditor.getEditorState().getCurrentContent().hasText();
}

function headingsOf(wrapper) {
  const kinds = inputOf(wrapper).draftailEditor.props.blockTypes;
  return kinds.map((kind) => TAGS[kind.type]).filter(Boolean);
}

async function read(html, headings) {
  const answer = await fetch(ADDRESS, {
    method: "POST",
    credentials: "same-origin",
    headers: {
      Accept: "application/json",
      "Content-Type": "application/json",
      [window.wagtailConfig.CSRF_HEADER_NAME]: window.wagtailConfig.CSRF_TOKEN,
    },
    // Pictures are named, not kept: their bytes need not travel.
    body: JSON.stringify({ html: html.replace(/(["'])data:[^"']*\1/g, '""'), headings }),
  });
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

/** Let the editor itself take this, as if it had been pasted. */
function putIn(wrapper, html, text) {
  const data = new DataTransfer();
  data.setData("text/html", html);
  data.setData("text/plain", text);
  const again = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
  SEEN.add(again);
  wrapper.querySelector(".public-DraftEditor-content").dispatchEvent(again);
}

/** Put text where the cursor is and each block below; return the element that begins it all. */
function putInBody(wrapper, { body, element, index }, { lead, blocks }) {
  const heading = element.querySelector("input[name$='-value-heading']");
  const isUnused = !heading?.value && isEmpty(wrapper) && !lead && blocks.length > 0;
  if (lead) putIn(wrapper, lead, "");
  blocks.forEach((block, number) => body.insert(block, index + 1 + number, {}));
  if (!isUnused) return element;
  const first = body.children[index + 1].element;
  body.deleteBlock(index, {});
  return first;
}

function added(blocks) {
  if (!blocks.length) return [];
  const parts = blocks.length === 1 ? "1 part was" : `${blocks.length} parts were`;
  return [`${parts} added to the page from what you pasted. Check them, and save.`];
}

function say(beside, sentences) {
  document.querySelectorAll("[data-pasted]").forEach((each) => each.remove());
  if (!sentences.length) return;
  const notice = document.createElement("div");
  notice.className = "help-block help-warning";
  notice.dataset.pasted = "";
  const list = document.createElement("ul");
  notice.setAttribute("role", "status");
  notice.append(list);
  beside.before(notice);
  // A screen reader speaks what changes in a status that is there.
  requestAnimationFrame(() => {
    for (const sentence of sentences) {
      const item = document.createElement("li");
      item.textContent = sentence;
      list.append(item);
    }
  });
}

async function take(wrapper, html, text) {
  const headings = headingsOf(wrapper);
  let answer;
  try {
    answer = await read(html, headings);
  } catch {
    putIn(wrapper, html, text);
    say(wrapper, ["Headings and tables could not be kept, because the site did not answer. Undo, and paste again."]);
    return;
  }
  const place = placeOf(wrapper);
  if (place) {
    const beside = putInBody(wrapper, place, answer);
    say(beside, [...added(answer.blocks), ...answer.left_out]);
    return;
  }
  if (answer.prose) putIn(wrapper, answer.prose, text);
  const asList = "The table you pasted is a list here, with one line for each row. To keep it as a table, paste it into a Section.";
  say(wrapper, [...(answer.had_tables ? [asList] : []), ...answer.left_out]);
}

document.addEventListener(
  "paste",
  (event) => {
    const wrapper = event.target.closest?.(WRAPPER);
    const html = event.clipboardData?.getData("text/html");
    if (!wrapper || !html || SEEN.has(event)) return;
    // What is copied within an editor is its own.
    if (html.includes("data-draftjs-conductor-fragment") || !NEEDS_READING.test(html)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    take(wrapper, html, event.clipboardData.getData("text/plain"));
  },
  true,
);
