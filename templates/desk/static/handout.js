// New handout: sends what is typed, shows the pages, prints and saves. The desk decides what is right.

import { Fault, get, make, poll, post, say } from "./desk.js";
import { preferHere, printHere } from "./here.js";
import { _, inLanguage, ngettext, pgettext, plain } from "./words.js";

const form = document.getElementById("form");
const id = (name) => document.getElementById(name);
const view = { number: 0, shown: -1, page: 1, pages: 0, sheets: [], out: new Set(), busy: false, again: false, thumbs: 0 };
const STAYS = ["clinician", "visit_date", "clinic", "printer"]; // large print is one patient's, not the next one's
let win = form.dataset.window;

// ---- the form as fields

export function fields() {
  const found = {};
  for (const [name, value] of new FormData(form)) if (typeof value === "string") (found[name] ||= []).push(value);
  if (view.out.size) found.left_out = [...view.out];
  return found;
}

export const windowId = () => win;

// ---- preview: one question at a time, always the newest; a late answer is dropped

function changed() { view.number += 1; if (view.busy) view.again = true; else look(); }

async function look() {
  view.busy = true;
  view.again = false;
  const number = view.number;
  const slow = setTimeout(() => id("page").classList.add("working"), 180);
  try {
    for (const wait of ["soon", "front", "whole"]) {
      if (number !== view.number) return;
      if (wait === "front" && view.told.shows) continue;
      view.told = await post("/handout/preview", { window: win, number, fields: fields(), wait });
      if (number === view.number) show(view.told);
      if (view.told.shows && (view.told.whole || view.page === 1)) { clearTimeout(slow); id("page").classList.remove("working"); }
      if (view.told.late || view.told.whole) return;
    }
  } catch (fault) {
    if (fault instanceof Fault) tell(fault.shown, "failed"); else throw fault;
  } finally {
    clearTimeout(slow);
    view.busy = false;
    if (view.again) look(); else id("page").classList.remove("working");
  }
}

function show(told) {
  if (told.late) return;
  showFaults(told.faults);
  showNotices(told.notices);
  if (told.waits) return;
  view.pages = told.pages;
  view.shown = told.number;
  view.whole = told.whole;
  id("hint").hidden = told.shows;
  if (told.whole) { showSheets(told.sheets); }
  if (!told.shows) { id("picture").hidden = true; id("sheets").replaceChildren(); where(); return; }
  if (view.page > told.pages && told.whole) view.page = 1;
  if (told.whole || view.page === 1) turn(view.page);
}

const density = () => Math.min(window.devicePixelRatio || 1, 3);

function turn(page) {
  view.page = page;
  const number = view.shown;
  const box = id("page");
  const room = Math.min(box.clientWidth || 500, (box.clientHeight || 700) * 0.775);
  const wide = Math.max(320, Math.round(room * density() / 20) * 20);
  const next = make("img", { id: "picture", alt: "", src: `/handout/page/${win}/${number}/${page}/${wide}${view.whole ? "" : "?first"}` });
  next.decode().then(() => {
    if (number !== view.shown || page !== view.page) return;
    next.dataset.number = number;
    id("picture").replaceWith(next);
    where();
  }, () => {}); // a newer one is on its way
}

function where() {
  const sheet = view.sheets.findLast((one) => one.first && one.first <= view.page);
  const text = view.pages ? _("Page %(number)s of %(all)s", { number: view.page, all: view.whole ? view.pages : "…" }) : "";
  id("where").textContent = text;
  id("page").setAttribute("aria-label", text ? `${text}${sheet ? `: ${plain(sheet.title)}` : ""}` : _("The pages appear here."));
  id("back").disabled = view.page <= 1;
  id("on").disabled = !view.whole || view.page >= view.pages;
  for (const button of id("sheets").querySelectorAll("button")) {
    if (sheet && button.dataset.name === sheet.name) button.setAttribute("aria-current", "true"); else button.removeAttribute("aria-current");
  }
}

