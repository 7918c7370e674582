const chosen = localStorage.getItem("rag-language");
const language = chosen ?? (navigator.language.startsWith("de") ? "de" : "en");
document.documentElement.lang = language;

// A tab goes on with its own conversation, a new one with the last of all: what Gradio writes for
// all of them is copied for this one, and put back before it is read again.
const KEPT = "rag-conversation";
const store = Storage.prototype.setItem;
Storage.prototype.setItem = function (key, value) {
  if (this === localStorage && key === KEPT) store.call(sessionStorage, key, value);
  store.call(this, key, value);
};
const mine = sessionStorage.getItem(KEPT);
if (mine) localStorage.setItem(KEPT, mine);

const find = (selector) => document.querySelector(selector);
const findAll = (selector) => [...document.querySelectorAll(selector)];
// What a template says in the page's language.
const spoken = (template) =>
  find(template).content.querySelector(`[lang=${document.documentElement.lang}]`);
const wide = () => matchMedia("(min-width: 1100px)").matches;
const motion = () => matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
let pointer = "mouse";
let opener = null;

// What was done or is wrong, for as long as it takes to read.
const say = (html) => {
  const line = find("#said");
  line.innerHTML = html;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => (line.textContent = ""), 3000 + 60 * line.innerText.length);
};

const tell = (template) => say(find(template).innerHTML);

// A function of the server; null, and that is said, where nothing comes back.
const ask = async (name, value) => {
  const result = await Promise.resolve(window.rag[name](value)).catch(() => null);
  if (result !== null && result !== undefined) return result;
  const there = await fetch(location.pathname).catch(() => null);
  tell(there ? "#failed" : "#unreachable");
  return null;
};

const write = (text) => {
  const field = find("#ask textarea");
  field.value = text;
  field.dispatchEvent(new Event("input", {bubbles: true}));
  return field;
};
const fill = (text) => write(text).focus();

const save = (text, name, type) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], {type}));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
};

const copy = async (text) => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea"); // a page without TLS has no clipboard
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
};

// The whole article, beside the answer where there is room, else over it.
const open = async (wanted, number, from) => {
  const html = await ask("article", wanted);
  if (html === null) return;
  const reader = find("#reader");
  reader.querySelector(".body").innerHTML = html;
  if (!reader.open) {
    reader.role = wide() ? "complementary" : null; // beside the answer it is no dialog
    wide() ? reader.show() : reader.showModal();
    history.pushState({reader: true}, ""); // the browser's way back closes it
  }
  opener = from;
  const marks = [...reader.querySelectorAll("mark")];
  const shown = marks.filter((mark) => !number || mark.dataset.n === String(number));
  shown.forEach((mark) => mark.classList.add("now"));
  reader.querySelector(".body").scrollTop = 0;
  reader.querySelector("h2")?.focus({preventScroll: true});
  shown[0]?.scrollIntoView({block: "center"});
};

const shut = () => {
  const reader = find("#reader");
  if (!reader?.open) return;
  reader.close();
  opener?.focus({preventScroll: true});
};

const openCard = (card, number, from) => {
  document.querySelectorAll(".card.now").forEach((other) => other.classList.remove("now"));
  card.classList.add("now");
  card.closest("details.others")?.setAttribute("open", "");
  card.scrollIntoView({block: "nearest", behavior: motion()});
  const quotes = JSON.parse(card.dataset.quotes);
  open({document: card.dataset.doc, at: Number(card.dataset.at), quotes}, number, from);
};

// The quote behind a mark, while that is pointed at or has the focus.
const peek = (mark) => {
  const box = find("#peek");
  box.querySelector("q").textContent = mark.dataset.quote;
  box.querySelector("q").lang = mark.dataset.lang;
  const about = [...find(mark.getAttribute("href")).querySelectorAll(".opens, .about > span")];
  box.querySelector("p").replaceChildren(...about.slice(0, 4).flatMap((part) => {
    const copied = document.createElement("span");
    copied.append(...part.cloneNode(true).childNodes);
    return [copied, " "];
  }));
  box.hidden = false;
  mark.setAttribute("aria-describedby", "peek");
  const at = mark.getBoundingClientRect();
  const edge = Math.min(mark.closest(".says").getBoundingClientRect().right, innerWidth - 12);
  const left = Math.min(at.left - 24, edge - box.offsetWidth);
  const above = at.bottom + box.offsetHeight + 16 > innerHeight;
  box.style.left = `${Math.max(12, left)}px`;
  box.style.top = `${above ? at.top - box.offsetHeight - 8 : at.bottom + 8}px`;
  box.dataset.of = mark.getAttribute("href");
  box.dataset.n = mark.dataset.n;
};
const unpeek = () => find("#peek")?.setAttribute("hidden", "");

// A question sent while the one before is still being answered, which Gradio passes over.
let next = false;
let pressed = -1000; // when Enter was, in ms
let asking = 0; // questions that are being answered
// What was asked before the page was loaded anew, and not answered.
let unanswered = sessionStorage.getItem("rag-asked");

// The answer before the one that is asked for now stays as it is, above it.
window.ragAsk = (...sent) => {
  next = false;
  asking += 1;
  unanswered = null;
  const done = find("#now .turn:not(.pending)");
  if (done) find("#earlier").append(done);
  sessionStorage.setItem("rag-asked", sent[0].trim());
  write(""); // at once: what is typed from now on is the next question
  find("#filters > button.open")?.click();
  if (matchMedia("(hover: none)").matches) document.activeElement?.blur(); // its keyboard goes
  const kept = sent.pop();
  return [...sent, (kept.turns ?? []).map((turn) => turn.question)];
};

