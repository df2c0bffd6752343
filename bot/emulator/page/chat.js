// The chat page: two people side by side, each with a private chat with the bot.
// The server tells by events what changed; the page then reads that chat again and redraws what differs.

const SPINNER_MS = 15_000;
const TOAST_MS = 3_500;
const ALBUM = 10;
const NEAR_END = 90;
const DEFAULT_PEOPLE = [1001, 2001];
const MANAGER_IDS = [2001, 3000];
const STAFF_IDS = [3001, 1_000_000];

const template = document.getElementById("pane");
const offline = document.querySelector(".offline");
const adding = document.querySelector("dialog.adding");
const viewer = document.querySelector("dialog.viewer");
let world = { bot: {}, people: [] };

async function ask(what) {
  const response = await fetch(`/control/${what}`);
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

async function act(command, body) {
  const sent = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(`/control/${command}`, sent).catch(() => {
    throw new Error("Нет связи с ботом. Попробуйте ещё раз, когда она появится.");
  });
  const result = await response.json();
  if (!response.ok) throw new Error(result.error);
  return result;
}

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function drawing(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(svg.namespaceURI, "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}

const clock = new Intl.DateTimeFormat("ru", { hour: "2-digit", minute: "2-digit" });
const today = new Intl.DateTimeFormat("ru", { weekday: "short", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
const megabytes = (size) =>
  size < 1024 ? `${size} Б` : size < 1 << 20 ? `${Math.round(size / 1024)} КБ` : `${(size / (1 << 20)).toFixed(1)} МБ`;
const called = (person) => (person.about ? `${person.name}, ${person.about}` : person.name);
const initials = (name) => name.split(" ").map((word) => word[0]).slice(0, 2).join("");

// Words with entities become elements; nothing of a message is ever read as HTML.

const TAGS = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote", text_link: "a", spoiler: "button",
};
const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);
const SPECIAL = /(https?:\/\/[^\s<>"«»]+[^\s<>"«».,:;!?)])|(?<![^\s(«])(\/[A-Za-z0-9_]{1,32})(?![^\s.,:;!?)»])/g;

function formatted(text, entities, pane) {
  const nodes = [];
  let at = 0;
  const known = entities.filter((entity) => TAGS[entity.type]);
  while (known.length) {
    const outer = known.shift();
    const end = outer.offset + outer.length;
    const inner = [];
    while (known.length && known[0].offset < end) inner.push(known.shift());
    nodes.push(...plain(text.slice(at, outer.offset), pane));
    nodes.push(entityElement(outer, text, inner, pane));
    at = BLOCKS.has(outer.type) && text[end] === "\n" ? end + 1 : end;
  }
  nodes.push(...plain(text.slice(at), pane));
  return nodes;
}

function entityElement(entity, text, inner, pane) {
  const element = make(TAGS[entity.type]);
  const words = text.slice(entity.offset, entity.offset + entity.length);
  const moved = inner.map((one) => ({ ...one, offset: one.offset - entity.offset }));
  const verbatim = ["code", "pre", "text_link"].includes(entity.type);
  element.append(...(verbatim ? [words] : formatted(words, moved, pane)));
  if (entity.type === "text_link") return pane.link(element, entity.argument);
  if (entity.type === "spoiler") {
    Object.assign(element, { type: "button", className: "spoiler", title: "Показать скрытое" });
    element.addEventListener("click", () => element.classList.toggle("open"));
  }
  return element;
}

function plain(words, pane) {
  const nodes = [];
  let at = 0;
  for (const found of words.matchAll(SPECIAL)) {
    nodes.push(words.slice(at, found.index), found[1] ? pane.link(make("a", {}, found[1]), found[1]) : pane.command(found[2]));
    at = found.index + found[0].length;
  }
  return [...nodes, words.slice(at)].filter((node) => node !== "");
}

class Pane {
  constructor(index) {
    this.index = index;
    this.root = template.content.firstElementChild.cloneNode(true);
    this.list = this.find(".messages");
    this.scroll = this.find(".scroll");
    this.words = this.find("textarea");
    this.person = null;
    this.nodes = new Map();
    this.presses = new Map();
    this.answers = new Set();
    this.files = [];
    this.replyTo = null;
    this.commands = [];
    this.stale = false;
    this.reading = false;
    this.listen();
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  on(selector, event, handler) {
    this.find(selector).addEventListener(event, handler);
  }

  listen() {
    this.on(".person", "change", (event) => this.choose(event.target.value));
    this.on(".role", "change", (event) => this.appoint(event.target.value));
    this.on(".network", "click", () => this.cut(!bench.state.cut.includes(this.person)));
    this.on(".start", "click", () => this.say("/start"));
    this.on(".block", "click", () => this.do("block", { blocked: !this.who().blocked }));
    this.on(".menu", "click", () => this.toggleCommands());
    this.on(".drop-reply", "click", () => this.answer(null));
    this.on(".down", "click", () => this.toEnd());
    this.on(".scroll", "scroll", () => this.showDown());
    this.on("input[type=file]", "change", (event) => this.takeFiles(event.target));
    this.on("form.composer", "submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.words.addEventListener("keydown", (event) => this.key(event));
    this.words.addEventListener("input", () => this.grow());
    this.words.addEventListener("paste", (event) => this.attach([...event.clipboardData.files]));
    this.root.addEventListener("dragover", (event) => this.drag(event, true));
    this.root.addEventListener("dragleave", (event) => this.drag(event, false));
    this.root.addEventListener("drop", (event) => {
      this.drag(event, false);
      this.attach([...event.dataTransfer.files]);
    });
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      this.answer(null);
      this.toggleCommands(false);
    });
  }

  key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.send();
    }
  }

  grow() {
    this.words.style.height = "auto";
    this.words.style.height = `${Math.min(this.words.scrollHeight + 2, 140)}px`;
  }

  drag(event, over) {
    event.preventDefault();
    this.root.classList.toggle("dropping", over);
  }

  // Who sits here.

  who() {
    return world.people.find((person) => person.id === this.person) ?? { name: "", blocked: false };
  }

  choose(value) {
    if (value === "add") {
      this.showPeople();
      addPerson(this);
      return;
    }
    this.person = Number(value);
    this.nodes.clear();
    this.list.replaceChildren();
    this.answer(null);
    remember();
    this.showPeople();
    this.read(true);
  }

  showPeople() {
    const select = this.find(".person");
    const options = world.people.map((person) => make("option", { value: person.id }, called(person)));
    select.replaceChildren(...options, make("option", { value: "add" }, "Добавить собеседника…"));
    select.value = this.person;
    const who = this.who();
    const avatar = this.find(".avatar");
    avatar.textContent = initials(who.name);
    avatar.style.setProperty("--hue", (this.person * 47) % 360);
    this.root.setAttribute("aria-label", called(who));
    const block = this.find(".block");
    const label = who.blocked ? "Разблокировать бота" : "Заблокировать бота";
    block.setAttribute("aria-pressed", who.blocked);
    block.title = label;
    block.querySelector(".hidden").textContent = label;
    if (bench.state) this.showBench();
  }

  // What the page can do to the bot, where it is there.

  showBench() {
    const { roles, people, owners, cut } = bench.state;
    const role = people[this.person];
    const select = this.find(".role");
    this.find(".appointed").hidden = !role;
    this.find(".network").hidden = false;
    select.replaceChildren(...roles.map(({ name, label }) => make("option", { value: name }, label)));
    select.value = role ?? "";
    select.disabled = owners.includes(this.person);
    select.title = select.disabled ? "Завхоз из настроек" : "Роль";
    const isCut = cut.includes(this.person);
    const button = this.find(".network");
    const label = isCut ? "Вернуть связь с этим чатом" : "Оборвать связь с этим чатом";
    button.setAttribute("aria-pressed", isCut);
    button.title = label;
    button.querySelector(".hidden").textContent = label;
  }

  async appoint(role) {
    if (await bench.do("role", { person: this.person, role })) await this.say("/menu");
  }

  cut(cut) {
    return bench.do("network", { person: this.person, cut });
  }

  // What is seen.

  async read(toEnd = false) {
    this.stale = true;
    if (this.reading) return;
    this.reading = true;
    try {
      while (this.stale) {
        this.stale = false;
        const person = this.person;
        const chat = await ask(`messages?person=${person}`);
        if (person === this.person) this.draw(chat, toEnd);
        else this.stale = true;
      }
    } catch {
      offline.hidden = false;
    } finally {
      this.reading = false;
    }
  }

  draw(chat, toEnd) {
    const wasAtEnd = toEnd || this.atEnd();
    const groups = grouped(chat.messages);
    const kept = new Map();
    groups.forEach((group, index) => {
      const key = group[0].id;
      const signature = JSON.stringify(group);
      let node = this.nodes.get(key);
      if (!node || node.signature !== signature) {
        const fresh = this.message(group);
        node?.replaceWith(fresh);
        node = fresh;
        node.signature = signature;
      }
      node.classList.toggle("far", index > 0 && groups[index - 1][0].author.id !== group[0].author.id);
      kept.set(key, node);
    });
    for (const [key, node] of this.nodes) if (!kept.has(key)) node.remove();
    [...kept.values()].forEach((node, index) => {
      if (this.list.children[index] !== node) this.list.insertBefore(node, this.list.children[index] ?? null);
    });
    this.nodes = kept;
    this.commands = chat.commands;
    this.find(".empty").hidden = groups.length > 0;
    this.find(".menu").hidden = chat.commands.length === 0;
    if (wasAtEnd) this.toEnd();
    this.showDown();
  }

  atEnd() {
    return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < NEAR_END;
  }

  toEnd() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
  }

  showDown() {
    this.find(".down").hidden = this.atEnd();
  }

  message(group) {
    const first = group[0];
    const mine = first.author.id === this.person;
    const bubble = make("div", { className: "bubble" });
    if (first.reply_to) bubble.append(this.quoted(first.reply_to));
    bubble.append(...this.media(group));
    const words = group.filter((one) => one.text);
    const meta = this.meta(first);
    if (words.length) {
      const body = make("div", { className: "body" });
      words.forEach((one, index) => body.append(...(index ? ["\n"] : []), ...formatted(one.text, one.entities, this)));
      body.append(meta);
      bubble.append(body);
    } else {
      bubble.append(meta);
    }
    const held = make("div", { className: "held" }, bubble, this.answerButton(first));
    const item = make("li", { className: mine ? "message mine" : "message" }, held);
    item.dataset.ids = group.map((one) => one.id).join(" ");
    if (first.rows.length) item.append(this.keyboard(first));
    bubble.addEventListener("dblclick", (event) => {
      if (!event.target.closest("button, a")) this.answer(first);
    });
    return item;
  }

  meta(message) {
    const time = clock.format(new Date(message.date * 1000));
    return make("span", { className: "meta" }, message.edited ? `изменено ${time}` : time);
  }

  quoted(message) {
    const words = make("span", {}, message.text || "Вложение");
    const button = make("button", { type: "button", className: "quoted" }, make("b", {}, message.author.name), words);
    button.addEventListener("click", () => this.show(message.id));
    return button;
  }

  show(id) {
    const node = [...this.list.children].find((item) => item.dataset.ids.split(" ").includes(String(id)));
    if (!node) return;
    node.scrollIntoView({ block: "center", behavior: "smooth" });
    node.classList.add("found");
    setTimeout(() => node.classList.remove("found"), 1200);
  }

  media(group) {
    const photos = group.filter((one) => one.kind === "photo");
    const elements = [];
    if (photos.length) {
      const many = photos.length > 1 ? ` many${photos.length % 2 ? " odd" : ""}` : "";
      elements.push(make("div", { className: `photos${many}` }, ...photos.map((one) => this.photo(one))));
    }
    for (const one of group) {
      if (one.kind === "document") elements.push(this.file(one.file));
      if (one.kind === "sticker") elements.push(make("div", { className: "other" }, "Стикер"));
      if (one.kind === "voice") elements.push(make("div", { className: "other" }, "Голосовое сообщение"));
    }
    return elements;
  }

  photo(message) {
    const { url, width, height } = message.file;
    const image = make("img", { src: url, width, height, alt: message.text ? `Фото: ${message.text}` : "Фото" });
    const button = make("button", { type: "button", className: "photo", title: "Открыть фото" }, image);
    image.style.aspectRatio = `${width} / ${height}`;
    button.addEventListener("click", () => {
      viewer.querySelector("img").src = url;
      viewer.showModal();
    });
    return button;
  }

  file(file) {
    const words = make("span", {}, make("b", {}, file.name), make("small", {}, megabytes(file.size)));
    const link = make("a", { className: "file", href: file.url, download: file.name });
    link.append(drawing("M7 3h7l5 5v13H7zM14 3v5h5"), words);
    return link;
  }

  keyboard(message) {
    const keys = make("div", { className: "keys" });
    message.rows.forEach((row) => {
      const line = make("div");
      row.forEach((button) => {
        const key = make("button", { type: "button", className: button.url ? "key link" : "key" }, button.text);
        key.addEventListener("click", () => this.press(message, button, key));
        line.append(key);
      });
      keys.append(line);
    });
    return keys;
  }

  answerButton(message) {
    const button = make("button", { type: "button", className: "icon answer", title: "Ответить" });
    button.append(drawing("M10 8V4L3 11l7 7v-4c5 0 8 1.5 10 5 0-6-3-11-10-11z"), make("span", { className: "hidden" }, "Ответить"));
    button.addEventListener("click", () => this.answer(message));
    return button;
  }

  // What is done.

  async do(command, body = {}) {
    try {
      return await act(command, { person: this.person, ...body });
    } catch (error) {
      this.toast(error.message);
      return null;
    }
  }

  say(text) {
    return this.do("say", { text });
  }

  async press(message, button, key) {
    if (button.url && !this.ours(button.url)) window.open(button.url, "_blank", "noopener,noreferrer");
    key.classList.add("busy");
    key.setAttribute("aria-busy", "true");
    const press = await this.do("press", { message_id: message.id, label: button.text });
    if (!press?.id || this.answers.has(press.id)) {
      this.rest(key);
      return;
    }
    this.presses.set(press.id, key);
    setTimeout(() => this.rest(key), SPINNER_MS);
  }

  rest(key) {
    key.classList.remove("busy");
    key.removeAttribute("aria-busy");
  }

  answered(press) {
    this.answers.add(press.id);
    const key = this.presses.get(press.id);
    this.presses.delete(press.id);
    if (key) this.rest(key);
    if (press.url) this.follow(press.url);
    if (!press.text) return;
    if (press.alert) this.alert(press.text);
    else this.toast(press.text);
  }

  alert(text) {
    const dialog = this.find("dialog.alert");
    dialog.querySelector("p").textContent = text;
    if (!dialog.open) dialog.showModal();
  }

  toast(text) {
    const toast = this.find(".toast");
    toast.textContent = text;
    toast.hidden = false;
    clearTimeout(this.toasting);
    this.toasting = setTimeout(() => (toast.hidden = true), TOAST_MS);
  }

  ours(url) {
    return new RegExp(`^(https?://)?t\\.me/${world.bot.username}(\\?|$)`).test(url);
  }

  follow(url) {
    if (this.ours(url)) this.do("open", { url });
    else window.open(url, "_blank", "noopener,noreferrer");
  }

  link(element, url) {
    const safe = /^(https?|tg|mailto|tel):/i.test(url) ? url : `https://${url}`;
    Object.assign(element, { href: safe, target: "_blank", rel: "noopener noreferrer" });
    if (this.ours(url)) {
      element.addEventListener("click", (event) => {
        event.preventDefault();
        this.follow(url);
      });
    }
    return element;
  }

  command(text) {
    const button = make("button", { type: "button", className: "command" }, text);
    button.addEventListener("click", () => this.say(text));
    return button;
  }

  toggleCommands(open = this.find(".commands").hidden) {
    const list = this.find(".commands");
    list.hidden = !open;
    this.find(".menu").setAttribute("aria-expanded", open);
    list.replaceChildren(
      ...this.commands.map(({ command, description }) => {
        const name = `/${command.replace("/", "")}`;
        const button = make("button", { type: "button" }, make("b", {}, name), make("span", {}, description));
        button.setAttribute("role", "menuitem");
        button.addEventListener("click", () => {
          this.toggleCommands(false);
          this.say(name);
          this.words.focus();
        });
        const item = make("li", {}, button);
        item.setAttribute("role", "none");
        return item;
      }),
    );
    if (open) list.querySelector("button")?.focus();
  }

  answer(message) {
    this.replyTo = message;
    const bar = this.find(".replying");
    bar.hidden = !message;
    if (!message) return;
    const words = message.text || "Вложение";
    bar.querySelector(".quote").replaceChildren(make("b", {}, message.author.name), make("span", {}, words));
    this.words.focus();
  }

  // Attachments and sending.

  takeFiles(input) {
    this.attach([...input.files]);
    input.value = "";
  }

  attach(files) {
    this.files.push(...files);
    this.showFiles();
    if (files.length) this.words.focus();
  }

  showFiles() {
    const list = this.find(".attached");
    list.hidden = this.files.length === 0;
    this.words.placeholder = this.files.length ? "Подпись" : "Сообщение";
    list.replaceChildren(
      ...this.files.map((file) => {
        const button = make("button", { type: "button", title: `Убрать ${file.name}` }, file.name);
        if (isPhoto(file)) {
          const image = make("img", { src: URL.createObjectURL(file), alt: file.name });
          image.addEventListener("load", () => URL.revokeObjectURL(image.src));
          button.replaceChildren(image);
        }
        button.addEventListener("click", () => {
          this.files = this.files.filter((other) => other !== file);
          this.showFiles();
        });
        return make("li", {}, button);
      }),
    );
  }

  async send() {
    const text = this.words.value.trim();
    const files = this.files;
    const reply = this.replyTo ? { reply_to: this.replyTo.id } : {};
    if (!text && !files.length) return;
    if (this.who().blocked) {
      this.toast("Бот заблокирован: разблокируйте его, чтобы писать.");
      return;
    }
    this.files = [];
    this.words.value = "";
    this.grow();
    this.showFiles();
    this.answer(null);
    const sent = files.length ? await this.sendFiles(files, text, reply) : await this.do("say", { text, ...reply });
    if (sent) {
      this.toEnd();
    } else {
      this.words.value = text;
      this.attach(files);
    }
  }

  async sendFiles(files, caption, reply) {
    let sent = null;
    for (const batch of batches(files)) {
      const items = await Promise.all(batch.map(contents));
      sent = await this.sendBatch(items, caption, reply);
      if (!sent) return null;
      caption = "";
    }
    return sent;
  }

  sendBatch(items, caption, reply) {
    if (items.length > 1) return this.do("album", { items, caption });
    const [{ name, content }] = items;
    if (name) return this.do("document", { name, content, caption, ...reply });
    return this.do("photo", { content, caption, ...reply });
  }
}