function showSheets(sheets) {
  const before = JSON.stringify(view.sheets.map((one) => [one.name, one.title, one.pages, one.printed]));
  view.sheets = sheets;
  const list = id("sheets");
  if (before !== JSON.stringify(sheets.map((one) => [one.name, one.title, one.pages, one.printed]))) {
    list.replaceChildren(...sheets.map(thumb));
  }
  clearTimeout(view.thumbs);
  view.thumbs = setTimeout(function renew() {
    if (view.busy) { view.thumbs = setTimeout(renew, 400); return; }
    for (const sheet of view.sheets) {
      const picture = list.querySelector(`img[data-name="${CSS.escape(sheet.name)}"]`);
      if (picture && sheet.first) picture.src = `/handout/page/${win}/${view.shown}/${sheet.first}/${Math.round(68 * density())}`;
    }
  }, list.querySelector("img[src]") ? 900 : 60);
}

function thumb(sheet) {
  const more = sheet.printed ? sheet.pages > 1 && ngettext("%(num)s page", "%(num)s pages", sheet.pages) : _("left out");
  const picture = make("img", { alt: "" });
  picture.dataset.name = sheet.name;
  const button = make("button", { type: "button" }, picture, make("span", {}, inLanguage(sheet.title), more ? `, ${more}` : ""));
  button.dataset.name = sheet.name;
  button.onclick = () => { const now = view.sheets.find((one) => one.name === sheet.name); if (now && now.first) turn(now.first); };
  const box = make("input", { type: "checkbox", id: `sheet-${sheet.name}`, checked: sheet.printed });
  box.onchange = () => {
    if (box.checked) view.out.delete(sheet.name); else view.out.add(sheet.name);
    if (view.sheets.every((one) => view.out.has(one.name))) { view.out.delete(sheet.name); box.checked = true; say(_("One sheet at least is printed.")); return; }
    changed();
  };
  const label = make("label", { htmlFor: box.id }, pgettext("sheet", "print"));
  label.append(make("span", { className: "unseen" }, " ", inLanguage(sheet.title)));
  return make("li", { className: sheet.printed ? "sheet" : "sheet out" }, button, make("span", { className: "check" }, box, label));
}

id("back").onclick = () => turn(view.page - 1);
id("on").onclick = () => turn(view.page + 1);
id("page").onkeydown = (event) => {
  const step = { PageDown: 1, ArrowRight: 1, PageUp: -1, ArrowLeft: -1 }[event.key];
  if (!step || view.page + step < 1 || view.page + step > view.pages) return;
  event.preventDefault();
  turn(view.page + step);
};
id("page").onclick = () => { if (view.whole && view.page < view.pages) turn(view.page + 1); };
let resized = 0;
window.addEventListener("resize", () => { clearTimeout(resized); resized = setTimeout(() => { if (view.pages) turn(view.page); }, 200); });

// ---- faults and notices, each where it belongs

function showFaults(faults, { say: aloud = false } = {}) {
  for (const place of form.querySelectorAll(".fault")) place.textContent = "";
  for (const place of form.querySelectorAll(".wrong")) place.classList.remove("wrong");
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  const homeless = [];
  let first = null;
  for (const fault of faults) {
    const place = placeOf(fault.field);
    if (!place) { homeless.push(inLanguage(fault.message)); continue; }
    if (!aloud && (fault.field === "patient" || (fault.field === "options" && !form.querySelector('[name="options"]:checked')))) continue; // not yet
    place.text.append(place.text.hasChildNodes() ? " " : "", inLanguage(fault.message));
    place.box?.classList.add("wrong");
    place.input?.setAttribute("aria-invalid", "true");
    first ||= place.input;
  }
  if (homeless.length) tell(homeless[0], "failed", ...homeless.slice(1).flatMap((one) => [" ", one]));
  if (aloud && first) { for (let box = first.closest("details"); box; box = null) box.open = true; first.focus(); }
}

