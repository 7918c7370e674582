// The articles: uploads, corrections, removal. Shares the names of `page.js`.

// Gradio's drop area knows the browser's language only, and its label English only.
const nameDrop = () => {
  const area = find("#upload [data-testid=upload-text]");
  if (!area) return;
  const words = spoken("#drop");
  area.dataset.words = words.textContent;
  area.closest("button").setAttribute("aria-label", words.textContent);
};

// What Gradio would refuse, in its own words and with all that was chosen beside it, is left out.
const sift = (files) => {
  const {suffixes, most} = find("#refused").dataset;
  const known = (file) => suffixes.split(" ").some((end) => file.name.toLowerCase().endsWith(end));
  const good = new DataTransfer();
  const list = document.createElement("ul");
  for (const file of files) {
    const reason = !known(file) ? "#wrong-kind" : file.size > most ? "#too-large" : null;
    if (reason === null) {
      good.items.add(file);
      continue;
    }
    const line = document.createElement("li");
    line.append(`${file.name}: `, find(reason).content.cloneNode(true));
    list.append(line);
  }
  const told = document.createElement("div");
  told.className = "note problem";
  told.setAttribute("role", "status");
  told.append(find("#refused-title").content.cloneNode(true), list);
  find("#refused").replaceChildren(...(list.children.length ? [told] : []));
  find("#report .html-container, #report")?.querySelectorAll(".note").forEach((old) => old.remove());
  return good.files;
};

document.addEventListener("change", (event) => {
  const input = event.target;
  if (!input.matches?.("#upload input[type=file]") || !input.files.length) return;
  const good = sift(input.files);
  if (good.length === input.files.length) return;
  input.files = good;
  if (!good.length) event.stopImmediatePropagation();
}, true);
document.addEventListener("drop", (event) => {
  const area = event.target.closest?.("#upload");
  const input = area?.querySelector("input[type=file]");
  if (!input || !event.dataTransfer.files.length) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  event.target.dispatchEvent(new DragEvent("dragleave", {bubbles: true}));
  input.files = event.dataTransfer.files;
  input.dispatchEvent(new Event("change", {bubbles: true}));
}, true);

const edit = (row, editing) => {
  row.classList.toggle("editing", editing);
  for (const kind of ["date", "source"]) {
    const cell = row.querySelector(`td.${kind}`);
    if (!editing) {
      cell.replaceChildren(...cell.shown);
      continue;
    }
    const input = document.createElement("input");
    const {value} = cell.dataset; // a date is written as it is read, not as it is kept
    input.value = value && kind === "date" ? cell.innerText : value;
    if (kind === "date") input.placeholder = spoken("#date-form").textContent;
    input.setAttribute("aria-label", find(`.listing th.${kind}`).innerText);
    cell.shown = [...cell.childNodes];
    cell.replaceChildren(input);
  }
  row.querySelector(editing ? "input" : ".edit").focus();
};

const change = async (name, row, more) => {
  const search = find("#search input, #search textarea");
  row.classList.add("busy");
  const done = await ask(name, {document: row.dataset.doc, search: search.value, ...more});
  row.classList.remove("busy");
  if (!done) return;
  say(done.said);
  if (!done.listing) return row.querySelector("input")?.focus();
  if (row.matches(".editing")) edit(row, false); // a table that stays the same is not drawn anew
  window.ragListing(done.listing);
  window.ragStatistics(done.statistics);
  const again = () => find(`tr[data-doc="${CSS.escape(row.dataset.doc)}"] .edit`) ?? search;
  setTimeout(() => again().focus(), 50);
};

const clickedOnShelf = {
  "#questions": async () => {
    const rows = await ask("as_questions", null);
    if (rows === "") return tell("#no-feedback");
    if (rows !== null) save(rows, "feedback-questions.jsonl", "application/jsonl");
  },
  "tr .edit": (button) => edit(button.closest("tr"), true),
  "tr .cancel": (button) => edit(button.closest("tr"), false),
  "tr .save": (button) => {
    const row = button.closest("tr");
    const [published, source] = [...row.querySelectorAll("input")].map((input) => input.value);
    change("correct", row, {published, source});
  },
  "tr .remove": (button) => {
    const sure = find("#sure");
    const row = button.closest("tr");
    sure.querySelector("b").textContent = row.querySelector(".article").textContent;
    sure.onclose = () => sure.returnValue === "remove" && change("remove", row, {});
    sure.returnValue = "";
    sure.showModal();
  },
};

document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.("tr.editing");
  const meant = {Enter: ".save", Escape: ".cancel"}[event.key];
  if (row && meant && event.target.matches("input")) row.querySelector(meant).click();
});
