// The day's list: drop a file, edit cells in place, follow what is under way. Nothing is kept in the browser.
import { Fault, get, make, post, say } from "./desk.js";
import { _, inLanguage, ngettext } from "./words.js";

const list = document.querySelector("[data-list]")?.dataset.list;
const at = (part) => `/list/${list}/${part}`;
const element = (id) => document.getElementById(id);

// dropping a file
const drop = element("drop");
if (drop) {
  const file = element("file");
  for (const kind of ["dragover", "drop"]) document.addEventListener(kind, (event) => event.preventDefault());
  drop.addEventListener("dragover", () => drop.classList.add("over"));
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.files.length) return;
    file.files = event.dataTransfer.files;
    drop.requestSubmit();
  });
  drop.addEventListener("submit", () => { say(_("The list is being read …"), 120); });
}

// the list is dropped with its window; whoever only reloads is back in a moment
if (list) {
  // twice: what the page of before said as it went may arrive after the first
  for (const later of [0, 5000]) setTimeout(() => post(at("here"), {}).catch(() => {}), later);
  window.addEventListener("pagehide", () => navigator.sendBeacon(at("leave")));
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}

const body = element("body");

function setUp() {
  const all = element("all");
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const tick of ticks()) tick.checked = all.checked && tick.closest("tr").matches(".ready");
    count();
  });
  body.addEventListener("change", (event) => {
    if (event.target.dataset.path) edit(event.target, event.target.value);
    else count();
  });
  body.addEventListener("click", (event) => {
    const back = event.target.closest("[data-back]");
    if (back) edit(back.closest("td").querySelector("input"), null);
  });
  body.addEventListener("keydown", (event) => {
    if (!event.target.dataset.path) return;
    if (event.key === "Escape") event.target.value = event.target.defaultValue;
    const step = { ArrowDown: 1, ArrowUp: -1, Enter: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const column = event.target.closest("td").cellIndex;
    const row = event.target.closest("tr");
    const next = (step > 0 ? row.nextElementSibling : row.previousElementSibling)?.cells[column]?.querySelector("input");
    if (next) next.focus();
    else event.target.blur();
  });
  element("topic").addEventListener("change", showOptions);
  element("allow").addEventListener("change", () => element("allow-now").click());
  element("allow-now").hidden = true;
  showOptions();
  count();
  document.addEventListener("submit", sendQuietly);
  document.addEventListener("submit", take);
}

const wanted = new Set(); // rows that were ticked when a fault took their tick away
const ticks = () => body.querySelectorAll("input[name=row]");

function count() {
  const many = [...ticks()].filter((tick) => tick.checked).length;
  element("ticked").textContent = !many ? _("Tick the rows that you want:") : ngettext("With the ticked row:", "With the %(num)s ticked rows:", many);
  element("all").checked = many > 0 && many === body.querySelectorAll("tr.ready").length;
}

function showOptions() {
  const topic = element("topic").value;
  for (const set of document.querySelectorAll(".topic-options")) set.hidden = set.dataset.topic !== topic;
}

// one change after the other: an answer must not overwrite a newer one
let last = Promise.resolve();
function edit(input, text) {
  const { row } = input.closest("tr").dataset;
  const { path } = input.dataset;
  last = last.then(() => send(Number(row), path, text));
  return last;
}

async function send(row, path, text) {
  try {
    const found = await post(at("cell"), { row, path, text });
    for (const [number, html] of Object.entries(found.rows)) replaceRow(number, html);
    element("summary").textContent = found.summary;
    tell("");
    const fault = body.querySelector(`#row-${row} [data-path="${path}"][aria-invalid]`);
    const why = fault && element(fault.getAttribute("aria-describedby")).querySelector(".fault")?.textContent.trim();
    say(fault ? _("Row %(number)s: %(why)s", { number: row, why: why || "" }) : _("Row %(number)s is saved.", { number: row }));
    count();
  } catch (error) { trouble(error); }
}

function replaceRow(number, html) {
  const old = element(`row-${number}`);
  const inside = old.contains(document.activeElement) ? document.activeElement : null;
  const ticked = old.querySelector("input[name=row]").checked;
  const shell = document.createElement("tbody");
  shell.innerHTML = html;
  const made = shell.firstElementChild;
  if (ticked && !made.matches(".ready")) wanted.add(String(number)); // ticked again once it is right
  made.querySelector("input[name=row]").checked = made.matches(".ready") && (ticked || wanted.delete(String(number)));
  const typing = inside?.dataset.path && inside.value !== inside.defaultValue ? inside.value : null;
  old.replaceWith(made);
  if (!inside) return;
  const again = (inside.id && element(inside.id)) || made.querySelector("input");
  again.focus();
  if (typing !== null) again.value = typing;
}

async function sendQuietly(event) {
  const form = event.target;
  if (!("quiet" in form.dataset) && !event.submitter?.hasAttribute("formaction")) return;
  event.preventDefault();
  await last;
  const data = new URLSearchParams(new FormData(form, event.submitter));
  if (form.id === "rows") for (const name of [...data.keys()]) if (name.includes(":")) data.delete(name);
  try {
    const response = await fetch(event.submitter?.getAttribute("formaction") || form.action, {
      method: "POST", headers: { Accept: "application/json" }, body: data, credentials: "same-origin",
    });
    if (!response.ok) throw new Fault((await response.json()).error, []);
    tell("");
    await refresh();
    follow();
  } catch (error) { trouble(error); }
}

/** The print file, as a download: what goes wrong with it is told here, and the list stays. */
async function take(event) {
  if (event.target.id !== "take" || event.submitter?.hasAttribute("formaction")) return;
  event.preventDefault();
  try {
    const response = await post(at("file"), {}, { raw: true });
    const name = response.headers.get("Content-Disposition").split('"')[1];
    const link = make("a", { href: URL.createObjectURL(await response.blob()), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    await refresh();
    say(element("progress-words").textContent);
  } catch (error) { trouble(error); }
}

/** Show the list as it is now: what is under way, and the rows. What the user chose above stays. */
async function refresh() {
  const page = new DOMParser().parseFromString(await get(at("").slice(0, -1), { text: true }), "text/html");
  const inWork = element("work").contains(document.activeElement);
  for (const id of ["work", "body", "summary"]) {
    const fresh = page.getElementById(id);
    if (!fresh) { location.reload(); return; }
    element(id).replaceChildren(...fresh.childNodes);
  }
  count();
  const next = element("work").querySelector("button");
  if (inWork && next) next.focus();
}

let following = false;
async function follow() {
  if (following || !element("bar")) return;
  following = true;
  element("work").scrollIntoView({ block: "nearest" });
  try {
    for (;;) {
      const found = await get(at("progress"));
      if (!found.busy) {
        await refresh();
        if (element("take")) element("take").requestSubmit(element("take").querySelector("button.main"));
        else say(found.words);
        break;
      }
      element("bar").max = found.total;
      element("bar").value = found.done;
      element("progress-words").textContent = found.words;
      element("progress-says").replaceChildren(inLanguage(found.says));
      await new Promise((resolve) => setTimeout(resolve, 700));
    }
  } catch (error) { trouble(error); }
  following = false;
}

function tell(told) { element("trouble").replaceChildren(told); }
function trouble(error) {
  tell(error instanceof Fault ? error.shown : _("The desk could not do that. Reload the page."));
  element("trouble").scrollIntoView({ block: "nearest" });
}

if (body) {
  setUp();
  follow();
}
