// A select that filters by what is typed: the select itself keeps the value, out of sight.

export function combine(select) {
  const options = [...select.options].slice(1);
  const input = document.createElement("input");
  const list = document.createElement("ul");
  const holder = document.createElement("div");
  let active = -1;
  const nameOf = (value) => options.find((one) => one.value === value)?.text || "";
  const found = () => [...list.children].filter((one) => !one.hidden);

  Object.assign(input, { className: "pick", type: "text", autocomplete: "off", placeholder: select.options[0].text, value: nameOf(select.value) });
  input.id = select.id;
  input.autofocus = select.autofocus;
  select.removeAttribute("id");
  select.removeAttribute("autofocus");
  select.hidden = true;
  list.id = `${input.id}_list`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  const about = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id, "aria-describedby": `${input.id}_error` };
  for (const [name, value] of Object.entries(about)) input.setAttribute(name, value);
  list.append(...options.map((option, number) => {
    const line = Object.assign(document.createElement("li"), { textContent: option.text, id: `${list.id}_${number}` });
    line.setAttribute("role", "option");
    line.dataset.value = option.value;
    return line;
  }));
  holder.className = "combo";
  select.replaceWith(holder);
  holder.append(select, input, list);

  function show(all) {
    const words = all ? "" : input.value.trim().toLowerCase();
    for (const line of list.children) {
      line.hidden = !line.textContent.toLowerCase().includes(words);
      line.setAttribute("aria-selected", String(line.dataset.value === select.value));
    }
    list.hidden = false;
    list.dataset.empty = found().length ? "" : "Nothing fits";
    input.setAttribute("aria-expanded", "true");
    point(found().findIndex((line) => line.dataset.value === select.value));
    list.scrollIntoView({ block: "nearest" }); // the last field's list would begin below the dialog's edge
  }

  function point(number) {
    active = number;
    found().forEach((line, place) => line.classList.toggle("active", place === number));
    found()[number]?.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", found()[number]?.id || "");
  }

  function choose(line) {
    if (line) select.value = line.dataset.value;
    hide();
  }

  function hide() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    if (!input.value) select.value = "";
    input.value = nameOf(select.value);
  }

  input.addEventListener("click", () => show(true));
  input.addEventListener("input", () => (show(false), point(found().length ? 0 : -1)));
  input.addEventListener("blur", hide);
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // the focus stays in the field: typing never goes behind the dialog
    const line = event.target.closest("[role=option]");
    if (line) input.value = line.textContent;
    if (line) choose(line);
  });
  input.addEventListener("keydown", (event) => {
    const open = !list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) return show(true);
      const size = found().length;
      point((active + (event.key === "ArrowDown" ? 1 : size - (active < 0 ? 0 : 1))) % size);
    } else if (event.key === "Enter" && open) {
      event.preventDefault();
      if (found()[active]) input.value = found()[active].textContent;
      choose(found()[active]);
    } else if (event.key === "Escape" && open) {
      event.preventDefault(); // closes the list alone
      event.stopPropagation();
      hide();
    }
  });
}