window.ragKeep = (kept, added, most) => {
  if (!added) return kept;
  sessionStorage.removeItem("rag-asked");
  const before = kept.form === added.form ? kept.turns : [];
  return {...added, turns: [...before, ...added.turns].slice(-most)};
};

// After an answer, or none: what was sent meanwhile is asked, else what has no answer comes back.
window.ragAfter = () => {
  asking = Math.max(0, asking - 1);
  settle();
};
const settle = () => setTimeout(() => {
  if (asking) return; // Gradio took the next one: this is done after that
  if (performance.now() - pressed < 300) return settle(); // or is about to
  const asked = sessionStorage.getItem("rag-asked");
  const waits = find("#ask textarea").value;
  if (!waits.trim()) return asked && write(asked);
  if (!next) return;
  write(waits); // typed before Gradio listened, it is not known there
  find("#ask button").click();
  sent(); // nor was the click, then
}, 100); // once Gradio has kept the answer
const sent = () => {
  pressed = performance.now();
  settle();
};

// After the page was loaded: where the reader was, and the question that was not answered.
window.ragRestored = () => setTimeout(() => {
  findAll("#past .turn").at(-1)?.scrollIntoView({block: "start"});
  if (unanswered && !find("#ask textarea").value) fill(unanswered);
}, 50);

// How many filters are set, beside the word that unfolds them.
const countFilters = () => {
  const dates = findAll("#filters input[type=date]").filter((input) => input.value);
  const button = find("#filters > button");
  if (button) button.dataset.set = dates.length + findAll("#filters .token").length || "";
};

// What Gradio reports is said in the page's words and language.
const hear = () => {
  const told = find(".toast-body.error:not([data-told])");
  if (!told) return;
  told.dataset.told = "";
  tell(/connection/i.test(told.textContent) ? "#unreachable" : "#failed");
};

const title = () => {
  const brand = find(`.brand [lang=${document.documentElement.lang}]`)?.textContent;
  if (brand && document.title !== brand) document.title = brand;
};

const clicked = {
  "[data-language]": (button) => {
    localStorage.setItem("rag-language", button.dataset.language);
    document.documentElement.lang = button.dataset.language;
    window.ragSpeak(button.dataset.language);
    title();
    nameDrop();
  },
  "a.cite, a.point, a.dot": (mark, event) => {
    event.preventDefault();
    if (pointer === "touch" && mark.matches(".cite")) return peek(mark);
    unpeek();
    openCard(find(mark.getAttribute("href")), mark.dataset.n, mark);
  },
  "#peek button": () => {
    const {of, n} = find("#peek").dataset;
    unpeek();
    openCard(find(of), n, find(`a.cite[href="${of}"][data-n="${n}"]`));
  },
  "button.opens": (button) => {
    const card = button.closest(".card");
    const from = button.dataset.doc ?? button.closest("tr")?.dataset.doc;
    from ? open({document: from}, null, button) : openCard(card, null, button);
  },
  "#reader .close": shut,
  ".copy": async (button) => {
    await copy(button.closest(".turn").dataset.copy);
    tell("#copied");
  },
  "[data-verdict]": async (button) => {
    const turn = button.closest(".turn");
    const about = JSON.parse(turn.dataset.turn);
    const said = await ask("feedback", {...about, verdict: button.dataset.verdict});
    if (said === null) return;
    turn.querySelectorAll("[data-verdict]").forEach((other) =>
      other.setAttribute("aria-pressed", String(other === button)));
    turn.querySelector(".done").innerHTML = said;
  },
  "#new": () => {
    sessionStorage.removeItem("rag-asked");
    find("#earlier").replaceChildren();
  },
  "#export": () => {
    const turns = [...document.querySelectorAll(".turn[data-copy]")];
    const name = `${spoken("#file").textContent} ${new Date().toLocaleDateString("sv")}.md`;
    save(turns.map((turn) => turn.dataset.copy).join("\n---\n\n"), name, "text/markdown");
  },
  "[role=tab]": shut,
  ".skip": () => findAll("#asking .turn .asked").at(-1).focus(),
  ".note .upload": () => find("#tabs [role=tab]:not([aria-selected=true])").click(),
  ".unfilter": (button) => {
    find("#clear").click();
    fill(JSON.parse(button.closest(".turn").dataset.turn).question);
  },
};

document.addEventListener("pointerdown", (event) => (pointer = event.pointerType), true);
document.addEventListener("click", (event) => {
  for (const [selector, act] of Object.entries({...clicked, ...clickedOnShelf})) {
    const target = event.target.closest(selector);
    if (target) return act(target, event);
  }
  if (!event.target.closest("#peek")) unpeek();
});
for (const [begin, end] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
  document.addEventListener(begin, (event) => {
    const mark = event.target.closest?.("a.cite");
    if (mark && pointer !== "touch") peek(mark);
  });
  document.addEventListener(end, (event) => {
    if (event.target.closest?.("a.cite") && pointer !== "touch") unpeek();
  });
}
document.addEventListener("keydown", (event) => {
  pointer = "keyboard";
  if (event.target.matches?.("#ask textarea")) {
    next = event.key === "Enter" && !event.shiftKey && !event.isComposing;
    if (next) sent();
  }
  if (event.key !== "Escape") return;
  unpeek();
  shut();
});
window.addEventListener("popstate", shut);
document.addEventListener("close", (event) => {
  if (event.target.id === "reader" && history.state?.reader) history.back();
}, true);
document.addEventListener("change", countFilters);
document.addEventListener("paste", (event) => {
  const field = event.target.closest?.("#ask textarea");
  const free = field && field.maxLength - field.value.length;
  if (field && event.clipboardData.getData("text").length > free) tell("#too-long");
});
new MutationObserver(() => {
  hear();
  countFilters();
  title();
  nameDrop();
}).observe(document, {childList: true, subtree: true});
