// What the page does in the browser. `window.rag` is set by the page: the functions of its server.
"use strict";
{
  const chosen = localStorage.getItem("rag-language");
  const language = chosen ?? (navigator.language.startsWith("de") ? "de" : "en");
  document.documentElement.lang = language;

  const find = (selector) => document.querySelector(selector);
  const wide = () => matchMedia("(min-width: 1100px)").matches;
  const motion = () => matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  let pointer = "mouse";
  let opener = null;

  const say = (html) => {
    const line = find("#said");
    line.innerHTML = html;
    clearTimeout(say.timer);
    say.timer = setTimeout(() => (line.textContent = ""), 4000);
  };

  const ask = async (name, value) => {
    try {
      return await window.rag[name](value);
    } catch {
      say(find("#failed").innerHTML);
      return null;
    }
  };

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
    if (!reader.open) wide() ? reader.show() : reader.showModal();
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
    box.querySelector("p").textContent = mark.dataset.about;
    box.hidden = false;
    mark.setAttribute("aria-describedby", "peek");
    const at = mark.getBoundingClientRect();
    const left = Math.min(at.left - 24, innerWidth - box.offsetWidth - 12);
    const above = at.bottom + box.offsetHeight + 16 > innerHeight;
    box.style.left = `${Math.max(12, left)}px`;
    box.style.top = `${above ? at.top - box.offsetHeight - 8 : at.bottom + 8}px`;
    box.dataset.of = mark.getAttribute("href");
    box.dataset.n = mark.dataset.n;
  };
  const unpeek = () => find("#peek")?.setAttribute("hidden", "");

  // The answer before the one that is asked for now stays as it is, above it.
  window.ragAsk = (...sent) => {
    const done = find("#now .turn:not(.pending)");
    if (done) find("#earlier").append(done);
    const kept = sent.pop();
    return [...sent, (kept.turns ?? []).map((turn) => turn.question)];
  };

  window.ragKeep = (kept, added, most) => {
    if (!added) return kept;
    const before = kept.form === added.form ? kept.turns : [];
    return {...added, turns: [...before, ...added.turns].slice(-most)};
  };

  // Gradio's drop area knows the browser's language only, and its label English only.
  const nameDrop = () => {
    const area = find("#upload [data-testid=upload-text]");
    const words = find("#drop")?.content.querySelector(`[lang=${document.documentElement.lang}]`);
    if (!area || !words) return;
    area.dataset.words = words.textContent;
    area.closest("button").setAttribute("aria-label", words.textContent);
  };
  new MutationObserver(nameDrop).observe(document, {childList: true, subtree: true});

  const edit = (row, editing) => {
    row.classList.toggle("editing", editing);
    for (const kind of ["date", "source"]) {
      const cell = row.querySelector(`td.${kind}`);
      if (!editing) {
        cell.textContent = cell.dataset.value || "–";
        continue;
      }
      const input = document.createElement("input");
      input.value = cell.dataset.value;
      const spoken = `.listing th.${kind} [lang=${document.documentElement.lang}]`;
      input.setAttribute("aria-label", find(spoken).textContent);
      cell.replaceChildren(input);
    }
    row.querySelector(editing ? "input" : ".edit").focus();
  };

  const change = async (name, row, more) => {
    const search = find("#search input, #search textarea").value;
    const done = await ask(name, {document: row.dataset.doc, search, ...more});
    if (!done) return;
    say(done.said);
    if (!done.listing) return;
    if (row.matches(".editing")) edit(row, false); // a table that stays the same is not drawn anew
    window.ragListing(done.listing);
    window.ragStatistics(done.statistics);
  };

  const clicked = {
    "[data-language]": (button) => {
      localStorage.setItem("rag-language", button.dataset.language);
      document.documentElement.lang = button.dataset.language;
      window.ragSpeak(button.dataset.language);
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
      say(find("#copied").innerHTML);
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
    "#new": () => find("#earlier").replaceChildren(),
    "#export": () => {
      const turns = [...document.querySelectorAll(".turn[data-copy]")];
      save(turns.map((turn) => turn.dataset.copy).join("\n---\n\n"), "articles.md", "text/markdown");
    },
    "#questions": async () => {
      const rows = await ask("as_questions", null);
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

  document.addEventListener("pointerdown", (event) => (pointer = event.pointerType), true);
  document.addEventListener("click", (event) => {
    for (const [selector, act] of Object.entries(clicked)) {
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
    if (event.key !== "Escape") return;
    unpeek();
    shut();
  });
}
