// The form with something in it already: it replaces a document (replaces), makes one again (again, data), or begins
// with what somebody chose elsewhere (data).

import { Fault, make, post, say } from "./desk.js";
import { fields, fill, saveAs, tell } from "./handout.js";
import { _, inLanguage } from "./words.js";

const form = document.getElementById("form");
const start = JSON.parse(form.dataset.start);

// Set here, not in the page: then "Next patient" empties them like all else.
form.elements.replaces.value = start.replaces;
form.elements.replaces.closest("details").open = Boolean(start.replaces);
form.addEventListener("reset", () => document.getElementById("started")?.remove());

if (start.again) makeAgain();
else if (Object.keys(start.data).length) {
  history.replaceState(null, "", "/");
  fill(start.data);
}

async function makeAgain() {
  const acts = document.querySelector(".acts");
  const compare = make("button", { type: "button", className: "main" }, _("Compare with the original"));
  for (const part of acts.querySelectorAll("button, select")) part.remove();
  acts.prepend(compare);
  for (const name of ["clinician", "visit_date"]) form.elements[name].value = ""; // of today, not of then
  await fill(start.data);
  compare.onclick = async () => {
    compare.disabled = true;
    try {
      const told = await post("/given/again/compare", { code: start.again, fields: fields() });
      mark([]);
      tell("", told.same ? "done" : "failed", ...told.told.flatMap((one) => [inLanguage(one), " "]), saving(told));
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
      tell(fault.shown, "failed");
      mark(fault.fields);
    } finally { compare.disabled = false; }
  };
}

// Beside each field what was otherwise then. Not among the form's own faults: each preview renews those.
function mark(differing) {
  for (const old of form.querySelectorAll(".then")) {
    for (const input of form.querySelectorAll(`[aria-describedby~="${old.id}"]`)) input.setAttribute("aria-describedby", input.getAttribute("aria-describedby").replace(` ${old.id}`, ""));
    old.remove();
  }
  const inputs = differing.map(({ field, message }) => {
    const place = document.getElementById(`${field === "appointment.at" ? "appointment.day" : field}-fault`);
    if (!place) return null;
    const told = make("p", { className: "then", id: `${field}-then` }, inLanguage(message));
    place.after(told);
    const input = place.parentElement.querySelector("input, select, textarea");
    input?.setAttribute("aria-describedby", `${input.getAttribute("aria-describedby") || ""} ${told.id}`);
    return input;
  });
  inputs.find(Boolean)?.focus();
}

function saving(told) {
  const save = make("button", { type: "button" }, told.same ? _("Save the PDF") : _("Save it though it differs"));
  save.onclick = async () => {
    save.disabled = true;
    try {
      await saveAs(await post("/given/again/save", { code: start.again, fields: fields() }, { raw: true }));
      say(_("It is saved in Downloads."));
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
      tell(fault.shown, "failed");
    } finally { save.disabled = false; }
  };
  return save;
}
