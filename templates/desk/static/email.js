// The dialog that mails the handout on the screen. The four words are in it until it closes, and nowhere else.

import { Fault, make, post, say } from "./desk.js";
import { fields, give, ready, tell, windowId } from "./handout.js";
import { _, inLanguage, plain } from "./words.js";

const id = (name) => document.getElementById(`mail-${name}`);
const dialog = document.getElementById("mail");
const email = document.getElementById("patient.email");
const GO = { address: _("Go on"), decide: _("Put it into the outbox"), done: _("Done: next patient") };
const CLOSE = { missing: _("Close"), address: _("Cancel"), decide: _("Cancel") };
let step = "", asked = null, queued = null, slip = "", timer = 0;

document.getElementById("email").onclick = () => give(async () => {
  begin(await look());
  dialog.showModal();
  focusFirst();
});

const look = () => post("/handout/email/look", { window: windowId(), fields: fields() });

function begin(found) {
  asked = found;
  id("form").reset();
  clear();
  if (found.missing) { id("missing").replaceChildren(inLanguage(found.missing)); show("missing"); return; }
  if (!found.to) { show("address"); return; }
  id("address").textContent = found.to;
  id("known").hidden = !found.known;
  id("new").hidden = found.known;
  id("before").hidden = !found.before;
  if (found.before) id("before-is").textContent = _("message %(number)s, %(state)s.", { number: found.before.number, state: plain(found.before.name).toLowerCase() });
  id("reissue-choice").hidden = !found.before?.waits;
  id("recorded").textContent = found.unlocked ? _("%(who)s recorded on %(day)s that the patient prefers it.", { who: found.unlocked.by, day: found.unlocked.on }) : _("Only if the patient was warned and prefers it.");
  id("from-now-on").hidden = !found.unlocked;
  id(found.unlocked ? "unlocked" : "locked").checked = true;
  id("by").value = found.by;
  warn();
  show("decide");
}

function show(name) {
  step = name;
  for (const part of dialog.querySelectorAll("[data-step]")) part.hidden = part.dataset.step !== (name === "words" ? "done" : name);
  id("go").hidden = !GO[name];
  id("go").textContent = GO[name] || "";
  id("close").hidden = !CLOSE[name];
  id("close").textContent = CLOSE[name] || "";
  id("slip").hidden = !(name === "done" && slip);
  id("back").hidden = name !== "done";
  id("title").textContent = name === "done" ? _("It is in the outbox") : _("E-mail this handout");
}

function focusFirst() {
  const first = { missing: id("close"), address: id("to"), done: id("title") }[step];
  (first || (asked.known ? id("go") : id("again"))).focus();
}

function warn() { id("warning").hidden = !(id("unlocked").checked && !asked.unlocked); }
for (const choice of ["locked", "unlocked"]) id(choice).addEventListener("change", warn);

// ---- faults, each at its field

function clear() {
  for (const place of dialog.querySelectorAll(".fault")) place.textContent = "";
  for (const input of dialog.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
}

function fault(name, message) {
  id(`${name}-fault`).replaceChildren(message);
  const input = name === "before" ? (id("reissue-choice").hidden ? id("once-more") : id("reissue")) : id(name);
  input.setAttribute("aria-invalid", "true");
  input.focus();
  return false;
}

// ---- the steps

async function address() {
  const typed = id("to").value.trim();
  if (!typed) return fault("to", _("Type the patient’s address."));
  email.value = typed;
  try { begin(await look()); } catch (refused) {
    if (refused.fields?.some((one) => one.field === "patient.email")) return fault("to", refused.shown);
    throw refused;
  }
  return focusFirst();
}

async function decide() {
  const way = dialog.querySelector('input[name="mail-way"]:checked')?.value || "";
  const unlocked = id("unlocked").checked;
  const warned = id("warned").checked;
  if (!asked.known && !id("again").value.trim()) return fault("again", _("Type the address once more."));
  if (asked.before && !way) return fault("before", _("Choose one, or cancel."));
  if (unlocked && !asked.unlocked && !warned) return fault("warned", _("Tell the patient first, or lock the file."));
  const told = await post("/handout/email", {
    window: windowId(), fields: fields(), code: asked.code, again: id("again").value, way,
    lock: !unlocked, warned: unlocked && !asked.unlocked && warned, by: id("by").value, remember: id("remember").checked,
  });
  slip = told.slip ? URL.createObjectURL(new Blob([Uint8Array.from(atob(told.slip), (sign) => sign.charCodeAt(0))], { type: "application/pdf" })) : "";
  id("words").textContent = told.words;
  id("words-part").hidden = !told.words;
  id("number").textContent = id("when").textContent = "";
  show("words");
  await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
  try { queued = { title: told.title, ...await post("/handout/email/shown", { token: told.token }) }; } catch (refused) {
    forget();
    show("decide");
    throw refused;
  }
  id("number").textContent = _("Message %(number)s to %(address)s.", { number: queued.number, address: told.to });
  id("when").textContent = [_("It goes out in %(seconds)s seconds; until then you can take it back.", { seconds: queued.hold }), queued.cancelled && _("The earlier message is taken out.")].filter(Boolean).join(" ");
  timer = setTimeout(() => { id("back").hidden = true; id("when").textContent = _("It goes out now."); }, queued.hold * 1000);
  show("done");
  return focusFirst();
}

/** The words and the slip are gone from here. */
function forget() {
  id("words").textContent = "";
  if (slip) { const old = slip; setTimeout(() => URL.revokeObjectURL(old), 60000); }
  slip = "";
}

async function run(work) {
  clear();
  id("go").disabled = true;
  try { await work(); } catch (refused) {
    if (!(refused instanceof Fault)) throw refused;
    id("fault").replaceChildren(refused.shown);
  } finally { id("go").disabled = false; }
}

document.getElementById("mail-form").addEventListener("submit", (event) => {
  event.preventDefault();
  if (step === "done") dialog.close(); else run(step === "address" ? address : decide);
});
id("close").onclick = () => dialog.close();
id("slip").onclick = () => window.open(slip, "_blank", "noopener");
id("back").onclick = () => run(async () => {
  await post("/handout/email/back", { number: queued.number });
  tell(_("Message %(number)s was taken back. Nothing is sent; the form is as it was.", { number: queued.number }));
  queued = null;
  dialog.close();
});

dialog.addEventListener("cancel", (event) => {
  if (step !== "done" && step !== "words") return;
  event.preventDefault(); // the words are shown only now
  say(_("Press “Done” when the patient has the words."));
});

dialog.addEventListener("close", () => {
  clearTimeout(timer);
  forget();
  const done = queued;
  queued = null; asked = null;
  id("form").reset();
  if (!done) return;
  ready();
  tell(_("%(code)s is in the outbox.", { code: done.title }), "done", " ", make("a", { href: `/sent/${done.number}` }, _("Message %(number)s", { number: done.number })));
});
