// The developers' page: lists APIs and products, shows an operation, and sends a request with the reader's own key.
// What the server says is only ever put in as text, never as markup. Keys stay in the fields they are typed into.
"use strict";

const navigation = document.getElementById("navigation");
const content = document.getElementById("content");
const menu = document.getElementById("menu");
const credentials = { key: "", token: "" };
const depthMax = 5;
const shownMax = 200000;
let apis = [];
let products = [];

/** An element with attributes and children; children that are text stay text. */
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key === "onclick" || key === "oninput" || key === "onsubmit") made.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== ""));
  return made;
}

// MARK: Descriptions

const methods = ["get", "post", "put", "patch", "delete", "head", "options"];

/** The operations of an API, in the order of their paths. */
function operations(api) {
  const found = [];
  for (const [path, item] of Object.entries(api.openapi.paths)) {
    for (const method of methods) {
      if (item[method]) found.push({ api, path, method, ...item[method] });
    }
  }
  return found;
}

/** A schema with its reference followed. */
function resolved(api, schema) {
  let found = schema || {};
  for (let step = 0; found.$ref && step < 16; step += 1) {
    found = api.openapi.components.schemas[found.$ref.split("/").pop()] || {};
  }
  return found;
}

function nameOf(schema) {
  return schema && schema.$ref ? schema.$ref.split("/").pop() : "";
}

/** What a schema asks for, in a few words. */
function summary(api, schema) {
  const full = resolved(api, schema);
  const words = [];
  if (nameOf(schema)) words.push(nameOf(schema));
  if (full.type) words.push([full.type].flat().join(" or "));
  if (full.type === "array" && full.items) words.push(`of ${summary(api, full.items)}`);
  if (full.enum) words.push(`one of ${full.enum.map((value) => JSON.stringify(value)).join(", ")}`);
  if (full.const !== undefined) words.push(`always ${JSON.stringify(full.const)}`);
  words.push(...range(full.minLength, full.maxLength, " characters"), ...range(full.minimum, full.maximum, ""),
    ...range(full.minItems, full.maxItems, " elements"));
  for (const [keyword, text] of [
    ["exclusiveMinimum", "more than "], ["exclusiveMaximum", "less than "], ["multipleOf", "a multiple of "],
    ["format", ""],
  ]) {
    if (full[keyword] !== undefined) words.push(text + full[keyword]);
  }
  for (const [keyword, text] of [["oneOf", "exactly one of"], ["anyOf", "any of"], ["allOf", "all of"]]) {
    if (full[keyword]) words.push(`${text} ${full[keyword].map((part) => summary(api, part) || "a form").join(" | ")}`);
  }
  return words.join(", ");
}

function range(least, most, what) {
  if (least !== undefined && most !== undefined) return [`${least} to ${most}${what}`];
  if (least !== undefined) return [`${least} and more${what}`];
  return most !== undefined ? [`up to ${most}${what}`] : [];
}

/** A value that fits a schema, as far as that can be guessed. */
function sample(api, schema, depth = 0) {
  const full = resolved(api, schema);
  if (full.example !== undefined) return full.example;
  if (Array.isArray(full.examples) && full.examples.length > 0) return full.examples[0];
  if (full.default !== undefined) return full.default;
  if (full.const !== undefined) return full.const;
  if (full.enum) return full.enum[0];
  if (full.allOf) return Object.assign({}, ...full.allOf.map((part) => sample(api, part, depth + 1)));
  if (full.oneOf || full.anyOf) return sample(api, (full.oneOf || full.anyOf)[0], depth + 1);
  const type = [full.type].flat()[0] || (full.properties ? "object" : "string");
  if (depth > depthMax) return null;
  switch (type) {
    case "object": {
      const made = {};
      for (const [name, part] of Object.entries(full.properties || {})) made[name] = sample(api, part, depth + 1);
      return made;
    }
    case "array": return full.items ? [sample(api, full.items, depth + 1)] : [];
    case "integer":
    case "number": return full.minimum !== undefined ? full.minimum : (full.exclusiveMinimum ?? 0) + 1;
    case "boolean": return true;
    case "null": return null;
    default: return "text".padEnd(Math.min(full.minLength || 0, 100), "x").slice(0, full.maxLength ?? 100);
  }
}