function grouped(messages) {
  const groups = [];
  for (const message of messages) {
    const last = groups.at(-1);
    if (message.album && last?.[0].album === message.album) last.push(message);
    else groups.push([message]);
  }
  return groups;
}

const isPhoto = (file) => /^image\/(png|jpeg|gif|webp)$/.test(file.type);

function batches(files) {
  const result = [];
  for (const sort of [files.filter(isPhoto), files.filter((file) => !isPhoto(file))]) {
    for (let at = 0; at < sort.length; at += ALBUM) result.push(sort.slice(at, at + ALBUM));
  }
  return result;
}

async function contents(file) {
  const url = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
  const content = url.slice(url.indexOf(",") + 1);
  return isPhoto(file) ? { content } : { name: file.name, content };
}

// Time, roles and the network of a bot in the same process; the page of an emulator alone has none of it.

class Bench {
  constructor() {
    this.root = document.querySelector(".bench");
    this.state = null;
    this.ahead = 0;
    for (const button of this.root.querySelectorAll("[data-seconds]")) {
      button.addEventListener("click", () => this.do("clock", { seconds: Number(button.dataset.seconds) }));
    }
    this.root.querySelector(".next").addEventListener("click", () => this.do("clock", {}));
    this.root.querySelector(".again").addEventListener("click", () => this.do("again", {}));
    setInterval(() => this.tick(), 1000);
  }