function placeOf(field) {
  const [list, number] = field.split(".");
  if ((list === "next_steps" || list === "medicines") && number) {
    const row = id(list === "next_steps" ? "steps" : "medicines").children[realRow(list, Number(number))];
    const key = field.split(".")[2];
    const input = row?.querySelector(key ? `[data-key="${key}"]` : "input") || row?.querySelector("input");
    if (row) return { text: row.querySelector(":scope > .fault"), box: input.closest(".field") || row, input };
  }
  const name = { patient: "patient.name", "appointment.at": "appointment.day", appointment: "appointment.day" }[field] || field;
  const text = id(`${name}-fault`);
  if (!text) return null;
  const input = name === "topic" ? id("topic-name") : form.elements[name];
  return { text, box: text.closest(".field"), input: input instanceof Element ? input : input?.[0] };
}

// The desk counts rows that say something; the form has empty ones between them.
function realRow(list, number) {
  const rows = [...id(list === "next_steps" ? "steps" : "medicines").children];
  const filled = rows.map((row, index) => [row, index]).filter(([row]) => [...row.querySelectorAll("input:not([type=checkbox])")].some((input) => input.value.trim()));
  return filled[number - 1]?.[1] ?? number - 1;
}

function showNotices(notices) {
  for (const place of document.querySelectorAll("[data-notices]")) place.replaceChildren();
  for (const notice of notices) {
    const field = notice.about.startsWith("patient.") ? id(`${notice.about}-fault`)?.closest(".field") : null;
    const place = field ? (field.querySelector("[data-notices]") || field.appendChild(withData("div"))) : document.querySelector(`[data-notices="${notice.about}"]`) || document.querySelector('[data-notices="text"]');
    place.append(make("p", { className: "notice" }, inLanguage(notice.text)));
  }
}

function withData(name) { const made = make(name); made.dataset.notices = "field"; return made; }

// ---- topic, options, steps, medicines

async function setTopic(topic) {
  const place = id("topic-part");
  id("topic").value = topic;
  view.out.clear();
  if (!topic) { place.replaceChildren(); return; }
  const language = id("language").value;
  const html = await get(`/handout/topic/${encodeURIComponent(topic)}?language=${encodeURIComponent(language)}`, { text: true });
  if (id("topic").value !== topic || id("language").value !== language) return;
  place.innerHTML = html; // the desk's own page, from the same host
  const about = place.firstElementChild;
  id("known-medicines").replaceChildren(...JSON.parse(about.dataset.medicines).map((name) => make("option", { value: name })));
  chips();
}

id("topic-name").addEventListener("input", () => {
  const typed = id("topic-name").value.trim().toLowerCase();
  const known = [...id("topics").options].filter((option) => option.value.toLowerCase() === typed);
  if ((known[0]?.dataset.id || "") !== id("topic").value) setTopic(known[0]?.dataset.id || "").then(changed);
});
id("topic-name").addEventListener("change", () => {
  const typed = id("topic-name").value.trim().toLowerCase();
  const near = [...id("topics").options].filter((option) => option.value.toLowerCase().includes(typed));
  if (typed && !id("topic").value && near.length === 1) { id("topic-name").value = near[0].value; setTopic(near[0].dataset.id).then(changed); }
  else if (typed && !id("topic").value) { id("topic-fault").textContent = _("There is no such topic. Choose one of the list."); }
});

// The next steps are offered in the patient's language; what was ticked stays.
async function setLanguage(language) {
  const ticked = [...id("topic-part").querySelectorAll("input:checked")].map((input) => input.id);
  id("language").value = language;
  id("with-english").hidden = language === "en";
  id("with_english").checked &&= language !== "en";
  for (const input of id("steps").querySelectorAll("input")) input.lang = language;
  await setTopic(id("topic").value);
  for (const one of ticked) if (id(one)) id(one).checked = true;
  chips();
}

