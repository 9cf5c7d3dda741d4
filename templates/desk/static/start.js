// The form with something in it already: it replaces a document (replaces), or makes one again (again, data).

import { Fault, make, post, say } from "./desk.js";
import { fields, fill, saveAs, showFaults, tell } from "./handout.js";

const form = document.getElementById("form");
const start = JSON.parse(form.dataset.start);

// Set here, not in the page: then "Next patient" empties them like all else.
form.elements.replaces.value = start.replaces;
form.elements.replaces.closest("details").open = Boolean(start.replaces);
form.addEventListener("reset", () => document.getElementById("started")?.remove());

if (start.again) makeAgain();

async function makeAgain() {
  const acts = document.querySelector(".acts");
  const compare = make("button", { type: "button", className: "main" }, "Compare with the original");
  for (const part of acts.querySelectorAll("button, select")) part.remove();
  acts.prepend(compare);
  for (const name of ["clinician", "visit_date"]) form.elements[name].value = ""; // of today, not of then
  await fill(start.data);
  compare.onclick = async () => {
    compare.disabled = true;
    try {
      const told = await post("/given/again/compare", { code: start.again, fields: fields() });
      showFaults([]);
      tell(told.told.join(" "), told.same ? "done" : "failed", saving(told));
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
      tell(fault.message, "failed");
      showFaults(fault.fields, { say: true });
    } finally { compare.disabled = false; }
  };
}

function saving(told) {
  const save = make("button", { type: "button" }, told.same ? "Save the PDF" : "Save it though it differs");
  save.onclick = async () => {
    save.disabled = true;
    try {
      await saveAs(await post("/given/again/save", { code: start.again, fields: fields() }, { raw: true }));
      say("It is saved among your downloads.");
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
      tell(fault.message, "failed");
    } finally { save.disabled = false; }
  };
  return save;
}
