// A box that shows passwords while they are typed.

import { _ } from "./words.js";

for (const place of document.querySelectorAll("[data-shows]")) {
  const box = Object.assign(document.createElement("input"), { type: "checkbox", id: "show" });
  const label = Object.assign(document.createElement("label"), { htmlFor: "show", textContent: _("Show what is typed") });
  box.addEventListener("change", () => {
    for (const id of place.dataset.shows.split(" ")) document.getElementById(id).type = box.checked ? "text" : "password";
  });
  place.append(box, label);
  place.hidden = false;
}
