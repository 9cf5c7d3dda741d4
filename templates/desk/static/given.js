// Given: files can be dropped, and the question before voiding stands in front of the page. All else is plain forms.

import { say } from "./desk.js";
import { _ } from "./words.js";

for (const form of document.querySelectorAll("form[data-drop]")) {
  const input = form.querySelector('input[type="file"]');
  const send = () => { if (input.files.length) { say(_("Looking at the file …"), 60); form.requestSubmit(); } };
  input.addEventListener("change", send);
  form.addEventListener("dragover", (event) => { event.preventDefault(); form.classList.add("over"); });
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    if (event.dataTransfer.files.length !== 1) { say(_("Drop one file.")); return; }
    input.files = event.dataTransfer.files;
    send();
  });
}

// A file that misses its place would open in the browser instead of the desk.
for (const kind of ["dragover", "drop"]) window.addEventListener(kind, (event) => event.preventDefault());

for (const button of document.querySelectorAll("[data-opens]")) {
  const dialog = document.getElementById(button.dataset.opens);
  button.addEventListener("click", (event) => { event.preventDefault(); dialog.showModal(); });
}
for (const button of document.querySelectorAll("[data-closes]")) {
  button.addEventListener("click", (event) => { event.preventDefault(); button.closest("dialog").close(); });
}
for (const dialog of document.querySelectorAll("dialog[data-asking]")) {
  dialog.close();
  dialog.showModal();
}
