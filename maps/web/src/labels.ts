import type { GeoJSONSource, Map as MapLibreMap } from "maplibre-gl";
import { colour } from "./ground";

const STYLES: Record<string, { font: string; ink: string; width: number }> = {
  station: { font: "500 12px", ink: "ink-soft", width: 130 },
  zone: { font: "650 13px", ink: "ink-soft", width: 120 },
};

/** Names as images drawn with the page's own font: no glyph server, and collisions are MapLibre's work. */
export function drawLabels(map: MapLibreMap): void {
  map.setMissingStyleImageResolver((id) => {
    const [kind, words] = split(id);
    const style = STYLES[kind];
    if (style && words && !map.hasImage(id)) map.addImage(id, draw(words, style, kind === "station"), { pixelRatio: 2 });
  });
}

interface Zone {
  name: Record<string, string | null>;
  lon: number | null;
  lat: number | null;
}

let zones: Promise<GeoJSON.Feature[]> | undefined;

/** Name the quartiers, each once, at a point inside it. */
export async function nameQuartiers(map: MapLibreMap, lang: string): Promise<void> {
  zones ??= readZones(lang);
  const features = await zones;
  map.getSource<GeoJSONSource>("names")?.setData({ type: "FeatureCollection", features });
}

async function readZones(lang: string): Promise<GeoJSON.Feature[]> {
  const answer = await fetch("/api/v1/zones?kind=quartier&limit=1000");
  if (!answer.ok) return [];
  const { items } = (await answer.json()) as { items: Zone[] };
  return items.flatMap(({ name, lon, lat }): GeoJSON.Feature[] => {
    if (lon === null || lat === null) return [];
    const words = name[lang] ?? name.fr ?? name.nl ?? "";
    return [{ type: "Feature", geometry: { type: "Point", coordinates: [lon, lat] }, properties: { name: words } }];
  });
}

function split(id: string): [string, string] {
  const at = id.indexOf(":");
  return [id.slice(0, at), id.slice(at + 1)];
}

function draw(words: string, style: { font: string; ink: string; width: number }, dot: boolean): ImageData {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d")!;
  const font = `${style.font} "Atkinson Hyperlegible Next", sans-serif`;
  pen.font = font;
  const lines = wrap(pen, words, style.width);
  const width = Math.ceil(Math.max(...lines.map((line) => pen.measureText(line).width))) + 8;
  const top = dot ? 10 : 0;
  const height = lines.length * 15 + 6 + top;
  [canvas.width, canvas.height] = [width * 2, height * 2];
  pen.scale(2, 2);
  Object.assign(pen, { font, textAlign: "center", textBaseline: "top", lineJoin: "round", lineWidth: 3 });
  pen.strokeStyle = colour("map-ground");
  pen.fillStyle = colour(style.ink);
  if (dot) {
    pen.beginPath();
    pen.arc(width / 2, 5, 3.5, 0, 7);
    pen.stroke();
    pen.fill();
  }
  lines.forEach((line, i) => {
    pen.strokeText(line, width / 2, 3 + top + i * 15);
    pen.fillText(line, width / 2, 3 + top + i * 15);
  });
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

function wrap(pen: CanvasRenderingContext2D, words: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of words.split(" ")) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && pen.measureText(longer).width <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