// MARK: What is seen

function badge(method) {
  return element("span", { class: `method ${method}` }, method.toUpperCase());
}

function link(operation) {
  return `#/${encodeURIComponent(operation.api.id)}/${encodeURIComponent(operation.operationId)}`;
}

function labelOf(api) {
  return api.version ? `${api.displayName} ${api.version}` : api.displayName;
}

function showNavigation(current) {
  navigation.replaceChildren(
    ...apis.flatMap((api) => [
      element("h2", {}, labelOf(api)),
      element("ul", {}, operations(api).map((operation) => element("li", {},
        element("a", { href: link(operation), "aria-current": link(operation) === current && "page" },
          badge(operation.method), element("span", { class: "path" }, operation.path))))),
    ]));
}

function showStart() {
  document.title = "APIs";
  content.replaceChildren(
    element("h1", {}, "APIs"),
    apis.length === 0 ? element("p", { class: "quiet" }, "There is no API yet.") : "",
    element("div", { class: "cards" }, apis.map((api) => {
      const first = operations(api)[0];
      return element("a", { class: "card", href: first ? link(first) : "#/" },
        element("h3", {}, labelOf(api)),
        element("p", { class: "path quiet" }, api.path),
        element("p", {}, api.description));
    })),
    element("h2", {}, "Products"),
    products.length === 0 ? element("p", { class: "quiet" }, "There is no product yet.") : "",
    element("div", { class: "cards" }, products.map((product) => element("div", { class: "card" },
      element("h3", {}, product.displayName),
      element("p", {}, product.apis.map((id) => labelOf(apis.find((api) => api.id === id) || { displayName: id }))
        .join(", ")),
      element("p", { class: "quiet" }, product.requiresSubscription ? "With a subscription's key" : "Without a key"),
      product.limits.map((limit) => element("p", { class: "quiet" }, limit))))));
}

function schemaRows(api, schema, depth = 0, seen = []) {
  const full = resolved(api, schema);
  const name = nameOf(schema);
  if (depth > depthMax || (name && seen.includes(name))) return [];
  const inner = name ? [...seen, name] : seen;
  const object = full.type === "array" || full.items ? resolved(api, full.items) : full;
  const innerSeen = nameOf(full.items) ? [...inner, nameOf(full.items)] : inner;
  if (object !== full && seen.includes(nameOf(full.items))) return [];
  return Object.entries(object.properties || {}).flatMap(([property, part]) => {
    const described = resolved(api, part).description;
    return [
      element("tr", {},
        element("td", { class: `nested depth-${Math.min(depth, 5)}` }, element("code", {}, property),
          (object.required || []).includes(property) ? element("span", { class: "quiet" }, " required") : ""),
        element("td", {}, summary(api, part)),
        described ? element("td", { class: "wide" }, described) : ""),
      ...schemaRows(api, part, depth + 1, innerSeen),
    ];
  });
}

function schemaSection(api, title, schema) {
  if (!schema) return [];
  const rows = schemaRows(api, schema);
  return [
    element("h2", {}, title),
    element("p", { class: "quiet small" }, summary(api, schema)),
    rows.length > 0
      ? element("table", {}, element("tr", {}, element("th", {}, "Property"), element("th", {}, "Type")), rows)
      : "",
  ];
}

function bodySchema(operation) {
  return operation.requestBody?.content?.["application/json"]?.schema;
}