  async read() {
    const response = await fetch("/bench").catch(() => null);
    if (response?.ok) this.show(await response.json());
  }

  async do(command, body) {
    const sent = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    const response = await fetch(`/bench/${command}`, sent).catch(() => null);
    const result = await response?.json();
    this.root.querySelector(".said").textContent = response?.ok ? "" : (result?.error ?? "Нет связи с ботом.");
    if (response?.ok) this.show(result);
    else await this.read();
    return Boolean(response?.ok);
  }

  show(state) {
    this.state = state;
    this.ahead = state.now * 1000 - Date.now();
    this.root.hidden = false;
    this.tick();
    panes.forEach((pane) => pane.showBench());
  }

  tick() {
    if (this.state) this.root.querySelector(".now").textContent = today.format(new Date(Date.now() + this.ahead));
  }
}

// The two panes, and the line to the server.

const bench = new Bench();

const panes = [new Pane(0), new Pane(1)];

function remember() {
  localStorage.setItem("zavhoz.people", JSON.stringify(panes.map((pane) => pane.person)));
}

function remembered() {
  try {
    return JSON.parse(localStorage.getItem("zavhoz.people")) ?? DEFAULT_PEOPLE;
  } catch {
    return DEFAULT_PEOPLE;
  }
}

function addPerson(pane) {
  const form = adding.querySelector("form");
  form.reset();
  form.onsubmit = async () => {
    const { manager, ...person } = Object.fromEntries(new FormData(form));
    const [lowest, highest] = manager ? MANAGER_IDS : STAFF_IDS;
    const taken = world.people.map((other) => other.id).filter((id) => lowest <= id && id < highest);
    const id = Math.max(lowest - 1, ...taken) + 1;
    await act("person", { id, ...person, about: person.about || (manager ? "завхоз" : "") });
    await readWorld();
    pane.choose(id);
  };
  adding.querySelector(".quiet").onclick = () => adding.close();
  adding.showModal();
}

async function readWorld() {
  world = await ask("state");
  document.querySelector("h1").textContent = world.bot.name;
  const known = world.people.map((person) => person.id);
  const wanted = remembered();
  panes.forEach((pane, index) => {
    if (!known.includes(pane.person)) {
      pane.person = known.includes(wanted[index]) ? wanted[index] : (known[index] ?? known[0]);
    }
    pane.showPeople();
  });
  await bench.read();
}

function hear(event) {
  if (event.what === "changed") readWorld();
  for (const pane of panes) {
    if (event.what === "answered" && event.press.person === pane.person) pane.answered(event.press);
    if (event.chat === pane.person || event.chat === 0) pane.read();
    // Who writes for the first time has a role from then on.
    if (event.chat === pane.person && bench.state && !bench.state.people[pane.person]) bench.read();
  }
}

function connect() {
  const events = new EventSource("/control/events");
  events.onopen = async () => {
    offline.hidden = true;
    await readWorld();
    panes.forEach((pane) => pane.read(true));
  };
  events.onmessage = ({ data }) => hear(JSON.parse(data));
  events.onerror = () => {
    offline.hidden = false;
  };
}

document.querySelector(".panes").append(...panes.map((pane) => pane.root));
connect();