id("language").addEventListener("change", () => setLanguage(id("language").value).then(changed));
form.addEventListener("reset", () => { id("with-english").hidden = true; });

function chips() {
  const about = id("topic-part").firstElementChild;
  if (!about) { id("chips").replaceChildren(); return; }
  const offered = [...JSON.parse(about.dataset.steps)];
  for (const box of about.querySelectorAll("input:checked[data-steps]")) offered.push(...JSON.parse(box.dataset.steps));
  const there = new Set([...id("steps").querySelectorAll("input")].map((input) => input.value.trim()));
  const buttons = [...new Set(offered)].filter((step) => !there.has(step)).map((step) => {
    const button = make("button", { type: "button", lang: id("language").value }, step);
    button.onclick = () => { addStep(step); chips(); changed(); };
    return button;
  });
  const own = make("button", { type: "button" }, _("a step of your own"));
  own.onclick = () => addStep("").focus();
  id("chips").replaceChildren(...buttons, own);
}

function renumber(list, name) {
  [...list.children].forEach((row, index) => {
    row.querySelector(".n").textContent = index + 1;
    for (const input of row.querySelectorAll("input")) {
      const key = input.dataset.key ? `.${input.dataset.key}` : "";
      input.name = `${name}.${index + 1}${key}`;
      input.id = `${input.name}${input.type === "checkbox" ? `-${input.value}` : ""}`;
      const label = input.closest(".field").querySelector("label:not(.tick)");
      if (label && input.type !== "checkbox") label.htmlFor = input.id;
    }
  });
}

function addRow(list, template, name) {
  const most = Number(list.dataset.most);
  if (list.children.length >= most) { say(_("%(most)s at most.", { most })); return null; }
  const row = id(template).content.firstElementChild.cloneNode(true);
  list.append(row);
  row.querySelector(".remove").onclick = () => { row.remove(); renumber(list, name); chips(); changed(); };
  renumber(list, name);
  return row;
}

function addStep(text) {
  const empty = [...id("steps").querySelectorAll("input")].find((input) => !input.value.trim());
  const input = empty || addRow(id("steps"), "step", "next_steps")?.querySelector("input") || id("steps").querySelector("input");
  input.lang = id("language").value;
  if (text) input.value = text;
  return input;
}

const moreMedicines = make("button", { type: "button" }, _("Add a medicine"));
moreMedicines.onclick = () => addMedicine({})?.querySelector("input").focus();
id("medicines").after(moreMedicines);

function addMedicine(given) {
  const row = addRow(id("medicines"), "medicine", "medicines");
  if (row) for (const key of ["name", "dose", "remark"]) row.querySelector(`[data-key="${key}"]`).value = given[key] || "";
  if (row) for (const box of row.querySelectorAll('[data-key="times"]')) box.checked = (given.times || []).includes(box.value);
  return row;
}

// ---- presets

id("preset").addEventListener("change", async () => {
  const chosen = id("preset").value;
  if (!chosen) return;
  try { await fill(await get(`/handout/preset/${chosen}`)); say(_("The preset filled in what was empty.")); } catch (fault) { tell(fault.shown, "failed"); }
});

export async function fill(data) {
  if (data.language && data.language !== id("language").value) await setLanguage(data.language);
  if (data.topic && data.topic !== id("topic").value) {
    const option = [...id("topics").options].find((one) => one.dataset.id === data.topic);
    id("topic-name").value = option ? option.value : "";
    await setTopic(data.topic);
  }
  for (const [key, value] of Object.entries(data)) {
    if (key === "next_steps") value.forEach((step) => addStep(step));
    else if (key === "medicines") value.forEach((item) => addMedicine(item));
    else if (Array.isArray(value)) for (const box of form.querySelectorAll(`input[name="${CSS.escape(key)}"]`)) box.checked ||= value.includes(box.value);
    else if (typeof value === "string") set(key, value);
  }
  chips();
  changed();
}