function parameterTable(operation) {
  if (!operation.parameters) return [];
  const isDescribed = operation.parameters.some((parameter) => parameter.description);
  return [
    element("h2", {}, "Parameters"),
    element("table", {},
      element("tr", {}, element("th", {}, "Name"), element("th", {}, "In"), element("th", {}, "Type"),
        isDescribed ? element("th", { class: "wide" }, "Meaning") : ""),
      operation.parameters.map((parameter) => element("tr", {},
        element("td", {}, element("code", {}, parameter.name),
          parameter.required ? element("span", { class: "quiet" }, " required") : ""),
        element("td", {}, parameter.in),
        element("td", {}, summary(operation.api, parameter.schema)),
        isDescribed ? element("td", { class: "wide" }, parameter.description || "") : ""))),
  ];
}

function responseTable(operation) {
  const responses = Object.entries(operation.responses || {});
  return [
    element("h2", {}, "Answers"),
    element("table", {}, element("tr", {}, element("th", {}, "Status"), element("th", {}, "Meaning"),
      element("th", { class: "wide" }, "Body")),
    responses.map(([status, response]) => element("tr", {},
      element("td", {}, element("code", {}, status)),
      element("td", {}, response.description || ""),
      element("td", { class: "wide" }, summary(operation.api, response.content?.["application/json"]?.schema))))),
  ];
}

function showOperation(operation) {
  document.title = `${operation.method.toUpperCase()} ${operation.path}`;
  const offering = products.filter((product) => product.apis.includes(operation.api.id));
  content.replaceChildren(
    element("h1", {}, operation.summary || operation.operationId),
    element("div", { class: "line" }, badge(operation.method), element("span", { class: "path" }, operation.path)),
    operation.description ? element("p", {}, operation.description) : "",
    offering.length > 0
      ? element("p", { class: "quiet small" }, `Offered as ${offering.map((one) => one.displayName).join(", ")}`) : "",
    ...parameterTable(operation),
    ...schemaSection(operation.api, "Body", bodySchema(operation)),
    ...responseTable(operation),
    element("h2", {}, "Try it"),
    trial(operation));
}

// MARK: Trying

function field(label, note, input) {
  return element("label", {}, label, note ? element("span", { class: "quiet" }, ` ${note}`) : "", input);
}

/** The form that sends a request, and what came of it. */
function trial(operation) {
  const inputs = (operation.parameters || []).map((parameter) => {
    const full = resolved(operation.api, parameter.schema);
    const fixed = full.const !== undefined ? String(full.const) : undefined;
    const input = full.enum && !full.type?.includes?.("array")
      ? element("select", {}, parameter.required ? "" : element("option", { value: "" }, ""),
        full.enum.map((value) => element("option", { value: String(value) }, String(value))))
      : element("input", { type: "text", value: fixed, autocomplete: "off", spellcheck: "false" });
    return { parameter, input };
  });
  const body = bodySchema(operation);
  const text = body && element("textarea", { spellcheck: "false", "aria-label": "Body" });
  if (text) text.value = JSON.stringify(sample(operation.api, body), null, 2);
  const key = element("input", {
    type: "password", autocomplete: "off", value: credentials.key, oninput: () => { credentials.key = key.value; },
  });
  const token = element("input", {
    type: "password", autocomplete: "off", value: credentials.token,
    oninput: () => { credentials.token = token.value; },
  });
  const command = element("pre", { "aria-label": "The request as a command" });
  const outcome = element("div", { "aria-live": "polite" });
  const send = element("button", { type: "submit" }, "Send");
  const current = () => request(operation, inputs, text);
  const update = () => { command.textContent = commandLine(operation, current()); };
  const form = element("form", {
    oninput: update,
    onsubmit: async (event) => {
      event.preventDefault();
      send.disabled = true;
      await answer(operation, current(), outcome);
      send.disabled = false;
    },
  },
  element("div", { class: "fields" },
    inputs.map(({ parameter, input }) => field(parameter.name, parameter.required ? "required" : parameter.in, input)),
    operation.api.requiresSubscription ? field("Key", operation.api.keyHeader, key) : "",
    operation.api.requiresSubscription ? field("Token", "where there is no key", token) : ""),
  text ? element("div", { class: "actions" }, field("Body", "JSON", text)) : "",
  element("div", { class: "actions" }, send));
  update();
  return element("div", {}, form, command, outcome);
}

