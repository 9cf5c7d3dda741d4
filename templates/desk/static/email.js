// The dialog that mails the handout on the screen. The four words are in it until it closes, and nowhere else.

import { Fault, make, post, say } from "./desk.js";
import { fields, give, ready, tell, windowId } from "./handout.js";

const id = (name) => document.getElementById(`mail-${name}`);
const dialog = document.getElementById("mail");
const email = document.getElementById("patient.email");
const GO = { address: "Go on", decide: "Put it into the outbox", done: "Done: next patient" };
const CLOSE = { missing: "Close", address: "Cancel", decide: "Cancel" };
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
  if (found.missing) { id("missing").textContent = found.missing; show("missing"); return; }
  if (!found.to) { show("address"); return; }
  id("address").textContent = found.to;
  id("known").hidden = !found.known;
  id("new").hidden = found.known;
  id("before").hidden = !found.before;
  if (found.before) id("before-is").textContent = `message ${found.before.number}, ${found.before.name.toLowerCase()}.`;
  id("reissue-choice").hidden = !found.before?.waits;
  id("recorded").textContent = found.unlocked ? `${found.unlocked.by} recorded on ${found.unlocked.on} that the patient prefers it.` : "Only if the patient was warned and prefers it.";
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
  id("title").textContent = name === "done" ? "It is in the outbox" : "E-mail this handout";
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
  id(`${name}-fault`).textContent = message;
  const input = name === "before" ? (id("reissue-choice").hidden ? id("once-more") : id("reissue")) : id(name);
  input.setAttribute("aria-invalid", "true");
  input.focus();
  return false;
}

// ---- the steps

async function address() {
  const typed = id("to").value.trim();
  if (!typed) return fault("to", "Type the patient’s address.");
  email.value = typed;
  try { begin(await look()); } catch (refused) {
    if (refused.fields?.some((one) => one.field === "patient.email")) return fault("to", refused.message);
    throw refused;
  }
  return focusFirst();
}

async function decide() {
  const way = dialog.querySelector('input[name="mail-way"]:checked')?.value || "";
  const unlocked = id("unlocked").checked;
  const warned = id("warned").checked;
  if (!asked.known && !id("again").value.trim()) return fault("again", "Type the address once more.");
  if (asked.before && !way) return fault("before", "Choose one, or cancel.");
  if (unlocked && !asked.unlocked && !warned) return fault("warned", "Tell the patient first, or lock the file.");
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
  id("number").textContent = `Message ${queued.number} to ${told.to}.`;
  id("when").textContent = `It goes out in ${queued.hold} seconds; until then you can take it back.${queued.cancelled ? " The earlier message is taken out." : ""}`;
  timer = setTimeout(() => { id("back").hidden = true; id("when").textContent = "It goes out now."; }, queued.hold * 1000);
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
    id("fault").textContent = refused.message;
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
  tell(`Message ${queued.number} was taken back. Nothing is sent; the form is as it was.`);
  queued = null;
  dialog.close();
});

dialog.addEventListener("cancel", (event) => {
  if (step !== "done" && step !== "words") return;
  event.preventDefault(); // the words are shown only now
  say("Press “Done” when the patient has the words.");
});

dialog.addEventListener("close", () => {
  clearTimeout(timer);
  forget();
  const done = queued;
  queued = null; asked = null;
  id("form").reset();
  if (!done) return;
  ready();
  tell(`${done.title} is in the outbox: `, "done", make("a", { href: `/sent/${done.number}` }, `message ${done.number}`));
});