function set(name, value) {
  const found = form.elements[name];
  if (!found) return;
  if (found instanceof RadioNodeList) { found.value = value; } else if (!found.value || found.tagName === "SELECT") { found.value = value; }
}

// ---- giving out

export function tell(message, state = "", ...more) {
  const place = id("last");
  place.className = `last ${state}`;
  place.replaceChildren(message, ...more);
}

export async function give(work) {
  const focus = document.activeElement;
  for (const button of document.querySelectorAll(".acts button")) button.disabled = true;
  tell(_("Working …"));
  try { await work(); } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    tell(fault.shown, "failed");
    showFaults(fault.fields, { say: true });
  } finally {
    for (const button of document.querySelectorAll(".acts button")) button.disabled = false;
    if (document.activeElement === document.body) focus.focus(); // a button that is disabled loses it
  }
}

id("save").onclick = () => give(async () => {
  const response = await post("/handout/save", { window: win, fields: fields() }, { raw: true });
  const before = filledIn();
  tell(_("Last handout: %(code)s, saved in Downloads.", { code: await saveAs(response) }), "done", bringBack(before));
  ready();
});

/** Save the PDF that the desk answered with; resolves to its code. */
export async function saveAs(response) {
  const code = response.headers.get("X-Document-Code");
  const link = make("a", { href: URL.createObjectURL(await response.blob()), download: `${code.replaceAll("-", "")}.pdf` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  return code;
}

id("here").onclick = () => give(async () => {
  const response = await post("/handout/save", { window: win, fields: fields() }, { raw: true });
  const code = response.headers.get("X-Document-Code");
  const before = filledIn();
  printHere(await response.blob());
  tell(_("Last handout: %(code)s, given to this browser to print.", { code }), "done", bringBack(before));
  ready();
});

id("file")?.addEventListener("click", () => give(async () => {
  const filed = await post("/handout/file", { window: win, fields: fields() });
  const before = filledIn();
  const values = { code: filed.title, message: filed.message, state: plain(filed.there) };
  tell(filed.there ? _("%(code)s is in the outbox for the health record already (message %(message)s: %(state)s).", values) : _("Last handout: %(code)s goes to the health record; Sent tells whether it is there (message %(message)s).", values), "done", bringBack(before));
  ready();
}));

id("print").onclick = () => give(async () => {
  const started = await post("/handout/print", { window: win, fields: fields() });
  ready();
  follow(started);
});

async function follow(started) {
  tell(_("%(code)s goes to the printer …", { code: started.title }));
  let ended;
  try {
    ended = await poll(`/handout/job/${started.job}`, (job) => {
      if (job.state === "running" && job.said.length) tell(`${job.title}: `, "", inLanguage(job.said.at(-1)));
      return job.state !== "running";
    });
  } catch (fault) { tell(fault.shown, "failed"); return; }
  if (ended.state === "done") { tell(inLanguage(ended.said.at(-1)), "done"); return; }
  const again = make("button", { type: "button" }, _("Print it again"));
  again.onclick = () => give(async () => follow(await post(`/handout/again/${started.job}`, { window: win })));
  tell(`${ended.title}: `, "failed", inLanguage(ended.said.at(-1)), ...(ended.again ? [again] : []));
}

/** Ready for the next patient, with nothing of the last. */
export function ready() {
  const kept = STAYS.map((name) => [name, form.elements[name] instanceof RadioNodeList ? form.elements[name].value : form.elements[name].value]);
  const topic = id("topic").value;
  const name = id("topic-name").value;
  const old = win;
  form.reset();
  for (const [key, value] of kept) { const found = form.elements[key]; if (found) found.value = value; }
  id("steps").replaceChildren();
  id("medicines").replaceChildren();
  view.out.clear();
  post("/handout/close", { window: old }).catch(() => {});
  win = crypto.randomUUID();
  view.number += 1; view.shown = -1; view.page = 1; view.pages = 0; view.sheets = [];
  id("picture").replaceWith(make("img", { id: "picture", alt: "", hidden: true }));
  id("sheets").replaceChildren();
  id("hint").hidden = false;
  showFaults([]);
  showNotices([]);
  where();
  id("topic-name").value = name;
  setTopic(topic).then(() => id(topic ? "patient.name" : "topic-name").focus());
}

id("clear").onclick = () => {
  const before = filledIn();
  ready();
  tell(_("The form is empty."), "", bringBack(before));
};

// Undo, until the next patient is typed or a minute is over: what was filled in is in this window's memory alone.
let undo = 0;
function filledIn() {
  const steps = [...id("steps").querySelectorAll("input")].map((input) => input.value);
  const medicines = [...id("medicines").children].map((row) => ({
    name: row.querySelector('[data-key="name"]').value, dose: row.querySelector('[data-key="dose"]').value,
    remark: row.querySelector('[data-key="remark"]').value,
    times: [...row.querySelectorAll('[data-key="times"]:checked')].map((box) => box.value),
  }));
  return { fields: fields(), name: id("topic-name").value, steps, medicines, out: [...view.out] };
}

function bringBack(before) {
  const button = make("button", { type: "button" }, _("Bring that form back"));
  const forget = () => { before = null; button.remove(); };
  clearTimeout(undo);
  undo = setTimeout(forget, 60000);
  form.addEventListener("input", forget, { once: true });
  button.onclick = async () => {
    if (!before) return;
    const old = before;
    forget();
    form.reset();
    id("steps").replaceChildren();
    id("medicines").replaceChildren();
    id("topic-name").value = old.name;
    await setTopic((old.fields.topic || [""])[0]);
    for (const [name, values] of Object.entries(old.fields)) {
      const found = form.elements[name];
      if (!found || name === "topic" || /^(next_steps|medicines)\./.test(name)) continue;
      const inputs = found instanceof RadioNodeList ? [...found] : [found];
      for (const input of inputs) {
        if (input.type === "checkbox" || input.type === "radio") input.checked = values.includes(input.value);
        else input.value = values[0];
      }
    }
    old.steps.forEach((step) => { const row = addRow(id("steps"), "step", "next_steps"); if (row) row.querySelector("input").value = step; });
    old.medicines.forEach((item) => addMedicine(item));
    view.out = new Set(old.out);
    chips();
    tell("");
    changed();
  };
  return button;
}

// ---- start

window.addEventListener("desk-unlocked", changed); // the desk may have forgotten the pages

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", (event) => { if (event.target.id !== "topic-name" && event.target.id !== "preset" && event.target.id !== "printer") changed(); });
form.addEventListener("change", (event) => { if (event.target.dataset.steps) chips(); });
document.addEventListener("keydown", (event) => { if (event.ctrlKey && event.key === "Enter") { event.preventDefault(); id("print").click(); } });
window.addEventListener("pagehide", () => navigator.sendBeacon("/handout/close", new Blob([JSON.stringify({ window: win })], { type: "application/json" })));

get("/handout/printers").then((told) => {
  id("printer").replaceChildren(make("option", { value: "" }, _("usual printer")), ...told.printers.map((one) => make("option", { value: one.name }, one.state ? `${one.name} (${plain(one.state)})` : one.name)));
  if (told.why) id("printer").title = plain(told.why);
  if (!told.printers.length && document.documentElement.dataset.user) preferHere(); // the server has none, this machine may
}).catch(() => {});
if (id("topics").options.length === 1) { id("topic-name").value = id("topics").options[0].value; setTopic(id("topics").options[0].dataset.id); }
id("topic-name").dispatchEvent(new Event("input")); // typed before this ran
id("topic-name").focus();
