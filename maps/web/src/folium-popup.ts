/** What Python says of a layer: its style and the columns that a popup shows. */
export interface Look {
  id: string;
  geometry: "point" | "line" | "polygon" | "mixed";
  colour: string;
  line_width_px: number;
  fill_opacity: number;
  radius_px: number;
  by: string | null;
  edge: string | null;
  colours: Record<string, string>;
  lines: Record<string, [widthPx: number, dashes: string]>;
}

/** The page's words, in the reader's language. */
export interface Words {
  lang: string;
  title: string;
  zoom_in: string;
  zoom_out: string;
  close: string;
  unnamed: string;
  yes: string;
  more: string;
  page: string | null;
  streets: string | null;
  properties: Record<string, { title: string; type: string }>;
  values: Record<string, Record<string, string>>;
}

export function readBlock<T>(id: string): T {
  return JSON.parse(document.getElementById(id)?.textContent || "null") as T;
}

/** The name in the reader's language, else in another one. */
export function nameOf(feature: GeoJSON.Feature, words: Words, look?: Look): string {
  const told = feature.properties ?? {};
  const order = [words.lang, ...(words.lang === "nl" ? ["fr", "en"] : ["nl", "fr", "en"])];
  const name = order.map((lang) => told[`name_${lang}`]).find(Boolean);
  return String(name ?? valueOf(look?.by ?? "", told[look?.by ?? ""], words) ?? words.unnamed);
}

/** The popup. Everything a record says goes in as text: a name that looks like HTML stays a name. */
export function describe(feature: GeoJSON.Feature, words: Words, look: Look): HTMLElement {
  const told = feature.properties ?? {};
  const box = add(document.createElement("article"), "h2", nameOf(feature, words, look)).parentElement!;
  box.className = "said";
  box.tabIndex = -1;
  const list = add(box, "dl");
  for (const [name, { title }] of Object.entries(words.properties)) {
    const value = valueOf(name, told[name], words);
    if (value === null) continue;
    add(list, "dt", title);
    add(list, "dd", value);
  }
  if (words.page) {
    const link = add(box, "a", words.more) as HTMLAnchorElement;
    link.href = words.page.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(String(told[key] ?? "")));
  }
  return box;
}

function valueOf(name: string, value: unknown, words: Words): string | null {
  if (value === null || value === undefined || value === "" || value === false) return null;
  if (value === true) return words.yes;
  const type = words.properties[name]?.type;
  if (type === "number") return Number(value).toLocaleString(`${words.lang}-BE`, { maximumFractionDigits: 2 });
  if (type === "date") return new Date(String(value)).toLocaleDateString(`${words.lang}-BE`, { dateStyle: "long", timeZone: "UTC" });
  return words.values[name]?.[String(value)] ?? String(value);
}

function add(parent: HTMLElement, tag: string, text = ""): HTMLElement {
  return parent.appendChild(Object.assign(document.createElement(tag), { textContent: text }));
}