/** What the form says: the target, header fields and a body, without keys. */
function request(operation, inputs, text) {
  let path = operation.path;
  const query = new URLSearchParams();
  const headers = {};
  for (const { parameter, input } of inputs) {
    const value = input.value;
    if (parameter.in === "path") {
      path = path.replace(`{${parameter.name}}`, () => encodeURIComponent(value) || `{${parameter.name}}`);
    }
    if (value === "") continue;
    const isList = parameter.explode === true;
    if (parameter.in === "query") {
      for (const part of isList ? value.split(",") : [value]) query.append(parameter.name, part);
    }
    if (parameter.in === "header") headers[parameter.name] = value;
  }
  if (text) headers["Content-Type"] = "application/json";
  const fields = query.toString();
  return { method: operation.method.toUpperCase(), target: path + (fields ? `?${fields}` : ""), headers, body: text?.value };
}

/** The request as a command for a shell; the key stays out of it. */
function commandLine(operation, made) {
  const quoted = (value) => `'${value.replaceAll("'", "'\\''")}'`;
  const words = ["curl"];
  if (made.method !== "GET") words.push("-X", made.method);
  words.push(quoted(location.origin + made.target));
  if (operation.api.requiresSubscription) words.push("-H", quoted(`${operation.api.keyHeader}: KEY`));
  for (const [name, value] of Object.entries(made.headers)) words.push("-H", quoted(`${name}: ${value}`));
  if (made.body) words.push("-d", quoted(made.body));
  return words.join(" ");
}

async function answer(operation, made, outcome) {
  const headers = { ...made.headers };
  if (operation.api.requiresSubscription) {
    if (credentials.key) headers[operation.api.keyHeader] = credentials.key;
    if (credentials.token) headers.Authorization = `Bearer ${credentials.token}`;
  }
  const started = performance.now();
  try {
    const response = await fetch(made.target, {
      method: made.method, headers, body: made.body, cache: "no-store", credentials: "omit", redirect: "manual",
    });
    const text = await response.text();
    const milliseconds = Math.round(performance.now() - started);
    outcome.replaceChildren(
      element("h2", {}, "Answer"),
      element("p", {}, element("span", { class: response.ok ? "good" : "bad" }, `${response.status}`),
        element("span", { class: "quiet" }, ` ${milliseconds} ms`)),
      element("pre", { "aria-label": "Header fields" },
        [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n") || "no header fields"),
      text ? element("pre", { "aria-label": "Body" }, pretty(text)) : "");
  } catch (error) {
    outcome.replaceChildren(element("p", { class: "bad" }, `The request could not be sent: ${error.message}`));
  }
}

function pretty(text) {
  let shown = text;
  try {
    shown = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // What is no JSON is shown as it came.
  }
  return shown.length > shownMax ? `${shown.slice(0, shownMax)} …` : shown;
}

// MARK: Begin

function show() {
  const [, id, operationID] = location.hash.split("/").map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return "";
    }
  });
  const api = apis.find((one) => one.id === id);
  const operation = api && operations(api).find((one) => one.operationId === operationID);
  showNavigation(operation ? link(operation) : "");
  if (operation) showOperation(operation);
  else showStart();
  closeMenu();
  window.scrollTo(0, 0);
}

function closeMenu() {
  navigation.classList.remove("open");
  menu.setAttribute("aria-expanded", "false");
}

menu.addEventListener("click", () => {
  menu.setAttribute("aria-expanded", String(navigation.classList.toggle("open")));
});
window.addEventListener("hashchange", () => {
  show();
  content.focus({ preventScroll: true });
});

(async () => {
  try {
    const response = await fetch("/_orrery/developer/apis.json", { cache: "no-store" });
    ({ apis, products } = await response.json());
    show();
  } catch {
    content.replaceChildren(element("p", { class: "bad" }, "The APIs cannot be shown at the moment."));
  }
})();
